// Our kernels against oneDNN's of the same shapes, in the layouts that it chooses and with nothing
// moved to them and back in the time.

#include <omp.h>
#include <dnnl.hpp>

#include <functional>
#include <memory>
#include <unordered_map>

#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

// A primitive with arrays of its own, all filled with halves.
std::function<void()> ready(const dnnl::engine& engine, const dnnl::primitive& primitive,
                            const std::vector<std::pair<int, memory::desc>>& arrays) {
  std::unordered_map<int, memory> arguments;
  for (const auto& [name, description] : arrays) {
    memory array(description, engine);
    auto* signed_numbers = static_cast<float*>(array.get_data_handle());
    std::fill_n(signed_numbers, description.get_size() / sizeof(float), 0.5F);
    arguments.emplace(name, array);
  }
  return [=, stream = dnnl::stream(engine)]() mutable {
    primitive.execute(stream, arguments);
    stream.wait();
  };
}

memory::desc any(const memory::dims& dims) { return {dims, memory::data_type::f32, Tag::any}; }

Tensor signed_numbers(const Shape& shape) { return uniform(key_of(5), "numbers", 0, shape, -1, 1); }

Row product(const std::string& name, double seconds, const dnnl::engine& engine) {
  constexpr std::int64_t kM = 512, kN = 1000, kK = 784;
  const dnnl::matmul::desc description(any({kM, kK}), any({kK, kN}), any({kM, kN}));
  const dnnl::matmul::primitive_desc chosen(description, engine);
  const auto theirs = ready(engine, dnnl::matmul(chosen),
                            {{DNNL_ARG_SRC, chosen.src_desc()},
                             {DNNL_ARG_WEIGHTS, chosen.weights_desc()},
                             {DNNL_ARG_DST, chosen.dst_desc()}});
  const Tensor a = signed_numbers(Shape{kM, kK}), b = signed_numbers(Shape{kN, kK});
  Tensor c(Shape{kM, kN}, DType::kF32);
  const kernels::Gemm shape{.m = kM, .n = kN, .k = kK, .transpose_b = true};
  return paired_medians(
      name, "ms", 1e3, seconds,
      [&] { kernels::gemm(DType::kF32, shape, a.raw(), b.raw(), c.raw()); }, theirs);
}

// Kernel 4, stride 2, padding 1: what halves height and width.
kernels::Conv2d halving(std::int64_t channels, std::int64_t maps, std::int64_t side) {
  return {.batch = 64,
          .in_channels = channels,
          .out_channels = maps,
          .in_h = side,
          .in_w = side,
          .kernel_h = 4,
          .kernel_w = 4,
          .stride_h = 2,
          .stride_w = 2,
          .pad_top = 1,
          .pad_left = 1,
          .out_h = side / 2,
          .out_w = side / 2};
}

struct Shapes {
  memory::dims x, w, y;
};
Shapes shapes_of(const kernels::Conv2d& c) {
  return {{c.batch, c.in_channels, c.in_h, c.in_w},
          {c.out_channels, c.in_channels, c.kernel_h, c.kernel_w},
          {c.batch, c.out_channels, c.out_h, c.out_w}};
}

dnnl::convolution_forward::primitive_desc forward_of(const Shapes& s, const dnnl::engine& engine) {
  const dnnl::convolution_forward::desc description(dnnl::prop_kind::forward_training,
                                                    dnnl::algorithm::convolution_direct, any(s.x),
                                                    any(s.w), any(s.y), {2, 2}, {1, 1}, {1, 1});
  return {description, engine};
}

struct Ours {
  explicit Ours(const kernels::Conv2d& c)
      : x(signed_numbers(Shape{c.batch * c.in_channels * c.in_h * c.in_w})),
        w(signed_numbers(Shape{c.out_channels * c.in_channels * c.kernel_h * c.kernel_w})),
        y(signed_numbers(Shape{c.batch * c.out_channels * c.out_h * c.out_w})) {}
  Tensor x, w, y;
};

Row forward(const std::string& name, double seconds, const dnnl::engine& engine,
            const kernels::Conv2d& conv) {
  const auto chosen = forward_of(shapes_of(conv), engine);
  const auto theirs = ready(engine, dnnl::convolution_forward(chosen),
                            {{DNNL_ARG_SRC, chosen.src_desc()},
                             {DNNL_ARG_WEIGHTS, chosen.weights_desc()},
                             {DNNL_ARG_DST, chosen.dst_desc()}});
  Ours o(conv);
  return paired_medians(
      name, "ms", 1e3, seconds,
      [&] { kernels::conv2d(DType::kF32, conv, o.x.raw(), o.w.raw(), o.y.raw()); }, theirs);
}

Row weights(const std::string& name, double seconds, const dnnl::engine& engine,
            const kernels::Conv2d& conv) {
  const Shapes s = shapes_of(conv);
  const dnnl::convolution_backward_weights::desc description(
      dnnl::algorithm::convolution_direct, any(s.x), any(s.w), any(s.y), {2, 2}, {1, 1}, {1, 1});
  const dnnl::convolution_backward_weights::primitive_desc chosen(description, engine,
                                                                  forward_of(s, engine));
  const auto theirs = ready(engine, dnnl::convolution_backward_weights(chosen),
                            {{DNNL_ARG_SRC, chosen.src_desc()},
                             {DNNL_ARG_DIFF_WEIGHTS, chosen.diff_weights_desc()},
                             {DNNL_ARG_DIFF_DST, chosen.diff_dst_desc()}});
  Ours o(conv);
  return paired_medians(
      name, "ms", 1e3, seconds,
      [&] { kernels::conv2d_weight_gradient(DType::kF32, conv, o.x.raw(), o.y.raw(), o.w.raw()); },
      theirs);
}

}  // namespace

Row onednn_row(const std::string& name, int threads, double seconds) {
  omp_set_num_threads(threads);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const kernels::Conv2d first = halving(3, 32, 64), middle = halving(64, 128, 16);
  if (name == "onednn_first") return forward(name, seconds, engine, first);
  if (name == "onednn_middle") return forward(name, seconds, engine, middle);
  if (name == "onednn_weights") return weights(name, seconds, engine, first);
  return product(name, seconds, engine);
}

}  // namespace hourglass::bench
