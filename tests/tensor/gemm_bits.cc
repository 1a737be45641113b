#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"

namespace {

using namespace hourglass::kernels;
using hourglass::DType;
using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::kernels::internal::multiply_by_tiles;
using hourglass::kernels::internal::Product;
using hourglass::testing::random_numbers;

class TargetScope {
 public:
  explicit TargetScope(std::string_view target) { set_cpu_target(target); }
  ~TargetScope() { set_cpu_target("best"); }
};

// The targets whose bits agree.
std::vector<std::string_view> fma_targets() {
  std::vector<std::string_view> names(cpu_targets().begin(), cpu_targets().end());
  std::erase(names, "baseline");
  return names;
}

Product product_of(std::int64_t m, std::int64_t n, std::int64_t k, int flags, std::int64_t gap) {
  return {.m = m,
          .n = n,
          .k = k,
          .transpose_a = (flags & 1) != 0,
          .transpose_b = (flags & 2) != 0,
          .lda = ((flags & 1) != 0 ? m : k) + gap,
          .ldb = ((flags & 2) != 0 ? k : n) + gap,
          .ldc = n + gap,
          .accumulate = (flags & 4) != 0};
}

template <class T>
struct Matrices {
  std::vector<T> a, b, c;

  explicit Matrices(const Product& p)
      : a(random_numbers<T>((p.transpose_a ? p.k : p.m) * p.lda, 1)),
        b(random_numbers<T>((p.transpose_b ? p.n : p.k) * p.ldb, 2)),
        c(random_numbers<T>(p.m * p.ldc, 3)) {}
};

// The law: fma(a, b, sum) in order of k, from 0 or what c holds; of more than 4096 products the
// sums of parts of at most 1024 are added. Elements `every` apart are done.
template <class T>
std::vector<T> plain_loop(const Product& p, const Matrices<T>& x, std::int64_t every) {
  std::vector<T> c = x.c;
  for (std::int64_t element = 0; element < p.m * p.n; element += every) {
    const std::int64_t i = element / p.n, j = element % p.n;
    T& sum = c[static_cast<std::size_t>(i * p.ldc + j)];
    if (!p.accumulate) sum = 0;
    const std::int64_t parts = p.k > 4096 ? (p.k + 1023) / 1024 : 1;
    for (std::int64_t part = 0; part < parts; ++part) {
      T of_part = parts > 1 ? 0 : sum;
      for (std::int64_t q = p.k * part / parts; q < p.k * (part + 1) / parts; ++q) {
        const std::int64_t at_a = p.transpose_a ? q * p.lda + i : i * p.lda + q;
        const std::int64_t at_b = p.transpose_b ? j * p.ldb + q : q * p.ldb + j;
        of_part = std::fma(x.a[static_cast<std::size_t>(at_a)], x.b[static_cast<std::size_t>(at_b)],
                           of_part);
      }
      sum = parts > 1 ? sum + of_part : of_part;
    }
  }
  return c;
}

// How many of those elements differ; with every = 1 also those in the gaps between rows of c.
template <class T>
std::int64_t differences(const Product& p, const std::vector<T>& got,
                         const std::vector<T>& expected, std::int64_t every) {
  if (every == 1) return std::memcmp(got.data(), expected.data(), got.size() * sizeof(T)) != 0;
  std::int64_t count = 0;
  for (std::int64_t element = 0; element < p.m * p.n; element += every) {
    const auto at = static_cast<std::size_t>(element / p.n * p.ldc + element % p.n);
    count += std::memcmp(&got[at], &expected[at], sizeof(T)) != 0;
  }
  return count;
}

template <class T>
void check_bits(const Product& p, std::int64_t every = 1) {
  const Matrices<T> x(p);
  const std::vector<T> expected = plain_loop(p, x, every);
  for (const std::string_view target : fma_targets()) {
    const TargetScope scope(target);
    std::vector<T> c = x.c;
    multiply_by_tiles(p, x.a.data(), x.b.data(), c.data());
    INFO(fmt::format("{} {} [{}, {}, {}] flags {}{}{} ldc {}", target, name_of(dtype_of<T>()), p.m,
                     p.n, p.k, p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N',
                     p.accumulate ? '+' : ' ', p.ldc));
    CHECK(differences(p, c, expected, every) == 0);
  }
}

struct Size {
  std::int64_t m, n, k;
};

}  // namespace

