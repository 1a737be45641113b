#include <doctest/doctest.h>
#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/parallel.h"
#include "tests/tensor/numbers.h"

namespace {

using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::kernels::Gemm;
using hourglass::testing::kGuard;
using hourglass::testing::random_numbers;

std::int64_t extent(std::int64_t batch, std::int64_t stride, std::int64_t matrix) {
  return (batch - 1) * stride + matrix;
}

template <class T>
struct Operands {
  std::vector<T> a, b;
};

template <class T>
Operands<T> make_operands(const Gemm& g) {
  return {random_numbers<T>(extent(g.batch, g.stride_a, g.m * g.k), 1),
          random_numbers<T>(extent(g.batch, g.stride_b, g.k * g.n), 2)};
}

// The product with guard words before and after c, which starts as NaN: none of that may leak.
template <class T>
std::vector<T> product(const Gemm& g, const Operands<T>& x) {
  const std::size_t n = static_cast<std::size_t>(extent(g.batch, g.stride_c, g.m * g.n));
  std::vector<T> c(n + 2 * kGuard, std::numeric_limits<T>::quiet_NaN());
  for (std::size_t i = 0; i < kGuard; ++i) c[i] = c[c.size() - 1 - i] = T(7.25);
  hourglass::kernels::gemm(dtype_of<T>(), g, x.a.data(), x.b.data(), c.data() + kGuard);
  for (std::size_t i = 0; i < kGuard; ++i) {
    CHECK(c[i] == T(7.25));
    CHECK(c[c.size() - 1 - i] == T(7.25));
  }
  return {c.begin() + kGuard, c.end() - kGuard};
}

// The largest error of an element, in units of epsilon * k: the numbers are in [-1, 1].
template <class T>
double worst_error(const Gemm& g, const Operands<T>& x, const std::vector<T>& c) {
  double worst = 0;
  for (std::int64_t q = 0; q < g.batch; ++q) {
    const T* a = x.a.data() + q * g.stride_a;
    const T* b = x.b.data() + q * g.stride_b;
    for (std::int64_t i = 0; i < g.m; ++i) {
      for (std::int64_t j = 0; j < g.n; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < g.k; ++k) {
          sum += static_cast<double>(g.transpose_a ? a[k * g.m + i] : a[i * g.k + k]) *
                 static_cast<double>(g.transpose_b ? b[j * g.k + k] : b[k * g.n + j]);
        }
        const double got =
            static_cast<double>(c[static_cast<std::size_t>(q * g.stride_c + i * g.n + j)]);
        const double error = std::abs(got - sum);
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
      }
    }
  }
  return worst / (static_cast<double>(std::numeric_limits<T>::epsilon()) *
                  static_cast<double>(std::max<std::int64_t>(g.k, 1)));
}

template <class T>
void check_product(const Gemm& g) {
  const Operands<T> x = make_operands<T>(g);
  const std::vector<T> c = product(g, x);
  INFO(fmt::format("{} batch {} [{}, {}, {}] {}{}", name_of(dtype_of<T>()), g.batch, g.m, g.k, g.n,
                   g.transpose_a ? 'T' : 'N', g.transpose_b ? 'T' : 'N'));
  CHECK(worst_error(g, x, c) <= 1.0);
}

Gemm make_gemm(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, int flags) {
  return {.batch = batch,
          .m = m,
          .n = n,
          .k = k,
          .transpose_a = (flags & 1) != 0,
          .transpose_b = (flags & 2) != 0,
          .stride_a = m * k,
          .stride_b = k * n,
          .stride_c = m * n};
}

template <class T>
std::vector<T> product_on(int threads, const Gemm& g, const Operands<T>& x) {
  const ThreadScope scope(threads);
  return product(g, x);
}

double cpu_seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

TEST_CASE("a product is that of a plain loop in f64, for all flags, odd sizes and batches") {
  const std::int64_t sizes[][3] = {{1, 1, 1},    {1, 5, 3},      {3, 1, 7},
                                   {4, 4, 4},    {17, 33, 9},    {5, 3, 130},
                                   {64, 48, 96}, {130, 37, 300}, {97, 250, 131}};
  for (const auto& [m, n, k] : sizes) {
    for (int flags = 0; flags < 4; ++flags) {
      for (const std::int64_t batch : {1, 3}) {
        check_product<float>(make_gemm(batch, m, n, k, flags));
        check_product<double>(make_gemm(batch, m, n, k, flags));
      }
    }
  }
}

