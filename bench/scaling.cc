// What a training step costs (forward, backward, Adam, f32) as one size of a model grows and all
// others stay: batch, width, depth, code under the exact Jacobian's penalty, side of an image; and
// on more threads.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ae/model/objective.h"
#include "ae/papers/penalties.h"
#include "autograd/compile/program.h"
#include "autograd/transform/transform.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "bench/common/process.h"
#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tools/guarded.h"

namespace hourglass::bench {
namespace {

constexpr std::uint64_t kSeed = 5;

// A point of an axis: the model, the batch and the threads.
struct Point {
  ae::Spec spec;
  std::int64_t batch = 0;
  int threads = 1;
};

// One size that grows by a factor from the least to the most.
struct Axis {
  std::string_view name, about;
  std::int64_t least, most, factor;
  double expected;  // exponent of the time for large sizes, by what is computed
  Point (*at)(std::int64_t size);
};

Point at_batch(std::int64_t size) { return {{.encoder = {784, 256, 32}}, size}; }

Point at_width(std::int64_t size) { return {{.encoder = {size, size}}, 32}; }

// So many layers in all, half of them the decoder's.
Point at_depth(std::int64_t size) {
  return {{.encoder = std::vector<std::int64_t>(static_cast<std::size_t>(size / 2 + 1), 256)}, 64};
}

Point contractive(std::vector<std::int64_t> widths) {
  return {{.encoder = std::move(widths),
           .hidden = nn::Activation::kSigmoid,
           .code = nn::Activation::kSigmoid,
           .penalties = {ae::penalties::contractive(0.1)}},
          32};
}

Point at_code(std::int64_t size) { return contractive({784, size}); }

Point at_deep_code(std::int64_t size) { return contractive({784, 256, size}); }

Point at_side(std::int64_t size) {
  return {{.encoder = {size * size},
           .input = {1, size, size},
           .conv = {{.channels = 16, .stride = 2}, {.channels = 32, .stride = 2}}},
          8};
}

Point at_threads(std::int64_t size) {
  return {{.encoder = {784, 1000, 500, 250, 30}}, 256, static_cast<int>(size)};
}

constexpr std::array<Axis, 7> kAxes = {{
    {"batch", "examples a batch, 784-256-32 mirrored", 1, 4096, 2, 1, at_batch},
    {"width", "of all three layers of units, batch 32", 32, 4096, 2, 2, at_width},
    {"depth", "layers of 256 to 256, batch 64", 2, 64, 2, 1, at_depth},
    {"code", "units of 784-code-784 under the exact contractive penalty, batch 32", 8, 2048, 2, 1,
     at_code},
    {"deep code", "units of 784-256-code mirrored, the same, its Jacobian of two layers", 8, 512, 2,
     1, at_deep_code},
    {"side", "pixels across an image, convolutions 1-16-32 k3 s2 mirrored, batch 8", 16, 256, 2, 2,
     at_side},
    {"threads", "784-1000-500-250-30 mirrored, batch 256", 1, 2, 2, -1, at_threads},
}};

struct Arguments {
  std::vector<std::string> axes;
  double seconds = 0.5;
  std::int64_t most = 0;
};

const Axis& find_axis(const std::string& name) {
  std::string known;
  for (const Axis& axis : kAxes) {
    if (axis.name == name) return axis;
    known += (known.empty() ? "" : ", ") + std::string(axis.name);
  }
  throw Error(fmt::format("scaling: there is no axis named {}: expected one of {}", name, known));
}

Program make_program(const Point& point, const Var& x) {
  ae::Autoencoder net = ae::make_autoencoder(point.spec, kSeed);
  std::vector<Var> parameters;
  net.visit([&](const std::string&, const Var& p) { parameters.push_back(p); });
  Step step = make_step(kSeed);
  const Var loss = ae::objective(net, x, step).loss;
  nn::Adam adam;
  adam.update(step, parameters, grad(loss, parameters), 1e-3);
  return compile(step, {loss}, {.inputs = {x}, .threads = point.threads});
}

nlohmann::ordered_json measure(const Axis& axis, std::int64_t size, double seconds) {
  reset_peak_memory();
  const Point point = axis.at(size);
  const ThreadScope scope(point.threads);
  const Var x = input(Shape{point.batch, point.spec.input_width()});
  const Tensor images = uniform(key_of(kSeed), "images", 0, x.shape(), 0, 1, DType::kF32);
  const double start = seconds_now();
  Program program = make_program(point, x);
  const double compiled = seconds_now() - start;
  const Spread spread = spread_of(time_calls(seconds, [&] { program.run({images}); }));
  const Profile profile = program.profile({&images, 1}, 5);
  nlohmann::ordered_json works;
  for (const auto& [work, name] : kWorks) works[name] = profile.of(work) * 1e3;
  return {{"axis", axis.name},          {"size", size},
          {"ms", spread.min * 1e3},     {"median_ms", spread.median * 1e3},
          {"make_ms", compiled * 1e3},  {"works_ms", works},
          {"peak_bytes", peak_memory()}};
}

void run(const Arguments& arguments) {
  std::vector<const Axis*> chosen;
  for (const std::string& name : arguments.axes) chosen.push_back(&find_axis(name));
  if (chosen.empty()) {
    for (const Axis& axis : kAxes) chosen.push_back(&axis);
  }
  check_seconds(arguments.seconds);
  kernels::set_gemm_blocking(kernels::measured_gemm_blocking());
  const nlohmann::ordered_json machine = {{"cpu", cpu_name()}, {"kernels", kernels::cpu_target()}};
  fmt::print("{}\n", machine.dump());
  for (const Axis* axis : chosen) {
    const nlohmann::ordered_json head = {
        {"axis", axis->name}, {"about", axis->about}, {"expected", axis->expected}};
    fmt::print("{}\n", head.dump());
    const std::int64_t most = arguments.most > 0 ? arguments.most : axis->most;
    for (std::int64_t size = axis->least; size <= most; size *= axis->factor) {
      fmt::print("{}\n", measure(*axis, size, arguments.seconds).dump());
      tools::flush_output();
    }
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("axis", a.axes, "Which of the axes below; default: all");
  program.add_option("--seconds", a.seconds, "How long each point is timed").show_default();
  program.add_option("--most", a.most, "The largest size, in place of the axis's own");
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "scaling",
       .about = "Times a training step as one size grows, an object a line: bench/scaling fits it.",
       .footer = hourglass::bench::listed("Axes", hourglass::bench::kAxes)},
      argc, argv, hourglass::bench::add_options);
}
