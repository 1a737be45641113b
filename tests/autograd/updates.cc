// What a program makes of an optimiser's new values, in the loop that updates them.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "autograd/certificate/fuzz_ops.h"
#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "nn/train/optimizers.h"
#include "tensor/kernels.h"
#include "tensor/random.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::random_parameter;

struct Optimizer {
  std::string name;
  std::function<void(Step&, const Var& parameter, const Var& gradient)> update;
};

template <class Rule>
Optimizer make_optimizer(std::string name, Rule rule) {
  return {std::move(name), [rule](Step& step, const Var& w, const Var& g) {
            Rule(rule).update(step, {w}, {g}, 0.1);
          }};
}

std::vector<Optimizer> optimizers() {
  return {make_optimizer("sgd", nn::Sgd()), make_optimizer("momentum", nn::Sgd(0.9, 0.1)),
          make_optimizer("adam", nn::Adam()),
          make_optimizer("adamw", nn::Adam({.weight_decay = 0.1, .l2 = 0.1}))};
}

// The new value of a parameter of this shape, old and new.
struct Moved {
  Step step = make_step(1);
  Var old, fresh;
};

Moved move(const Optimizer& optimizer, const Shape& shape) {
  Moved moved;
  moved.old = random_parameter(shape, 1).named("w");
  optimizer.update(moved.step, moved.old, random_parameter(shape, 2));
  for (const Update& update : moved.step.updates) {
    if (update.parameter.same(moved.old)) moved.fresh = update.value;
  }
  return moved;
}

// Outputs and updated parameters, twice, against the interpreter.
void check_program(const std::vector<Var>& outputs, const std::vector<Update>& updates) {
  std::vector<Var> wanted = outputs;
  for (const Update& update : updates) wanted.push_back(update.value);
  Program program = compile(outputs, {.updates = updates});
  CAPTURE(program.plan());
  for (int run = 0; run < 2; ++run) {
    const std::vector<Tensor> expected = evaluate(wanted);
    std::vector<Tensor> got = program.run();
    for (const Update& update : updates) got.push_back(update.parameter.tensor());
    for (std::size_t i = 0; i < got.size(); ++i) {
      CAPTURE(i);
      CHECK(testing::distance(got[i], expected[i]) < 1e-12);
    }
  }
}

TEST_CASE("whatever reads an optimiser's new value in its loop finds it") {
  for (const Optimizer& optimizer : optimizers()) {
    for (const check::FuzzOp& op : check::fuzz_ops()) {
      CAPTURE(optimizer.name);
      CAPTURE(op.name);
      Moved moved = move(optimizer, Shape{3, 200});
      check::Choice choice(1, moved.step.updates);
      const Var y = op.build(moved.fresh, moved.old, choice);
      const Var average = parameter(Tensor(y.shape(), y.dtype())).named("average");
      moved.step.update(average, 0.9 * average + 0.1 * y);
      check_program({y, sum(square(y))}, moved.step.updates);
    }
  }
}

TEST_CASE("averages, norms and differences of new values are those of the interpreter") {
  for (const Optimizer& optimizer : optimizers()) {
    CAPTURE(optimizer.name);
    for (const Shape& shape : {Shape{5}, Shape{40, 30}, Shape{2000}}) {
      const auto check = [&](const std::function<Var(const Var& old, const Var& fresh)>& f) {
        Moved moved = move(optimizer, shape);
        check_program({f(moved.old, moved.fresh)}, moved.step.updates);
        Moved again = move(optimizer, shape);
        const Var kept = parameter(Tensor(shape, DType::kF64)).named("kept");
        again.step.update(kept, broadcast_to(0.9 * kept + 0.1 * f(again.old, again.fresh), shape));
        check_program({}, again.step.updates);
      };
      check([](const Var&, const Var& w) { return w; });
      check([](const Var&, const Var& w) { return w - mean(w, {-1}, true); });
      check([](const Var&, const Var& w) { return w / norm(w, {-1}, true); });
      check([](const Var& old, const Var& w) { return sum(square(w - old)); });
    }
  }
}

