// A product on one thread by tiles, once a SIMD target: how the operands are cut and packed.
#if defined(HOURGLASS_KERNELS_GEMM_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_GEMM_TILES_INL_H_
#undef HOURGLASS_KERNELS_GEMM_TILES_INL_H_
#else
#define HOURGLASS_KERNELS_GEMM_TILES_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/gemm/gemm_pack-inl.h"
#include "tensor/kernels/gemm/gemm_tile-inl.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/kernels/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

// The panels of long sums. They follow from k alone, so this too is one order for every machine.
constexpr std::int64_t kLongDepth = 1024;
constexpr std::int64_t kPanelsBytes = 4 << 20;  // of b, kept rather than transposed again
constexpr std::int64_t kFewCrowdedTiles = 4;    // where rows of b share the sets of a cache

// The first element of part `part` when `size` is dealt out as evenly as can be.
inline std::int64_t part_begin(std::int64_t size, std::int64_t parts, std::int64_t part) {
  return size * part / parts;
}

// Rows [first, last) of c and products [k_first, k_last) of their sums.
struct Range {
  std::int64_t first, last, k_first, k_last;
  std::int64_t rows() const { return last - first; }
  std::int64_t k() const { return k_last - k_first; }
};

template <class T>
struct Operands {
  Product product;
  const T* a;
  const T* b;
  T* c;
  bool turned = false;  // c is stored transposed

  Stored<T> a_at(std::int64_t i, std::int64_t p) const {
    return {a + (product.transpose_a ? p * product.lda + i : i * product.lda + p), product.lda};
  }
  Stored<T> b_at(std::int64_t p, std::int64_t j) const {
    return {b + (product.transpose_b ? j * product.ldb + p : p * product.ldb + j), product.ldb};
  }
};

// a times a transposed b: b would be packed, a transposition. Where a is the smaller, c^T = b a^T
// packs a instead, and each tile is transposed on its way out. A transposed a times few columns
// leaves lanes of each vector empty, which c^T = b^T a fills.
template <class T>
bool is_turned(const Product& p, const GemmBlocking& blocking) {
  if (p.m < kLanesOf<T>) return false;
  if (p.transpose_a) {
    return !p.transpose_b && blocking.turns_narrow && p.n > 1 &&
           p.n <= kMostVectors * kLanesOf<T> && p.m >= 4 * p.n;
  }
  return p.transpose_b && p.m * p.k + 2 * p.m * p.n < p.n * p.k;  // turning costs more than packing
}

template <class T>
Operands<T> operands(const Product& p, const T* a, const T* b, T* c, const GemmBlocking& blocking) {
  if (!is_turned<T>(p, blocking)) return {p, a, b, c};
  Operands<T> turned{transposed(p), b, a, c, true};
  turned.product.ldc = p.ldc;
  return turned;
}

// Rows of b that a row of a meets together: their elements of a fill half the registers.
constexpr std::size_t kRowsTogether = kMostVectors == 3 ? 16 : 8;

// c = c + a[0] b[0] + a[1] b[1] ..., or from 0, for some rows of b: c is read and written once for
// all of them.
template <class T, std::size_t... i>
HWY_NOINLINE void add_rows(const T* a, std::int64_t a_step, Stored<T> b, std::int64_t n,
                           bool resume, T* c, std::index_sequence<i...>) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const V factors[] = {hn::Set(d, a[static_cast<std::int64_t>(i) * a_step])...};
  std::int64_t j = 0;
  for (; j + kLanesOf<T> <= n; j += kLanesOf<T>) {
    V sum = resume ? hn::LoadU(d, c + j) : hn::Zero(d);
    ((sum = hn::MulAdd(factors[i], hn::LoadU(d, b.at + static_cast<std::int64_t>(i) * b.step + j),
                       sum)),
     ...);
    hn::StoreU(sum, d, c + j);
  }
  if (j == n) return;
  V sum = resume ? load_first(d, c + j, n - j) : hn::Zero(d);
  ((sum = hn::MulAdd(factors[i],
                     load_first(d, b.at + static_cast<std::int64_t>(i) * b.step + j, n - j), sum)),
   ...);
  store_first(d, sum, n - j, c + j);
}

template <class T>
class Multiplication {
 public:
  Multiplication(const Product& product, const T* a, const T* b, T* c, const GemmBlocking& blocking)
      : blocking_(blocking),
        x_(operands(product, a, b, c, blocking)),
        vectors_(divide_up(x_.product.n, kLanesOf<T>)),
        panels_(std::max<std::int64_t>(1, divide_up(vectors_, kMostVectors))),
        tile_rows_(kMostRows[divide_up(vectors_, panels_)]) {}

