#include "ae/measure/image_metrics.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

Tensor images(std::int64_t n, std::int64_t h, std::int64_t w, std::uint32_t stream) {
  return uniform(key_of(5), {"images", stream}, 0, {n, h, w}, 0, 1, DType::kF32);
}

// Wang et al.'s definition by its letter: weighted sums over the 121 pixels of each window.
double plain_ssim(const Tensor& a, const Tensor& b, std::int64_t image) {
  const std::int64_t h = a.shape()[1], w = a.shape()[2];
  double total = 0;
  for (std::int64_t top = 0; top + 11 <= h; ++top) {
    for (std::int64_t left = 0; left + 11 <= w; ++left) {
      double weights = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
      for (std::int64_t i = 0; i < 11; ++i) {
        for (std::int64_t j = 0; j < 11; ++j) {
          const double d = static_cast<double>((i - 5) * (i - 5) + (j - 5) * (j - 5));
          const double weight = std::exp(-d / 4.5);
          const std::int64_t at = (image * h + top + i) * w + left + j;
          const double x = a.at(at), y = b.at(at);
          weights += weight;
          sum_a += weight * x;
          sum_b += weight * y;
          aa += weight * x * x;
          bb += weight * y * y;
          ab += weight * x * y;
        }
      }
      const double ma = sum_a / weights, mb = sum_b / weights;
      const double va = aa / weights - ma * ma, vb = bb / weights - mb * mb;
      const double cov = ab / weights - ma * mb;
      total +=
          (2 * ma * mb + 1e-4) * (2 * cov + 9e-4) / ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4));
    }
  }
  return total / static_cast<double>((h - 10) * (w - 10));
}

}  // namespace

TEST_CASE("SSIM is the paper's sum over windows") {
  const Tensor a = images(3, 14, 12, 1), b = images(3, 14, 12, 2);
  const std::vector<double> got = ae::ssim(a, b, 2);
  REQUIRE(got.size() == 3);
  for (std::int64_t i = 0; i < 3; ++i) {
    CHECK(got[static_cast<std::size_t>(i)] == doctest::Approx(plain_ssim(a, b, i)).epsilon(1e-10));
  }
}

TEST_CASE("SSIM of equal images is 1, of two flat ones its luminance term, and it is symmetric") {
  const Tensor a = images(2, 28, 28, 1), b = images(2, 28, 28, 2);
  CHECK(ae::ssim(a, a)[1] == doctest::Approx(1).epsilon(1e-12));
  CHECK(ae::ssim(a, b)[0] == ae::ssim(b, a)[0]);
  const Tensor half = Tensor::full({1, 11, 11}, 0.5), quarter = Tensor::full({1, 11, 11}, 0.25);
  CHECK(ae::ssim(half, quarter)[0] ==
        doctest::Approx((2 * 0.125 + 1e-4) / (0.25 + 0.0625 + 1e-4)).epsilon(1e-10));
}

TEST_CASE("SSIM takes stored images as pixels / 255") {
  const Tensor stored = Tensor::full({1, 11, 11}, 51, DType::kU8);
  const Tensor real = Tensor::full({1, 11, 11}, 0.2);
  CHECK(ae::ssim(stored, real)[0] == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("SSIM refuses what has no windows") {
  CHECK_THROWS_WITH_AS(ae::ssim(images(1, 10, 28, 1), images(1, 10, 28, 1)),
                       "ssim: the window is larger than the images: a=[1, 10, 28]: 11 by 11",
                       Error);
  CHECK_THROWS_WITH_AS(ae::ssim(images(1, 28, 28, 1), images(2, 28, 28, 1)),
                       "ssim: needs pairs of images [N, H, W]: a=[1, 28, 28], b=[2, 28, 28]",
                       Error);
}

TEST_CASE("PSNR is the mean squared error on a logarithmic scale, of each pair") {
  const Tensor a = Tensor::full({3, 1, 2, 2}, 0.5), b = Tensor::full({3, 1, 2, 2}, 0.6);
  for (const double each : ae::psnr(a, b, 2)) CHECK(each == doctest::Approx(20).epsilon(1e-6));
  CHECK(std::isinf(ae::psnr(a, a)[2]));
  const Tensor bytes = Tensor::full({1, 4}, 255, DType::kU8);
  CHECK(ae::psnr(bytes, Tensor::full({1, 4}, 0.9, DType::kF64))[0] == doctest::Approx(20));
  CHECK_THROWS_WITH_AS(ae::psnr(a, bytes),
                       "psnr: needs pairs of images [N, ...]: a=[3, 1, 2, 2], b=[1, 4]", Error);
}
