#pragma once

// Every kernel of the library: plain functions over pointers and sizes, each for the dtypes it
// names, run on the best SIMD target that the CPU has (never -march=native). Pointers to numbers
// are row-major and may have any alignment; sizes may be 0. Kernels do not check their arguments:
// ops do.
//
// Bits: a result depends on the numbers and the sizes only, never on threads(). All targets with
// FMA (AVX2, AVX-512, NEON) give the same bits; the baseline, x86 without FMA, is a class of its
// own. What OpenBLAS or its LAPACK computes may differ between its builds and cores: see PortableBits.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/lane_table.h"

namespace hourglass::kernels {

// --- targets ---

// Narrows the SIMD targets from here on: "avx512", "avx2", "baseline" on x86, "neon" on AArch64, or
// "best" for all the CPU has. Throws Error on an unknown name or one that this CPU lacks. Not to be
// called while kernels run.
void set_cpu_target(std::string_view name);
std::string cpu_target();  // the name of the target in use, one of the above but "best"
std::span<const std::string_view> cpu_targets();  // the names that this CPU supports, best first

// --- lanes ---

// y[i] = f(inputs[0][i], inputs[1][i], ...) for i in [0, n); y may be one of the inputs. Runs on
// the calling thread: callers split. Real lanes exist for f32 and f64; negate, abs, sign, square,
// relu, add, subtract, multiply, maximum, minimum, the comparisons and where for i32 too (wrapping
// around).
using LaneFunction = void (*)(const void* const* inputs, void* y, std::size_t n,
                              const double* parameters);

LaneFunction lane_function(Lane lane, DType dtype);  // nullptr where the lane has no such dtype

// Cheap lanes in one pass over memory, each rounding as it would alone: a chain of links, which act
// on a number that stays in a register, or on one aside, and at last store the first. f32 and f64.
enum class ChainOp : std::uint8_t {
  kLoad,  // what every chain, and every part aside, begins with
  kAdd,
  kSubtract,
  kSubtractFrom,  // operand - number
  kMultiply,
  kDivide,
  kDivideInto,  // operand / number
  kSqrt,        // this and the next two have no operand
  kSquare,
  kRelu
};
enum class ChainSource : std::uint8_t {
  kArray,   // an element of inputs[operand] for each
  kScalar,  // the first of inputs[operand] for all
  kAside,   // the number aside
  kNone,    // of an op without operand
  kKept     // kArray of what a LaneChain keeps: it says so itself
};
struct ChainLink {
  ChainOp op = ChainOp::kLoad;
  ChainSource source = ChainSource::kArray;
  bool aside = false;        // acts on the number aside
  std::uint8_t operand = 0;  // below kMostChainInputs
  bool operator==(const ChainLink&) const = default;
};
constexpr std::size_t kMostChainInputs = 8;
struct LaneChain {
  explicit LaneChain(std::vector<ChainLink> links);
  std::vector<ChainLink> links;
  // The array that most links read, if several do: it is loaded once for all of them.
  std::size_t kept = kMostChainInputs;
};
// y, of n elements, may lie over any of the arrays.
using ChainFunction = void (*)(const LaneChain& chain, const void* const* inputs, void* y,
                               std::size_t n);
// What runs these links, or any where none are given; nullptr for other dtypes.
ChainFunction lane_chain(DType dtype, std::span<const ChainLink> links = {});

// An update of several results that one kernel makes in one pass over memory, and the lanes that it
// stands for: each operation rounds by itself, so the bits are those of the lanes one after the
// other. Loops that hold these lanes run the kernel instead.
struct FusedUpdate {
  struct Step {
    Lane lane = Lane::kNone;           // of one or two inputs
    std::array<int, 2> operands = {};  // registers: the arrays, the scalars, the steps so far
  };
  // inputs: the arrays, of n elements, then the scalars, of one; outputs: the results, which may
  // lie over arrays. Returns whether all results are finite. On the calling thread; `shared` says
  // that others may hold the last result's memory in their caches: it is stored past these.
  using Function = bool (*)(const void* const* inputs, void* const* outputs, std::size_t n,
                            bool shared);