  void run() {
    const Product& p = x_.product;
    if (p.m == 0 || p.n == 0) return;
    if (p.k == 0) return clear();
    if (p.m == 1 && !p.transpose_b && !x_.turned && p.k <= kLongSum) return multiply_row();
    // Between two panels c is read again.
    const std::int64_t depths = divide_up(p.k, p.k > kLongSum ? kLongDepth : blocking_.depth);
    const std::int64_t depth = divide_up(p.k, depths);
    const std::int64_t most_rows = std::max<std::int64_t>(
        tile_rows_, (blocking_.rows_kib << 10) / (depth * static_cast<std::int64_t>(sizeof(T))));
    const std::int64_t heights = divide_up(p.m, most_rows);
    const std::int64_t height = divide_up(p.m, heights);
    const std::int64_t most_vectors = divide_up(vectors_, panels_);
    const std::int64_t all_panels = depth * vectors_ * kLanesOf<T>;
    keeps_panels_ = heights > 1 && p.transpose_b &&
                    all_panels * static_cast<std::int64_t>(sizeof(T)) <= kPanelsBytes;
    const std::int64_t panel = keeps_panels_ ? all_panels : depth * most_vectors * kLanesOf<T>;
    const bool pack_a = packs_a();
    panel_ = scratch<T>(Scratch::kPanels, panel + (pack_a ? depth * height : 0) + kLanesOf<T>);
    rows_ = pack_a ? panel_ + panel : nullptr;
    for (std::int64_t q = 0; q < depths; ++q) {
      for (std::int64_t h = 0; h < heights; ++h) {
        multiply_range({part_begin(p.m, heights, h), part_begin(p.m, heights, h + 1),
                        part_begin(p.k, depths, q), part_begin(p.k, depths, q + 1)});
      }
    }
  }

 private:
  // Many panels must meet a for that to pay. It does where rows lie 4 KiB apart, and thus share one
  // set of the L1 cache; and where reading a transposed a in place takes much of each cache line for
  // little, as low tiles do.
  bool packs_a() const {
    const Product& p = x_.product;
    if (panels_ < 4 || p.m < 4 * tile_rows_) return false;
    return lie_4k_apart(p.lda) || (blocking_.packs_transposed && p.transpose_a && p.m >= 400);
  }

  bool reads_b_in_place() const {
    const Product& p = x_.product;
    const std::int64_t few = lie_4k_apart(p.ldb) ? kFewCrowdedTiles : blocking_.in_place;
    return !p.transpose_b && tiles_ <= std::min(few, blocking_.in_place);
  }

  static bool lie_4k_apart(std::int64_t step) {
    return step * static_cast<std::int64_t>(sizeof(T)) % 4096 == 0;
  }

  void clear() {
    const Product& p = x_.product;
    const std::int64_t rows = x_.turned ? p.n : p.m, columns = x_.turned ? p.m : p.n;
    for (std::int64_t i = 0; i < rows && !p.accumulate; ++i)
      std::fill_n(x_.c + i * p.ldc, columns, T{0});
  }

  // One row times b, which is read once, row after row, to the end of each: memory is the limit.
  void multiply_row() const {
    const Product& p = x_.product;
    const std::int64_t a_step = p.transpose_a ? p.lda : 1;
    bool resume = p.accumulate;
    for (std::int64_t k = 0; k < p.k; resume = true) {
      const Stored<T> b = x_.b_at(k, 0);
      const T* const a = x_.a + k * a_step;
      if (p.k - k >= static_cast<std::int64_t>(kRowsTogether)) {
        add_rows<T>(a, a_step, b, p.n, resume, x_.c, std::make_index_sequence<kRowsTogether>());
        k += static_cast<std::int64_t>(kRowsTogether);
      } else {
        add_rows<T>(a, a_step, b, p.n, resume, x_.c, std::make_index_sequence<1>());
        ++k;
      }
    }
  }

  void multiply_range(const Range& r) {
    tiles_ = divide_up(r.rows(), tile_rows_);
    if (rows_ != nullptr) pack_range(r);
    for (std::int64_t j = 0; j < panels_; ++j) {
      multiply_panel(r, part_begin(vectors_, panels_, j), part_begin(vectors_, panels_, j + 1));
    }
  }

  void pack_range(const Range& r) {
    for (std::int64_t t = 0; t < tiles_; ++t) {
      const std::int64_t i = part_begin(r.rows(), tiles_, t);
      const std::int64_t rows = part_begin(r.rows(), tiles_, t + 1) - i;
      const Stored<T> from = x_.a_at(r.first + i, r.k_first);
      T* const to = rows_ + i * r.k();
      if (x_.product.transpose_a) {
        pack_tile_transposed(from, rows, x_.product.m - r.first - i - rows, r.k(), to);
      } else {
        pack_tile(from, rows, r.k(), to, rows);
      }
    }
  }

