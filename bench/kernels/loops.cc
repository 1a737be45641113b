// Fused loops: programs of one loop, whose result is written into a parameter.

#include <memory>
#include <string>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "bench/kernels/families.h"
#include "nn/train/optimizers.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kWidth = 784;

struct Loop {
  const char* name;
  int arrays;         // read or written, each of a row's elements; Adam's state counts twice
  double operations;  // an element; 0 where it is not all + and *
  double instructions, instructions_f64;
  // The new value of y, given y, two inputs of its shape and one of a row.
  std::vector<Update> (*updates)(const Var& y, const Var& a, const Var& b, const Var& row);
};

std::vector<Update> adam_updates(const Var& y, const Var& a, const Var&, const Var&) {
  Step step = make_step(5);
  nn::Adam adam;
  adam.update(step, {y}, {a}, 1e-3);
  return step.updates;
}

const Loop kLoops[] = {
    {"loop_adam", 7, 0, 10, 10, adam_updates},
    {"loop_bias_relu", 2, 2, 0, 0,
     [](const Var& y, const Var& a, const Var&, const Var& row) {
       return std::vector<Update>{{y, relu(a + row)}};
     }},
    {"loop_mse_gradient", 3, 5, 3, 3,
     [](const Var& y, const Var& a, const Var& b, const Var&) {
       return std::vector<Update>{{y, 0.5 * (a - b) * a * (1 - a)}};
     }},
    {"loop_bce_gradient", 3, 0, 12, 18,
     [](const Var& y, const Var& a, const Var& b, const Var&) {
       return std::vector<Update>{{y, 0.5 * (sigmoid(a) - b)}};
     }},
};

Call make_call(const Loop& loop, std::int64_t rows, DType dtype) {
  const Shape shape{rows, kWidth};
  const auto draw = [&](std::uint32_t stream, const Shape& s) {
    return uniform(key_of(5), {"numbers", stream}, 0, s, 0.1, 0.9, dtype);
  };
  const Var y = parameter(draw(0, shape)), a = input(shape, dtype), b = input(shape, dtype),
            row = input(Shape{kWidth}, dtype);
  auto program = std::make_shared<Program>(
      compile({}, {.inputs = {a, b, row}, .updates = loop.updates(y, a, b, row)}));
  const Tensor a_data = draw(1, shape), b_data = draw(2, shape), row_data = draw(3, Shape{kWidth});
  return [=] { program->run({a_data, b_data, row_data}); };
}

}  // namespace

void add_loops(Rows& rows, const Machine& machine) {
  for (const Loop& loop : kLoops) {
    at_all_sizes(
        machine, loop.name, loop.arrays == 7 ? 4 : loop.arrays,
        [&](const std::string& name, DType dtype, std::size_t level, int threads, std::int64_t n) {
          const std::int64_t height = std::max<std::int64_t>(1, n / kWidth);
          const auto elements = static_cast<double>(height * kWidth);
          const bool f64 = dtype == DType::kF64;
          const Work work{
              .bytes = elements * loop.arrays * static_cast<double>(size_of(dtype)),
              .operations = elements * loop.operations,
              .instructions = elements * (f64 ? loop.instructions_f64 : loop.instructions),
              .elements = elements,
              .level = level};
          rows.push_back(
              {name, dtype, threads, work, [=] { return make_call(loop, height, dtype); }});
        });
  }
}

}  // namespace hourglass::bench