  std::string_view name;
  int arrays = 0, scalars = 0;
  std::vector<Step> steps;
  std::vector<int> results;               // registers; the last step makes the last result
  Function (*function)(DType) = nullptr;  // nullptr but for f32 and f64
};
std::span<const FusedUpdate> fused_updates();  // the one of most steps first

// Whether none of the numbers is infinite or NaN; true for integers. On the calling thread.
bool all_finite(DType dtype, const void* x, std::int64_t n);

// A lane over a whole array, split over threads.
void run_lane(Lane lane, DType dtype, std::span<const void* const> inputs, void* y, std::int64_t n,
              const double* parameters = nullptr);

// Between any two dtypes: reals to integers truncate towards zero and saturate (NaN gives 0), as do
// integers to narrower ones; to f32 rounds to nearest. x and y do not overlap, unless from == to.
void cast(DType from, DType to, const void* x, void* y, std::int64_t n);

// --- reductions ---

enum class Reduction : std::uint8_t { kSum, kProd, kMax, kMin, kArgmax, kArgmin };

// x is [outer, n, inner]; the middle axis goes: y is [outer, inner]. f32, f64 and i32, whose sums
// and products wrap around. Argmax and argmin write i32 indices, the first of equals; max, min,
// argmax, argmin let a NaN win. kMax and kMin need n > 0; the sum of nothing is 0, the product 1.
//
// Sums and products: with inner = 1 over 16 logical lanes in f32 (8 in f64), whatever the vector
// width, in chunks joined by one fixed tree; otherwise column by column, 8 rows at a time, joined
// by another. The tree follows n alone: a row's bits do not depend on the rows beside it. On its
// way a number goes through at most 27 additions for n <= 2^15 and 27 more for each factor of 2^15,
// so that the error is at most 27 (54, ...) * epsilon / 2 * sum |x| to first order.
void reduce(Reduction reduction, DType dtype, const void* x, void* y, std::int64_t outer,
            std::int64_t n, std::int64_t inner);

// Sums on the calling thread, for loops that add up what they make: of each of `rows` rows of n <=
// 32768 numbers that begin `stride` apart, and of each column of n <= 256 such rows.
void sum_rows(DType dtype, const void* x, void* y, std::int64_t rows, std::int64_t n,
              std::int64_t stride);
void sum_columns(DType dtype, const void* x, void* y, std::int64_t n, std::int64_t columns,
                 std::int64_t stride);

// y[i] = x . row i of rows [n, width], f32, by 16 logical lanes of multiply-adds, joined by one tree: at
// the speed of memory. On the calling thread.
void row_products(const float* x, const float* rows, std::int64_t n, std::int64_t width, float* y);

// y[i] = in how many bits column i of `items` differs from `query`: words [words, n] whose rows begin
// `stride` apart, query [words]. On the calling thread.
void hamming_distances(const std::uint64_t* query, const std::uint64_t* items, std::int64_t words,
                       std::int64_t n, std::int64_t stride, std::int32_t* y);

// Running sums along the middle axis of [outer, n, inner], in index order; `exclusive` starts at 0,
// `reverse` runs from the end. f32, f64 and i32 (which wraps around). f32 adds in f64 and rounds
// once.
void cumsum(DType dtype, const void* x, void* y, std::int64_t outer, std::int64_t n,
            std::int64_t inner, bool exclusive, bool reverse);

// --- products ---

// c[i] = op(a[i]) op(b[i]) for `batch` row-major matrices: op(a) is [m, k], op(b) is [k, n], c is
// [m, n]; a flag says that the operand is stored transposed. A batch stride of 0 shares one matrix.
// f32 and f64. Blocks of c are handed to threads, each computed by our own tiles or by a
// single-threaded OpenBLAS call, as gemm_route says. With tiles every element is fma(a, b, sum) in
// order of k from 0, however c is cut.
struct Gemm {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  std::int64_t stride_a = 0, stride_b = 0, stride_c = 0;  // elements between matrices of the batch
};
void gemm(DType dtype, const Gemm& shape, const void* a, const void* b, void* c);

// Who computes a product: a function of sizes, CPU target and portable_bits() alone. Without FMA
// OpenBLAS does, whose bits are as good as any there.
enum class GemmRoute : std::uint8_t { kTiles, kOpenBlas };
GemmRoute gemm_route(const Gemm& shape);
std::string_view name_of(GemmRoute route);  // "tiles", "OpenBLAS"

// How our tiles cut a product so that its parts stay in a machine's caches. No bit depends on it: it
// may be measured.
struct GemmBlocking {
  std::int64_t depth = 1024;    // of k, that a panel of b holds; from 16 to 1024
  std::int64_t rows_kib = 768;  // KiB of a that meet all panels of b before the next rows do
  std::int64_t in_place = 16;   // where so few tiles of rows meet a panel, b is read where it lies
  bool packs_transposed = false;  // a transposed a that many panels meet is laid out for them
  bool turns_narrow = true;       // transposed a times b of few columns is computed as b^T a

