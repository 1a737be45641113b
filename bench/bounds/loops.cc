#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "bench/bounds/hand.h"
#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "nn/train/optimizers.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kRows = 512, kColumns = 1000, kElements = kRows * kColumns;
constexpr std::int64_t kGrain = 16384;

Tensor numbers(std::uint32_t stream, const Shape& shape) {
  return uniform(key_of(5), {"numbers", stream}, 0, shape, 0.1, 0.9);
}

// Seconds that the program spends in instructions of a kind, the median of a few runs.
double seconds_in(Program& program, Work work, std::initializer_list<Tensor> inputs) {
  return program.profile(std::span<const Tensor>(inputs.begin(), inputs.size()), 5).of(work);
}

template <class F>
double median_seconds(F&& f) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const double start = seconds_now();
    f();
    times.push_back(seconds_now() - start);
  }
  return spread_of(times).median;
}

// Pairs of ours and by hand for so long, in us.
template <class Ours, class Hand>
Row pairs(const std::string& name, double seconds, Ours&& ours, Hand&& hand) {
  Row row{name, "us", {}, {}};
  const double start = seconds_now();
  while (row.ours.size() < 5 || seconds_now() - start < seconds) {
    row.ours.push_back(ours() * 1e6);
    row.limit.push_back(median_seconds(hand) * 1e6);
  }
  return row;
}

Row adam_row(const std::string& name, int threads, double seconds) {
  const Shape shape{kRows, kColumns};
  const Var w = parameter(numbers(0, shape)), g = input(shape);
  Step step = make_step(5);
  nn::Adam optimizer;
  optimizer.update(step, {w}, {g}, 1e-3);
  Program program = compile(step, {}, {.inputs = {g}, .threads = threads});
  const Tensor gradient = numbers(1, shape);
  Tensor p = numbers(0, shape), m(shape, DType::kF32), v(shape, DType::kF32);
  float *p_data = p.data<float>(), *m_data = m.data<float>(), *v_data = v.data<float>();
  return pairs(
      name, seconds, [&] { return seconds_in(program, Work::kUpdate, {gradient}); },
      [&] {
        parallel_ranges(kElements, kGrain, [&](std::int64_t first, std::int64_t last) {
          adam_by_hand(p_data + first, m_data + first, v_data + first,
                       gradient.data<float>() + first, last - first, {});
        });
      });
}

Row bias_relu_row(const std::string& name, int threads, double seconds) {
  const Shape shape{kRows, kColumns};
  const Var x = input(shape), b = input(Shape{kColumns});
  Program program = compile({relu(x + b)}, {.inputs = {x, b}, .threads = threads});
  const Tensor x_data = numbers(0, shape), b_data = numbers(1, Shape{kColumns});
  Tensor y(shape, DType::kF32);
  float* out = y.data<float>();
  constexpr std::int64_t kRowGrain = kGrain / kColumns;
  return pairs(
      name, seconds,
      [&] {
        return seconds_in(program, Work::kLoop, {x_data, b_data});
      },
      [&] {
        parallel_ranges(kRows, kRowGrain, [&](std::int64_t first, std::int64_t last) {
          bias_relu_by_hand(x_data.data<float>() + first * kColumns, b_data.data<float>(),
                            out + first * kColumns, last - first, kColumns);
        });
      });
}

Row mse_gradient_row(const std::string& name, int threads, double seconds) {
  const Shape shape{kRows, kColumns};
  const Var y = input(shape), t = input(shape);
  Program program = compile({0.5 * (y - t) * y * (1 - y)}, {.inputs = {y, t}, .threads = threads});
  const Tensor y_data = numbers(0, shape), t_data = numbers(1, shape);
  Tensor g(shape, DType::kF32);
  float* out = g.data<float>();
  return pairs(
      name, seconds,
      [&] {
        return seconds_in(program, Work::kLoop, {y_data, t_data});
      },
      [&] {
        parallel_ranges(kElements, kGrain, [&](std::int64_t first, std::int64_t last) {
          mse_gradient_by_hand(y_data.data<float>() + first, t_data.data<float>() + first,
                               out + first, last - first, 0.5F);
        });
      });
}

}  // namespace

Row loop_row(const std::string& name, int threads, double seconds) {
  if (name == "adam") return adam_row(name, threads, seconds);
  if (name == "bias_relu") return bias_relu_row(name, threads, seconds);
  return mse_gradient_row(name, threads, seconds);
}

}  // namespace hourglass::bench