TEST_CASE_TEMPLATE("by tiles a product is the plain loop of fma to the bit, at odd sizes", T, float,
                   double) {
  std::mt19937 generator(7);
  std::uniform_int_distribution<std::int64_t> size(1, 70), gap(0, 2);
  for (int i = 0; i < 240; ++i) {
    check_bits<T>(
        product_of(size(generator), size(generator), size(generator), i % 8, gap(generator)));
  }
  for (std::int64_t n = 1; n <= 70; ++n) {
    check_bits<T>(product_of(n, 3, 5, static_cast<int>(n % 8), 0));
    check_bits<T>(product_of(3, n, 5, static_cast<int>(n % 8), 0));
    check_bits<T>(product_of(11, 6, n, static_cast<int>(n % 8), 0));
  }
}

TEST_CASE_TEMPLATE("by tiles a product is the plain loop of fma to the bit, at sizes of layers", T,
                   float, double) {
  const Size sizes[] = {{128, 36, 784},   {128, 784, 36}, {784, 36, 128},   {128, 1000, 784},
                        {1000, 784, 128}, {128, 30, 250}, {30, 250, 128},   {512, 500, 300},
                        {1, 1000, 784},   {40, 50, 3000}, {1500, 20, 1100}, {9, 50, 4096},
                        {9, 50, 4097},    {50, 9, 7000},  {1, 1, 20000}};
  for (const auto& [m, n, k] : sizes) {
    for (const int flags : {0, 1, 2, 3, 4}) {
      check_bits<T>(product_of(m, n, k, flags, 0), 1 + m * n / 97);
    }
  }
}

TEST_CASE_TEMPLATE("no blocking changes a bit of a product", T, float, double) {
  const Size sizes[] = {{130, 100, 800},  {400, 300, 70}, {784, 36, 128}, {784, 2, 100},
                        {37, 1000, 1100}, {90, 70, 5000}, {420, 25, 33}};
  std::mt19937 generator(11);
  const auto drawn = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(generator);
  };
  for (const auto& [m, n, k] : sizes) {
    for (int flags = 0; flags < 8; ++flags) {
      const Product p = product_of(m, n, k, flags, drawn(0, 2));
      const Matrices<T> x(p);
      const std::vector<T> expected = plain_loop(p, x, 1 + m * n / 97);
      for (const std::string_view target : fma_targets()) {
        const TargetScope scope(target);
        const GemmBlocking blocking = {.depth = drawn(16, 1024),
                                       .rows_kib = drawn(16, 900),
                                       .in_place = drawn(0, 30),
                                       .packs_transposed = drawn(0, 1) == 1,
                                       .turns_narrow = drawn(0, 1) == 1};
        std::vector<T> c = x.c;
        multiply_by_tiles(p, x.a.data(), x.b.data(), c.data(), blocking);
        INFO(fmt::format("{} [{}, {}, {}] flags {} {}", target, m, n, k, flags, to_text(blocking)));
        CHECK(differences(p, c, expected, 1 + m * n / 97) == 0);
      }
    }
  }
}

TEST_CASE("a sum of a million products keeps the digits that one long sum loses") {
  constexpr std::int64_t n = 1'000'000;
  const std::vector<float> a = random_numbers<float>(n, 1), ones(n, 1.0F);
  double exact = 0;
  for (float x : a) exact += std::abs(x);
  std::vector<float> sizes = a;
  for (float& x : sizes) x = std::abs(x);
  float found = 0;
  gemm(DType::kF32, {.m = 1, .n = 1, .k = n}, sizes.data(), ones.data(), &found);
  CHECK(std::abs(found - exact) < 1e-6 * exact);
}

TEST_CASE("a product over nothing by tiles is zero, or what c held") {
  for (const bool accumulate : {false, true}) {
    Product p = product_of(3, 5, 0, 0, 1);
    p.accumulate = accumulate;
    std::vector<float> c(18, 7.0F);
    multiply_by_tiles<float>(p, nullptr, nullptr, c.data());
    for (std::size_t i = 0; i < c.size(); ++i) {
      CHECK(c[i] == (accumulate || i % 6 == 5 ? 7.0F : 0.0F));
    }
  }
}