  // "default", "measured" (by measured_gemm_blocking), or as to_text writes it, where what is left
  // out is as by default. Throws Error, saying what it expected.
  static GemmBlocking from_text(const std::string& text);
  bool operator==(const GemmBlocking&) const = default;
};
std::string to_text(const GemmBlocking& blocking);  // "depth=1024,rows=768,in-place=16,pack=no,..."

// What products take from here on. One that was not set is the default of the target in use.
GemmBlocking gemm_blocking();
GemmBlocking default_gemm_blocking();
// Throws Error, naming it, for a size that is out of range. May be called while products run.
void set_gemm_blocking(const GemmBlocking& blocking);
// The best for this machine and target, found by products on the calling thread: 0.1 s, which a
// process that multiplies little does not get back.
GemmBlocking measured_gemm_blocking();
// Asks `source` for the blocking once this process has done 2^32 multiply-adds in products, those
// of convolutions by patches among them (convolutions by lanes and by taps have no blocking): then
// at once, on the thread that multiplies.
void set_gemm_blocking_when_busy(GemmBlocking (*source)());

// Sets portable_bits() for the calling thread while it lives; without one it is true. Where it is
// true, gemm and the convolutions called on this thread take our own tiles wherever there is FMA,
// so that their bits are the same on every such CPU, whichever OpenBLAS is installed. Where it is
// false, OpenBLAS serves the few shapes at which it is ahead. Eigenvalues and singular values come
// from LAPACK either way. Bits never depend on threads().
class PortableBits {
 public:
  explicit PortableBits(bool on);
  ~PortableBits();
  PortableBits(const PortableBits&) = delete;
  PortableBits& operator=(const PortableBits&) = delete;

