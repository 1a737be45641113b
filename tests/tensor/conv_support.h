#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tensor/kernels.h"

// A convolution and its gradients as plain loops, which our kernels are held to.
namespace hourglass::test {

using kernels::Conv2d;

enum class Kind { kForward, kInputGradient, kWeightGradient };
inline constexpr Kind kKinds[] = {Kind::kForward, Kind::kInputGradient, Kind::kWeightGradient};

inline std::int64_t x_elements(const Conv2d& c) {
  return c.batch * c.in_channels * c.in_h * c.in_w;
}
inline std::int64_t y_elements(const Conv2d& c) {
  return c.batch * c.out_channels * c.out_h * c.out_w;
}
inline std::int64_t w_elements(const Conv2d& c) {
  return c.out_channels * c.in_channels / c.groups * c.kernel_h * c.kernel_w;
}

inline std::string describe(const Conv2d& c) {
  return fmt::format(
      "batch {} channels {}->{} groups {} in {}x{} kernel {}x{} stride {}x{} dilation {}x{} pad "
      "{},{} out {}x{}",
      c.batch, c.in_channels, c.out_channels, c.groups, c.in_h, c.in_w, c.kernel_h, c.kernel_w,
      c.stride_h, c.stride_w, c.dilation_h, c.dilation_w, c.pad_top, c.pad_left, c.out_h, c.out_w);
}

struct Numbers {
  std::vector<double> x, w, y;
};

// Calls visit(x, w, y) with the indices of every product that the convolution adds up.
template <class F>
void for_each_product(const Conv2d& c, F visit) {
  const std::int64_t in = c.in_channels / c.groups, out = c.out_channels / c.groups;
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t o = 0; o < c.out_channels; ++o)
      for (std::int64_t i = 0; i < c.out_h; ++i)
        for (std::int64_t j = 0; j < c.out_w; ++j)
          for (std::int64_t k = 0; k < in; ++k)
            for (std::int64_t p = 0; p < c.kernel_h; ++p)
              for (std::int64_t q = 0; q < c.kernel_w; ++q) {
                const std::int64_t h = i * c.stride_h - c.pad_top + p * c.dilation_h;
                const std::int64_t w = j * c.stride_w - c.pad_left + q * c.dilation_w;
                if (h < 0 || h >= c.in_h || w < 0 || w >= c.in_w) continue;
                const std::int64_t channel = o / out * in + k;
                visit(((b * c.in_channels + channel) * c.in_h + h) * c.in_w + w,
                      ((o * in + k) * c.kernel_h + p) * c.kernel_w + q,
                      ((b * c.out_channels + o) * c.out_h + i) * c.out_w + j);
              }
}

// The plain loop in f64, and the sum of absolute values that its error is measured by.
struct Reference {
  std::vector<double> value, scale;
};
inline Reference reference(Kind kind, const Conv2d& c, const Numbers& n) {
  const std::vector<double>& like = kind == Kind::kForward         ? n.y
                                    : kind == Kind::kInputGradient ? n.x
                                                                   : n.w;
  Reference r{std::vector<double>(like.size()), std::vector<double>(like.size())};
  for_each_product(c, [&](std::int64_t x, std::int64_t w, std::int64_t y) {
    const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
    const std::size_t to = at(kind == Kind::kForward ? y : kind == Kind::kInputGradient ? x : w);
    const double product = kind == Kind::kForward         ? n.x[at(x)] * n.w[at(w)]
                           : kind == Kind::kInputGradient ? n.y[at(y)] * n.w[at(w)]
                                                          : n.x[at(x)] * n.y[at(y)];
    r.value[to] += product;
    r.scale[to] += std::abs(product);
  });
  return r;
}

inline Numbers make_numbers(const Conv2d& c) {
  std::mt19937 generator(4);
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto draw = [&](std::int64_t n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    for (double& value : values) value = static_cast<double>(uniform(generator));
    return values;
  };
  return {draw(x_elements(c)), draw(w_elements(c)), draw(y_elements(c))};
}

// The kernel's result, which starts as NaN, between guard words.
template <class T>
std::vector<T> run(Kind kind, const Conv2d& c, const Numbers& n) {
  constexpr std::size_t kGuard = 16;
  const std::vector<T> x(n.x.begin(), n.x.end()), w(n.w.begin(), n.w.end()),
      y(n.y.begin(), n.y.end());
  const std::size_t size = kind == Kind::kForward         ? y.size()
                           : kind == Kind::kInputGradient ? x.size()
                                                          : w.size();
  std::vector<T> result(size + 2 * kGuard, std::numeric_limits<T>::quiet_NaN());
  T* const to = result.data() + kGuard;
  if (kind == Kind::kForward) hourglass::kernels::conv2d(dtype_of<T>(), c, x.data(), w.data(), to);
  if (kind == Kind::kInputGradient)
    hourglass::kernels::conv2d_input_gradient(dtype_of<T>(), c, y.data(), w.data(), to);
  if (kind == Kind::kWeightGradient)
    hourglass::kernels::conv2d_weight_gradient(dtype_of<T>(), c, x.data(), y.data(), to);
  const auto is_nan = [](T value) { return std::isnan(value); };
  CHECK(std::all_of(result.begin(), result.begin() + kGuard, is_nan));
  CHECK(std::all_of(result.end() - kGuard, result.end(), is_nan));
  return {result.begin() + kGuard, result.end() - kGuard};
}

template <class T>
void check_conv(const Conv2d& c) {
  INFO(describe(c));
  const Numbers n = make_numbers(c);
  for (const Kind kind : kKinds) {
    const Reference expected = reference(kind, c, n);
    const std::vector<T> got = run<T>(kind, c, n);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(static_cast<double>(got[i]) - expected.value[i]);
      const double bound =
          8 * static_cast<double>(std::numeric_limits<T>::epsilon()) * expected.scale[i];
      wrong += error <= bound ? 0 : 1;
    }
    INFO(fmt::format("{} kind {}", name_of(dtype_of<T>()), static_cast<int>(kind)));
    CHECK(wrong == 0);
  }
}

inline Conv2d with_output(Conv2d c, std::int64_t output_padding = 0) {
  const auto size = [](std::int64_t in, std::int64_t pads, std::int64_t kernel,
                       std::int64_t dilation, std::int64_t stride) {
    return std::max<std::int64_t>(0, (in + pads - dilation * (kernel - 1) - 1) / stride + 1);
  };
  c.out_h =
      size(c.in_h - output_padding, c.pad_top + c.pad_bottom, c.kernel_h, c.dilation_h, c.stride_h);
  c.out_w =
      size(c.in_w - output_padding, c.pad_left + c.pad_right, c.kernel_w, c.dilation_w, c.stride_w);
  return c;
}

}  // namespace hourglass::test
