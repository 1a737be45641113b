#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"

namespace hourglass::check {
namespace {

Array same(const Arrays& x) { return x[0]; }

}  // namespace

void add_control_rows(Rows& rows) {
  const Tensor numbers = Tensor::from<double>({1, 2, 3, 4, 5, 6}, Shape{2, 3});
  const auto held = [numbers](const Arrays&) { return Array{numbers.shape(), numbers.values()}; };
  // Through f32 and back: samples and steps are exact in f32.
  rows.push_back(
      {.name = "cast",
       .cases = {{.arguments = {{.shape = {2, 3}}},
                  .build = [](const Vars& x) { return cast(cast(x[0], DType::kF32), DType::kF64); },
                  .reference = same},
                 {.arguments = {{.shape = {5}, .low = -9, .high = 9, .indices = true}},
                  .build = [](const Vars& x) { return cast(x[0], DType::kF64); },
                  .reference = same,
                  .use = Case::Use::kAll}}});
  rows.push_back({.name = "after",
                  .cases = {{.arguments = {{.shape = {2, 3}}, {.shape = {4}}},
                             .build = [](const Vars& x) { return after(x[0], x[1]); },
                             .reference = same}},
                  .jointly_linear = true});
  rows.push_back(
      {.name = "checkpoint",
       .cases = {{.arguments = {{.shape = {2, 3}}, {.shape = {2, 3}}},
                  .build =
                      [](const Vars& x) {
                        const auto product = [](const Vars& xs) { return square(xs[0]) * xs[1]; };
                        return checkpoint(product)({x[0], x[1]});
                      },
                  .reference =
                      [](const Arrays& x) {
                        return elementwise(
                            x, [](const std::vector<double>& v) { return v[0] * v[0] * v[1]; });
                      }}},
       .notes = {{Column::kAdjoint, "of the mark, which is the identity: trivial"}}});
  rows.push_back({.name = "new_value",
                  .cases = {{.arguments = {{.shape = {2, 3}}},
                             .build = [](const Vars& x) { return new_value(x[0], constant(0)); },
                             .reference = same}}});
  rows.push_back({.name = "stop_gradient",
                  .cases = {{.arguments = {{.shape = {2, 3}}},
                             .build = [](const Vars& x) { return stop_gradient(x[0]); },
                             .reference = same}},
                  .zero_derivative = true});
  rows.push_back({.name = "input",
                  .cases = {{.arguments = {{.shape = {2, 3}}},
                             .build = [](const Vars& x) { return x[0]; },
                             .reference = same}}});
  rows.push_back({.name = "constant",
                  .cases = {{.build = [numbers](const Vars&) { return constant(numbers); },
                             .reference = held}}});
  rows.push_back({.name = "parameter",
                  .cases = {{.build = [numbers](const Vars&) { return parameter(numbers); },
                             .reference = held}}});
}

}  // namespace hourglass::check