TEST_CASE_TEMPLATE("with portable bits gemm gives the same on all threads and targets with FMA", T,
                   float, double) {
  const PortableBits portable(true);
  const Gemm shapes[] = {
      {.m = 128, .n = 500, .k = 784, .transpose_b = true},
      {.m = 784, .n = 36, .k = 128, .transpose_a = true},
      {.m = 1, .n = 1000, .k = 333, .transpose_b = true},
      {.batch = 60, .m = 30, .n = 20, .k = 25, .stride_a = 750, .stride_b = 500, .stride_c = 600}};
  for (const Gemm& g : shapes) {
    const std::vector<T> a = random_numbers<T>(g.batch * g.m * g.k, 1);
    const std::vector<T> b = random_numbers<T>(g.batch * g.k * g.n, 2);
    std::vector<T> first;
    for (const std::string_view target : fma_targets()) {
      const TargetScope scope(target);
      for (const int threads : {1, 2, 3, 4, 8}) {
        const ThreadScope thread_scope(threads);
        std::vector<T> c(static_cast<std::size_t>(g.batch * g.m * g.n), T(7));
        gemm(dtype_of<T>(), g, a.data(), b.data(), c.data());
        if (first.empty()) first = c;
        CHECK(std::memcmp(c.data(), first.data(), c.size() * sizeof(T)) == 0);
      }
    }
  }
}

TEST_CASE("with portable bits convolutions give the same on all threads and targets with FMA") {
  const PortableBits portable(true);
  const Conv2d conv{.batch = 9,
                    .in_channels = 6,
                    .out_channels = 10,
                    .groups = 2,
                    .in_h = 13,
                    .in_w = 11,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .stride_h = 2,
                    .stride_w = 2,
                    .pad_top = 1,
                    .pad_left = 1,
                    .out_h = 7,
                    .out_w = 6};
  const std::vector<float> x = random_numbers<float>(9 * 6 * 13 * 11, 1);
  const std::vector<float> w = random_numbers<float>(10 * 3 * 9, 2);
  const std::vector<float> g = random_numbers<float>(9 * 10 * 7 * 6, 3);
  std::vector<float> first;
  for (const std::string_view target : fma_targets()) {
    const TargetScope scope(target);
    for (const int threads : {1, 2, 3}) {
      const ThreadScope thread_scope(threads);
      std::vector<float> out(g.size() + x.size() + w.size());
      conv2d(DType::kF32, conv, x.data(), w.data(), out.data());
      conv2d_input_gradient(DType::kF32, conv, g.data(), w.data(), out.data() + g.size());
      conv2d_weight_gradient(DType::kF32, conv, x.data(), g.data(),
                             out.data() + g.size() + x.size());
      if (first.empty()) first = out;
      CHECK(std::memcmp(out.data(), first.data(), out.size() * sizeof(float)) == 0);
    }
  }
}

TEST_CASE(
    "without FMA OpenBLAS computes products, with it tiles, but for the shapes it is ahead at") {
  const Gemm layer{.m = 128, .n = 36, .k = 784, .transpose_b = true};
  const Gemm narrow{.m = 128, .n = 2, .k = 400};
  const Gemm dots{.m = 1, .n = 1000, .k = 784, .transpose_b = true};
  const Gemm huge{.m = 2, .n = 2, .k = std::int64_t{1} << 31};  // OpenBLAS counts in 32 bits
  CHECK(portable_bits());
  for (const std::string_view target : fma_targets()) {
    const TargetScope scope(target);
    for (const Gemm& g : {layer, narrow, dots, huge}) CHECK(name_of(gemm_route(g)) == "tiles");
    const PortableBits off(false);
    CHECK(name_of(gemm_route(layer)) == "tiles");
    CHECK(name_of(gemm_route(narrow)) == "OpenBLAS");
    CHECK(name_of(gemm_route(dots)) == "OpenBLAS");
    CHECK(name_of(gemm_route(huge)) == "tiles");
  }
  CHECK(portable_bits());
  if (cpu_targets().back() != "baseline") return;  // all have FMA
  const TargetScope scope("baseline");
  CHECK(name_of(gemm_route(layer)) == "OpenBLAS");
  CHECK(name_of(gemm_route(huge)) == "tiles");
}
