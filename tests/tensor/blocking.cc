#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"

namespace {

using namespace hourglass;
using namespace hourglass::kernels;

class BlockingScope {
 public:
  ~BlockingScope() { set_gemm_blocking(before_); }

 private:
  GemmBlocking before_ = gemm_blocking();
};

std::atomic<int> asked{0};

GemmBlocking found() {
  ++asked;
  return {.depth = 320};
}

void multiply(std::int64_t side, std::int64_t times) {
  const std::vector<float> a(static_cast<std::size_t>(side * side), 1);
  std::vector<float> c = a;
  for (std::int64_t i = 0; i < times; ++i) {
    gemm(DType::kF32, {.m = side, .n = side, .k = side}, a.data(), a.data(), c.data());
  }
}

}  // namespace

TEST_CASE("a blocking is read as it is written") {
  const GemmBlocking some = {
      .depth = 96, .rows_kib = 384, .in_place = 0, .packs_transposed = true, .turns_narrow = false};
  CHECK(to_text(some) == "depth=96,rows=384,in-place=0,pack=yes,turn=no");
  CHECK(GemmBlocking::from_text(to_text(some)) == some);
  CHECK(GemmBlocking::from_text("default") == default_gemm_blocking());
  GemmBlocking less = default_gemm_blocking();
  less.depth = 256;
  CHECK(GemmBlocking::from_text("depth=256") == less);
  for (const std::string text :
       {"", "depth", "depth=", "depth=1e3", "depht=256", "pack=maybe", "depth=256,"}) {
    CHECK_THROWS_WITH_AS(GemmBlocking::from_text(text),
                         ("blocking: expected measured, default or depth=N,rows=N,in-place=N,"
                          "pack=yes,turn=yes: got \"" +
                          text + "\"")
                             .c_str(),
                         Error);
  }
}

TEST_CASE("a blocking out of range is refused, and what was stays") {
  const BlockingScope scope;
  const GemmBlocking before = gemm_blocking();
  CHECK_THROWS_WITH_AS(set_gemm_blocking({.depth = 15}),
                       "blocking: depth must be from 16 to 1024: got 15", Error);
  CHECK_THROWS_WITH_AS(set_gemm_blocking({.rows_kib = 0}),
                       "blocking: rows must be from 16 to 1048576: got 0", Error);
  CHECK_THROWS_WITH_AS(set_gemm_blocking({.in_place = -1}),
                       "blocking: in-place must be from 0 to 1048576: got -1", Error);
  CHECK(gemm_blocking() == before);
  CHECK_THROWS_WITH_AS(GemmBlocking::from_text("depth=5000"),
                       "blocking: depth must be from 16 to 1024: got 5000", Error);
}

TEST_CASE("a blocking is asked for once, by a process that has multiplied much") {
  const BlockingScope scope;
  asked = 0;
  set_gemm_blocking_when_busy(&found);
  multiply(256, 255);  // 2^24 multiply-adds each
  CHECK(asked == 0);
  multiply(256, 4);
  CHECK(asked == 1);
  CHECK(gemm_blocking().depth == 320);
  multiply(256, 300);
  CHECK(asked == 1);
}

TEST_CASE("products of convolutions count, too") {
  const BlockingScope scope;
  asked = 0;
  const Conv2d conv{.batch = 8,  // too few to be lanes
                    .in_channels = 64,
                    .out_channels = 64,
                    .in_h = 34,
                    .in_w = 34,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .out_h = 32,
                    .out_w = 32};
  const std::vector<float> x(8 * 64 * 34 * 34, 1), w(64 * 64 * 9, 1);
  std::vector<float> y(8 * 64 * 32 * 32), x_gradient = x;
  set_gemm_blocking_when_busy(&found);
  for (int i = 0; i < 14; ++i) conv2d(DType::kF32, conv, x.data(), w.data(), y.data());
  CHECK(asked == 0);
  conv2d_input_gradient(DType::kF32, conv, y.data(), w.data(), x_gradient.data());
  CHECK(asked == 1);
}

TEST_CASE("a blocking that is set is not measured over") {
  const BlockingScope scope;
  asked = 0;
  set_gemm_blocking_when_busy(&found);
  set_gemm_blocking({.depth = 640});
  multiply(256, 300);
  CHECK(asked == 0);
  CHECK(gemm_blocking().depth == 640);
}
