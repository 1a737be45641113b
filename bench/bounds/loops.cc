#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

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

constexpr std::int64_t kLoopRows = 512, kColumns = 1000, kLoopElements = kLoopRows * kColumns;
constexpr std::int64_t kLoopGrain = 16384;
constexpr int kPlacements = 4;

// A fused loop and the same by hand over the very same arrays: where these come to lie, in pages and
// in sets of the caches, is worth more than most of what the two differ by.
struct Contest {
  std::function<double()> ours, hand;  // seconds
};

Tensor numbers(std::uint32_t stream, const Shape& shape) {
  return uniform(key_of(5), {"numbers", stream}, 0, shape, 0.1, 0.9);
}

// The handle goes, and whoever owns the tensor goes on writing there.
float* memory_of(Tensor handle) { return handle.data<float>(); }

double seconds_of(const std::function<void()>& f) {
  const double start = seconds_now();
  f();
  return seconds_now() - start;
}

// A program of which one loop counts; ours is the median of a few runs.
Contest make_contest(const std::shared_ptr<Program>& program, const std::vector<Tensor>& data,
                     Work work, const std::function<void()>& hand) {
  return {[=] { return program->profile(data, 5).of(work); }, [=] { return seconds_of(hand); }};
}

// As a training step has it: ahead of the update a product reads the weights on all threads.
Contest adam_contest(int threads) {
  const Shape shape{kLoopRows, kColumns};
  const Var w = parameter(numbers(0, shape)), g = input(shape), x = input(Shape{64, kLoopRows});
  const Var product = matmul(x, w);
  Step step = make_step(5);
  nn::Adam optimizer;
  optimizer.update(step, {w}, {g}, 1e-3);
  const Tensor gradient = numbers(1, shape), x_data = numbers(2, x.shape());
  const std::vector<Var> moments = optimizer.state();
  float *p = memory_of(w.tensor()), *m = memory_of(moments[0].tensor()),
        *v = memory_of(moments[1].tensor());
  const auto program =
      std::make_shared<Program>(compile(step, {product}, {.inputs = {g, x}, .threads = threads}));
  const auto reads =
      std::make_shared<Program>(compile({product}, {.inputs = {x}, .threads = threads}));
  Contest contest = make_contest(program, {gradient, x_data}, Work::kUpdate, [=] {
    parallel_ranges(kLoopElements, kLoopGrain, [&](std::int64_t first, std::int64_t last) {
      adam_by_hand(p + first, m + first, v + first, gradient.data<float>() + first, last - first,
                   {});
    });
  });
  contest.hand = [=, update = contest.hand] {
    reads->run({x_data});
    return update();
  };
  return contest;
}

Contest bias_relu_contest(int threads) {
  const Shape shape{kLoopRows, kColumns};
  const Var x = input(shape), b = input(Shape{kColumns});
  const Tensor x_data = numbers(0, shape), b_data = numbers(1, Shape{kColumns});
  const auto program =
      std::make_shared<Program>(compile({relu(x + b)}, {.inputs = {x, b}, .threads = threads}));
  float* out = memory_of(program->run({x_data, b_data})[0]);
  return make_contest(program, {x_data, b_data}, Work::kLoop, [=] {
    constexpr std::int64_t kRowGrain = kLoopGrain / kColumns;
    parallel_ranges(kLoopRows, kRowGrain, [&](std::int64_t first, std::int64_t last) {
      bias_relu_by_hand(x_data.data<float>() + first * kColumns, b_data.data<float>(),
                        out + first * kColumns, last - first, kColumns);
    });
  });
}

Contest mse_gradient_contest(int threads) {
  const Shape shape{kLoopRows, kColumns};
  const Var y = input(shape), t = input(shape);
  const Tensor y_data = numbers(0, shape), t_data = numbers(1, shape);
  const auto program = std::make_shared<Program>(
      compile({0.5 * (y - t) * y * (1 - y)}, {.inputs = {y, t}, .threads = threads}));
  float* out = memory_of(program->run({y_data, t_data})[0]);
  return make_contest(program, {y_data, t_data}, Work::kLoop, [=] {
    parallel_ranges(kLoopElements, kLoopGrain, [&](std::int64_t first, std::int64_t last) {
      mse_gradient_by_hand(y_data.data<float>() + first, t_data.data<float>() + first, out + first,
                           last - first, 0.5F);
    });
  });
}

Contest contest_of(const std::string& name, int threads) {
  if (name == "adam") return adam_contest(threads);
  return name == "bias_relu" ? bias_relu_contest(threads) : mse_gradient_contest(threads);
}

// The median of a few runs, of each of which `seconds_of` gives the time.
template <class F>
double median_seconds(F&& seconds_of) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) times.push_back(seconds_of());
  return spread_of(times).median;
}

// Pairs of ours and the limit for so long, in what a second has so many of.
Row pairs(const std::string& name, const std::string& unit, double in_a_second, double seconds,
          const std::function<double()>& ours, const std::function<double()>& limit) {
  Row row{name, unit};
  const double start = seconds_now();
  while (row.ours.size() < 5 || seconds_now() - start < seconds) {
    row.ours.push_back(ours() * in_a_second);
    row.limit.push_back(median_seconds(limit) * in_a_second);
  }
  return row;
}

}  // namespace

Row paired_medians(const std::string& name, const std::string& unit, double in_a_second,
                   double seconds, const std::function<void()>& ours,
                   const std::function<void()>& limit) {
  const auto median = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return median_seconds([&] { return seconds_of(ours); });
  };
  return pairs(name, unit, in_a_second, seconds, median, [&] { return seconds_of(limit); });
}

Row loop_row(const std::string& name, int threads, double seconds) {
  std::vector<Contest> contests;  // all alive, so that each has pages of its own
  std::vector<Row> rows;
  for (int i = 0; i < kPlacements; ++i) {
    contests.push_back(contest_of(name, threads));
    const Contest& contest = contests.back();
    rows.push_back(pairs(name, "us", 1e6, seconds / kPlacements, contest.ours, contest.hand));
  }
  return *std::min_element(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return spread_of(a.limit).median < spread_of(b.limit).median;
  });
}

}  // namespace hourglass::bench