 private:
  bool before_;
};
bool portable_bits();

// "OpenBLAS 0.3.21, SkylakeX, openmp build": what was found, for `info` and benchmarks.
std::string blas_description();

// The rows of a sparse matrix S [rows, width] as arrays (CSR): row i holds values[p] in column
// columns[p] for p in [starts[i], starts[i + 1]). What stands behind starts[rows], up to
// `capacity`, is padding: its columns are in [0, width), its values are not read.
struct SparseRows {
  std::int64_t rows = 0, width = 0, capacity = 0;
  const std::int32_t* columns = nullptr;  // [capacity]
  const std::int32_t* starts = nullptr;   // [rows + 1], from 0, rising
};

// Three products with a dense matrix of n columns, f32 and f64, `transposed` where w (or y of the
// second) is stored as [n, width]. Throw Error, naming the first that is at fault, where a column is
// out of range or the starts do not rise from 0 to at most the capacity. Every element of the first
// two is fma(value, number, sum) in order of p from 0, as gemm's are in order of k.
//   y [rows, n] = S w, w [width, n]
void sparse_matmul(DType dtype, const SparseRows& s, const void* values, const void* w,
                   bool transposed, std::int64_t n, void* y);
//   y [width, n] = S' a, a [rows, n]
void sparse_transpose_matmul(DType dtype, const SparseRows& s, const void* values, const void* a,
                             std::int64_t n, bool transposed, void* y);
//   values[p] = a[i] . w[columns[p]] in row i, 0 in padding: a w' where S has entries
void sampled_matmul(DType dtype, const SparseRows& s, const void* a, const void* w, bool transposed,
                    std::int64_t n, void* values);

// Eigenvalues (ascending) and eigenvectors of a symmetric f64 [n, n] matrix: row i of `vectors` is
// the unit vector of values[i], its largest component positive. LAPACK dsyevd. Throws Error if it
// fails.
void symmetric_eigen(std::int64_t n, const double* matrix, double* values, double* vectors);

// Singular values (descending) of an f64 [m, n] matrix. LAPACK dgesdd. Throws Error if it fails.
void singular_values(std::int64_t m, std::int64_t n, const double* matrix, double* values);

// --- convolution ---

// The geometry of a 2-D convolution, shared by the three kernels: x [batch, in_channels, in_h,
// in_w], w [out_channels, in_channels / groups, kernel_h, kernel_w], y [batch, out_channels, out_h,
// out_w],
//   y[b, o, i, j] = sum over c, p, q of w[o, c, p, q]
//                   * x[b, group(o) + c, i * stride_h - pad_top + p * dilation_h, ...],
// where x is 0 outside. The output sizes count: pad_bottom and pad_right say how they came about
// and are not read, so that a transposed convolution's output padding needs nothing more. Sizes are
// at least 0, kernels, strides, dilations and groups at least 1; paddings may be negative.
struct Conv2d {
  std::int64_t batch = 1, in_channels = 1, out_channels = 1, groups = 1;
  std::int64_t in_h = 1, in_w = 1, kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  std::int64_t out_h = 1, out_w = 1;
};

// Whether it is a dense layer, [batch, inputs] times [out_channels, inputs] transposed, and computed
// as one: a kernel as large as its image, seen once.
bool is_dense(const Conv2d& conv);

// The convolution, and its two adjoints: the gradient g [batch, out_channels, out_h, out_w] of y
// gives that of x (which is the transposed convolution of g) and that of w. f32 and f64, through
// patches and products: an element's sum runs in blocks as gemm's does, and the weight gradient's
// over blocks of images that are joined by one tree. The error is that of a sum of so many
// products.
void conv2d(DType dtype, const Conv2d& conv, const void* x, const void* w, void* y);
void conv2d_input_gradient(DType dtype, const Conv2d& conv, const void* g, const void* w, void* x);
void conv2d_weight_gradient(DType dtype, const Conv2d& conv, const void* x, const void* g, void* w);

// Windows over `planes` images [in_h, in_w] (batch times channels): the window of output (i, j)
// holds the inputs (i * stride_h - pad_top + p * dilation_h, ...) that lie inside.
struct Pool2d {
  std::int64_t planes = 1, in_h = 1, in_w = 1, kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t out_h = 1, out_w = 1;
};

// i32 [planes, out_h, out_w]: where the largest element of each window lies in its plane of x,
// counted row-major; the first of equals, and a NaN wins. -1 for a window that holds nothing. f32,
// f64 and i32. Max-pooling is take_along_rows on it, its gradient scatter_add_along_rows.
void max_pool2d_indices(DType dtype, const Pool2d& pool, const void* x, std::int32_t* indices);

// --- moving numbers: any dtype, by element size ---

// y[index permuted] = x[index]: axis i of y is axis permutation[i] of x.
void transpose(DType dtype, std::span<const std::int64_t> x_sizes, std::span<const int> permutation,
               const void* x, void* y);

// Strided copy into a dense y of y_sizes: the element at index i of y is x[offset + sum i[d] *
// strides[d]], strides in elements; 0 broadcasts, negative flips. Serves broadcast_to, slice and
// flip.
void gather_strided(DType dtype, std::span<const std::int64_t> y_sizes,
                    std::span<const std::int64_t> x_strides, std::int64_t x_offset, const void* x,
                    void* y);

// The other way: y[offset + sum i[d] * strides[d]] = x at index i; other elements stay as they are.
// No two indices may meet. Serves pad, concat and the gradient of slice.
void scatter_strided(DType dtype, std::span<const std::int64_t> x_sizes,
                     std::span<const std::int64_t> y_strides, std::int64_t y_offset, const void* x,
                     void* y);

// y[i] = value, converted as cast() does.
void fill(DType dtype, double value, void* y, std::int64_t n);

// y[i] = x[(row + i / columns) % rows] for i in [0, n): numbers x [rows] spread over rows of that
// many columns, from one on, again and again. On the calling thread: callers split.
struct RowSpread {
  std::int64_t rows = 1, row = 0, columns = 1;
};
void spread_rows(DType dtype, const RowSpread& spread, const void* x, void* y, std::int64_t n);

// x is [outer, n, inner], indices i32 [count] in [0, n): y is [outer, count, inner], y[o, j, i] =
// x[o, indices[j], i]. An index out of range throws Error before anything is written, here and
// below: `take: index out of range: indices[3] = 12: expected 0 to 9`, the first one in order.
void take(DType dtype, const void* x, std::int64_t outer, std::int64_t n, std::int64_t inner,
          const std::int32_t* indices, std::int64_t count, void* y);

// Its adjoint: y [outer, n, inner] = 0, then y[o, indices[j], i] += x[o, j, i] in order of j.
void scatter_add(DType dtype, const void* x, std::int64_t outer, std::int64_t n, std::int64_t inner,
                 const std::int32_t* indices, std::int64_t count, void* y);

// Along the last axis, one index an element: x is [rows, n], indices i32 [rows, count] in [0, n), y
// is [rows, count]; and its adjoint, which adds in order. Max-pool, sort and top-k are these on an
// index op.
void take_along_rows(DType dtype, const void* x, std::int64_t rows, std::int64_t n,
                     const std::int32_t* indices, std::int64_t count, void* y);
void scatter_add_along_rows(DType dtype, const void* x, std::int64_t rows, std::int64_t n,
                            const std::int32_t* indices, std::int64_t count, void* y);

// i32 [rows, n]: the order that sorts each row of x [rows, n], ascending or descending, equals in
// index order, NaN last. And the indices [rows, k] of the k largest, in descending order (NaN
// counts as largest).
void argsort(DType dtype, const void* x, std::int64_t rows, std::int64_t n, bool descending,
             std::int32_t* indices);
void top_k(DType dtype, const void* x, std::int64_t rows, std::int64_t n, std::int64_t k,
           std::int32_t* indices);

// --- random numbers ---

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011). The counter is (block low, block high, step, stream); element i is word i mod 4 of block i
// div 4.
struct RandomStream {
  std::uint32_t key_low = 0, key_high = 0, step = 0, stream = 0;
};
// words [first, first + n) of the stream.
void philox_words(const RandomStream& random, std::int64_t first, std::uint32_t* y, std::int64_t n);

// Elements [first, first + n) of what a stream draws, wherever they begin: y[i] is a function of
// (random, first + i) alone. Quickest where `first` begins a block, is a multiple of four.
using DrawFunction = void (*)(DType dtype, const RandomStream& random, std::int64_t first, void* y,
                              std::int64_t n);

// Uniform in (0, 1): ((word >> 9) + 0.5) * 2^-23, exact in f32, so never 0 nor 1; f64 holds the
// same values, widened.
void random_uniform(DType dtype, const RandomStream& random, std::int64_t first, void* y,
                    std::int64_t n);

// Standard normal by Box-Muller on the pairs of words (0, 1) and (2, 3), taken as uniform numbers
// u1, u2: elements 2 j and 2 j + 1 are sqrt(-2 ln u1) times the cosine and the sine of 2 pi u2.
// Relative error below 2.2 * 2^-23; |y| <= sqrt(48 ln 2) = 5.77. f64 holds the f32 values, widened.
void random_normal(DType dtype, const RandomStream& random, std::int64_t first, void* y,
                   std::int64_t n);

}  // namespace hourglass::kernels