  // Vectors [first, last) of the columns.
  void multiply_panel(const Range& r, std::int64_t first, std::int64_t last) {
    const Product& p = x_.product;
    const std::int64_t j = first * kLanesOf<T>, width = (last - first) * kLanesOf<T>;
    const std::int64_t columns = std::min(width, p.n - j);
    const Stored<T> from = x_.b_at(r.k_first, j);
    Tile<T> tile{.b_step = width,
                 .c_step = p.ldc,
                 .k = r.k(),
                 .last = columns - (width - kLanesOf<T>),
                 .resume = p.accumulate || r.k_first > 0};
    if (reads_b_in_place() && columns == width) {
      tile.b = from.at;
      tile.b_step = from.step;
    } else {
      T* const panel = keeps_panels_ ? panel_ + j * r.k() : panel_;
      tile.b = panel;
      if (!keeps_panels_ || r.first == 0) pack_panel(from, r.k(), columns, width, panel);
    }
    const bool by_rows = rows_ == nullptr && !p.transpose_a;
    for (std::int64_t t = 0; t < tiles_; ++t) {
      const std::int64_t i = part_begin(r.rows(), tiles_, t);
      const std::int64_t rows = part_begin(r.rows(), tiles_, t + 1) - i;
      const Stored<T> a =
          rows_ != nullptr ? Stored<T>{rows_ + i * r.k(), rows} : x_.a_at(r.first + i, r.k_first);
      tile.a = a.at;
      tile.a_step = a.step;
      look_ahead(r, t, last, tile);
      const TileFunction<T> function = by_rows
                                           ? tile_function<T, true>(rows, last - first, tile.last)
                                           : tile_function<T, false>(rows, last - first, tile.last);
      if (x_.turned) {
        turn(function, tile, {rows, columns, width}, x_.c + j * p.ldc + r.first + i);
      } else {
        tile.c = x_.c + (r.first + i) * p.ldc + j;
        run_tile(function, tile, {rows, columns, width});
      }
    }
  }

  // The first tiles of a panel fetch the next one, whose vectors begin at `next`, a vector of
  // columns (or of transposed rows) each: else what packs it, or reads it first, waits for memory.
  // The end may be passed: a fetch faults nowhere.
  void look_ahead(const Range& r, std::int64_t t, std::int64_t next, Tile<T>& tile) const {
    tile.ahead = nullptr;
    if (t >= std::min<std::int64_t>(kMostVectors, vectors_ - next)) return;
    if (keeps_panels_ && r.first > 0) return;  // it is packed already
    const Stored<T> from = x_.b_at(r.k_first, (next + t) * kLanesOf<T>);
    tile.ahead = from.at;
    tile.ahead_step = x_.product.transpose_b ? kLanesOf<T> : from.step;
  }

  void pack_panel(Stored<T> from, std::int64_t k, std::int64_t columns, std::int64_t width,
                  T* to) const {
    if (x_.product.transpose_b) {
      pack_transposed(from, k, columns, width, to);
    } else {
      pack_rows(from, k, columns, width, to);
    }
  }

  struct TileSize {
    std::int64_t rows, columns, width;  // the columns rounded up to whole vectors
  };

  // Goes on from what c holds, or of a long sum adds to it what these k give.
  void run_tile(TileFunction<T> function, const Tile<T>& tile, const TileSize& size) const {
    if (!tile.resume || x_.product.k <= kLongSum) return function(tile);
    HWY_ALIGN T sums[kRowLimit * kMostVectors * kLanesOf<T>];
    Tile<T> alone = tile;
    alone.c = sums;
    alone.c_step = size.width;
    alone.resume = false;
    function(alone);
    for (std::int64_t i = 0; i < size.rows; ++i) {
      for (std::int64_t j = 0; j < size.columns; ++j) {
        tile.c[i * tile.c_step + j] += sums[i * size.width + j];
      }
    }
  }

  // A tile of c^T.
  void turn(TileFunction<T> function, Tile<T> tile, const TileSize& size, T* c) {
    const std::int64_t ldc = x_.product.ldc;
    HWY_ALIGN T buffer[kTurnedRows * kMostVectors * kLanesOf<T>];
    tile.c = buffer;
    tile.c_step = size.width;
    if (tile.resume) pack_transposed<T>({c, ldc}, size.rows, size.columns, size.width, buffer);
    run_tile(function, tile, size);
    unpack_transposed<T>({buffer, size.width}, size.rows, size.columns, c, ldc);
  }

  static constexpr std::int64_t kTurnedRows = divide_up(kRowLimit, kLanesOf<T>) * kLanesOf<T>;

  const GemmBlocking& blocking_;
  Operands<T> x_;
  std::int64_t vectors_, panels_, tile_rows_;
  std::int64_t tiles_ = 0;  // of the range at hand
  bool keeps_panels_ = false;
  T* panel_ = nullptr;  // of b: one, or all while the heights pass
  T* rows_ = nullptr;   // the range's tiles of a, or nothing where a is read in place
};

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