// Adam's update of w, by hand.
Var move_by(const Var& w, const Var& first, const Var& second) {
  return w - 0.1 * ((1.5 * first) / (sqrt(1.2 * second) + 1e-8));
}

TEST_CASE("moments that several parameters or later steps read are made once and kept") {
  const Shape shape{700};
  const Var m = random_parameter(shape, 1), v = random_parameter(shape, 2, 0, 1);
  const Var g = random_parameter(shape, 3), a = random_parameter(shape, 4);
  const Var b = random_parameter(shape, 5), average = random_parameter(shape, 6);
  const Var first = 0.9 * m + 0.1 * g, second = 0.99 * v + 0.01 * square(g);
  const Var new_a = move_by(a, first, second), new_b = move_by(b, first, second);
  const std::vector<Update> both = {{m, first}, {v, second}, {a, new_a}, {b, new_b}};
  check_program({}, both);
  check_program({first * new_a, new_b}, both);
  check_program({first + second}, {{average, 0.5 * average + 0.5 * first}, {a, new_a}});
  check_program({}, {{a, new_a}});  // moments that are not stored
  check_program({}, {{m, first}, {v, second}, {a, move_by(first, first, second)}});
  check_program({}, {{m, first}, {v, second}, {g, 2.0 * g}, {a, new_a}, {b, a + new_a}});
}

TEST_CASE("a gradient that is one number for all is read as one") {
  for (const Optimizer& optimizer : optimizers()) {
    CAPTURE(optimizer.name);
    const Var w = random_parameter(Shape{50, 40}, 1), s = random_parameter(Shape{}, 2);
    Step step = make_step(1);
    optimizer.update(step, w, broadcast_to(s, w.shape()));
    check_program({}, step.updates);
  }
}

// The results of a kernel over n numbers that begin `offset` numbers into their memory, and what lies
// around them.
std::vector<Tensor> run_update(const kernels::FusedUpdate& update, DType dtype, std::int64_t n,
                               std::int64_t offset, bool shared) {
  const std::size_t skipped = static_cast<std::size_t>(offset) * size_of(dtype);
  std::vector<Tensor> inputs, outputs;
  std::vector<const void*> from;
  std::vector<void*> to;
  for (int i = 0; i < update.arrays + update.scalars; ++i) {
    const auto stream = static_cast<std::uint32_t>(i);
    inputs.push_back(uniform(key_of(1), {"inputs", stream}, 0, Shape{n + 64}, 0.1, 0.9, dtype));
  }
  for (const Tensor& x : inputs) from.push_back(static_cast<const char*>(x.raw()) + skipped);
  for (std::size_t i = 0; i < update.results.size(); ++i)
    outputs.emplace_back(Shape{n + 64}, dtype);
  for (Tensor& y : outputs) to.push_back(static_cast<char*>(y.raw()) + skipped);
  CHECK(update.function(dtype)(from.data(), to.data(), static_cast<std::size_t>(n), shared));
  return outputs;
}

TEST_CASE("an update stored past the caches has the bits of one that is not, wherever it lies") {
  for (const kernels::FusedUpdate& update : kernels::fused_updates()) {
    for (const DType dtype : {DType::kF32, DType::kF64}) {
      for (const std::int64_t n : {1, 15, 16, 17, 64, 99, 1000}) {
        for (const std::int64_t offset : {0, 1, 4, 8, 16, 63}) {
          const auto plain = run_update(update, dtype, n, offset, false);
          const auto past = run_update(update, dtype, n, offset, true);
          for (std::size_t i = 0; i < plain.size(); ++i) CHECK(past[i].identical(plain[i]));
          CHECK(plain.back().at(offset + n - 1) != 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace hourglass