TEST_CASE("a product of several blocks is that of a plain loop") {
  for (int flags = 0; flags < 4; ++flags) {
    check_product<float>(make_gemm(1, 128, 1000, 77, flags));
    check_product<double>(make_gemm(1, 787, 36, 128, flags));
    check_product<float>(make_gemm(1, 1, 3000, 1500, flags));
    check_product<float>(make_gemm(1, 3000, 1, 1500, flags));
  }
}

TEST_CASE("a batch may share an operand or leave gaps between its matrices") {
  for (int flags = 0; flags < 4; ++flags) {
    Gemm g = make_gemm(5, 13, 21, 8, flags);
    g.stride_b = 0;
    check_product<float>(g);
    g = make_gemm(5, 13, 21, 8, flags);
    g.stride_a = 0;
    check_product<double>(g);
    g = make_gemm(600, 3, 5, 4, flags);
    g.stride_a += 3;
    g.stride_b += 1;
    check_product<float>(g);
  }
}

TEST_CASE("a product over nothing is zero, a product of nothing writes nothing") {
  const Operands<float> none;
  for (int flags = 0; flags < 4; ++flags) {
    for (const float value : product(make_gemm(2, 3, 5, 0, flags), none)) CHECK(value == 0.0F);
    CHECK(
        product(make_gemm(1, 0, 5, 4, flags), Operands<float>{{}, std::vector<float>(20)}).empty());
    CHECK(
        product(make_gemm(1, 5, 0, 4, flags), Operands<float>{std::vector<float>(20), {}}).empty());
  }
}

TEST_CASE("a NaN in an operand reaches its row and no other") {
  Gemm g = make_gemm(1, 40, 50, 60, 0);
  Operands<float> x = make_operands<float>(g);
  x.a[60 * 7 + 3] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> c = product(g, x);
  for (std::size_t i = 0; i < c.size(); ++i) CHECK(std::isnan(c[i]) == (i / 50 == 7));
}

TEST_CASE_TEMPLATE("a product has the same bits on any number of threads", T, float, double) {
  const std::int64_t shapes[][4] = {
      {1, 128, 1000, 784}, {1, 784, 36, 128}, {1, 512, 333, 200}, {200, 30, 20, 25}};
  for (const auto& [batch, m, n, k] : shapes) {
    for (int flags = 0; flags < 4; ++flags) {
      const Gemm g = make_gemm(batch, m, n, k, flags);
      const Operands<T> x = make_operands<T>(g);
      const std::vector<T> one = product_on(1, g, x);
      for (const int threads : {2, 3, 8}) {
        const std::vector<T> many = product_on(threads, g, x);
        CHECK(std::memcmp(one.data(), many.data(), one.size() * sizeof(T)) == 0);
      }
    }
  }
}

// The OpenMP build would start a team of its own on a thread that is in no parallel region, the
// pthread build anywhere: then the process burns more CPU time than this thread.
TEST_CASE("on a plain thread a product by OpenBLAS keeps to that thread") {
  std::thread([] {
    const std::int64_t n = 512;
    const hourglass::kernels::internal::Product p{
        .m = n, .n = n, .k = n, .lda = n, .ldb = n, .ldc = n};
    const std::vector<float> a = random_numbers<float>(n * n, 1),
                             b = random_numbers<float>(n * n, 2);
    std::vector<float> c(n * n);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(50));  // workers of other tests stop spinning
    const double process = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double thread = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    double mine = 0;
    while (mine < 0.05) {
      hourglass::kernels::internal::multiply_by_blas(p, a.data(), b.data(), c.data());
      mine = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - thread;
    }
    const double all = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process;
    CHECK(all < 1.2 * mine);
  }).join();
}

TEST_CASE("the description names library, core and build") {
  const std::string text = hourglass::kernels::blas_description();
  CAPTURE(text);
  CHECK(text.starts_with("OpenBLAS "));
  CHECK(text.ends_with(" build"));
}
