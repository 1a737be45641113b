#include "autograd/compile/program.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::vector_of;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Var weight(const std::vector<double>& values, const char* name) {
  return parameter(vector_of(values)).named(name);
}

TEST_CASE("a program is fed its inputs in the order they are listed, run after run") {
  const Var a = input(Shape{2}, DType::kF64);
  const Var b = input(Shape{2}, DType::kF64);
  Program program = compile({a - b, a * b}, {.inputs = {b, a}});
  for (const double t : {1.0, 2.0, 3.0}) {
    const std::vector<Tensor>& y = program.run({vector_of({t, 2 * t}), vector_of({10, 20})});
    CHECK(y[0].values() == std::vector<double>{10 - t, 20 - 2 * t});
    CHECK(y[1].values() == std::vector<double>{10 * t, 40 * t});
  }
}

TEST_CASE("updates are computed from the values before the run: two parameters swap") {
  const Var a = weight({1, 2}, "a");
  const Var b = weight({3, 4}, "b");
  Program program = compile({a + b}, {.updates = {{a, b}, {b, a}}});
  CHECK(program.run()[0].values() == std::vector<double>{4, 6});
  CHECK(a.tensor().values() == std::vector<double>{3, 4});
  CHECK(b.tensor().values() == std::vector<double>{1, 2});
  program.run();
  CHECK(a.tensor().values() == std::vector<double>{1, 2});
}

TEST_CASE("updates that read each other's parameters see the values before the run") {
  const Var a = weight({1}, "a");
  const Var b = weight({10}, "b");
  Program program = compile({}, {.updates = {{a, a + b}, {b, a * 2.0}}});
  program.run();
  CHECK(a.tensor().item() == 11);
  CHECK(b.tensor().item() == 2);
}

TEST_CASE("a parameter's own tensor, fed as an input, is read before it is written") {
  const Var a = weight({1}, "a");
  const Var b = weight({2}, "b");
  const Var x = input(Shape{1}, DType::kF64);
  const Var y = input(Shape{1}, DType::kF64);
  Program program = compile({}, {.inputs = {x, y}, .updates = {{a, y}, {b, x}}});
  program.run({a.tensor(), b.tensor()});
  CHECK(a.tensor().item() == 2);
  CHECK(b.tensor().item() == 1);
}

TEST_CASE("an output that is a parameter is a copy and shows its value before the update") {
  const Var w = weight({1, 2}, "w");
  Program program = compile({w, reshape(w, Shape{2, 1})}, {.updates = {{w, w * 2.0}}});
  const Tensor first = program.run()[0];
  CHECK(first.values() == std::vector<double>{1, 2});
  CHECK(program.run()[1].values() == std::vector<double>{2, 4});
  CHECK(first.values() == std::vector<double>{1, 2});
  CHECK(w.tensor().values() == std::vector<double>{4, 8});
}

TEST_CASE("results are reused by the next run unless somebody holds them") {
  const Var x = input(Shape{1}, DType::kF64);
  Program program = compile({x + 1.0}, {.inputs = {x}});
  const void* first = program.run({vector_of({1})})[0].raw();
  CHECK(program.run({vector_of({2})})[0].raw() == first);
  const Tensor held = program.run({vector_of({3})})[0];
  CHECK(program.run({vector_of({4})})[0].raw() != held.raw());
  CHECK(held.item() == 4);
}

TEST_CASE("a watched value that is not finite stops the commit and is named") {
  const Var w = weight({1}, "w");
  const Var x = input(Shape{1}, DType::kF64);
  const Var loss = sum(x * w).named("mse");
  const Var same = sum(x * w).named("twin");
  const Var fine = sum(w).named("fine");
  Program program =
      compile({}, {.inputs = {x}, .updates = {{w, w + 1.0}}, .watch = {fine, loss, same}});
  program.run({vector_of({1})});
  CHECK(w.tensor().item() == 2);
  CHECK_THROWS_WITH_AS(program.run({vector_of({kNaN})}), "loss term mse is not finite",
                       NonFiniteError);
  CHECK(w.tensor().item() == 2);
  Program twin = compile({loss}, {.inputs = {x}, .watch = {same}});
  CHECK_THROWS_WITH_AS(twin.run({vector_of({1 / 0.0})}), "loss term twin is not finite",
                       NonFiniteError);
  program.run({vector_of({1})});  // and the program still runs
  CHECK(w.tensor().item() == 3);
}

TEST_CASE("of a loss and a new value that are both not finite the loss is told, or its gradient") {
  const Var w = weight({1, 0.5, 2}, "w");
  const Var x = input(Shape{3}, DType::kF64);
  const auto program_of = [&](const Var& loss) {
    const Var next = w - 0.1 * grad(loss, w);  // one loop makes the loss and the new value
    return compile({loss}, {.inputs = {x}, .updates = {{w, next}}, .watch = {loss}});
  };
  const auto origin = [&](const Var& loss, const std::vector<double>& fed) {
    std::string told;
    try {
      program_of(loss).run({vector_of(fed)});
    } catch (const NonFiniteError& error) {
      told = fmt::format("{}: {}", error.what(), error.origin());
    }
    return told;
  };
  CHECK(origin(sum(log(w * x)).named("entropy"), {0, 1, -1}) ==
        "loss term entropy is not finite: log f64 [3] of -2 to 0.5");
  CHECK(origin(sum(sqrt(w * x)).named("root"), {0, 1, 1}) ==
        "the new value of parameter w is not finite: reciprocal f64 [3] of 0 to 1.414");
  CHECK(w.tensor().values() == std::vector<double>{1, 0.5, 2});
}

TEST_CASE("a new value that is not finite is named; what was written in place before it stays") {
  const Var v = weight(std::vector<double>(100, 1.0), "v");
  const Var w = weight(std::vector<double>(100, 1.0), "w");
  const Var x = input(Shape{100}, DType::kF64);
  Program program = compile({}, {.inputs = {x}, .updates = {{v, v + 1.0}, {w, w + x}}});
  std::vector<double> bad(100, 1.0);
  bad[97] = -1 / 0.0;
  CHECK_THROWS_WITH_AS(program.run({vector_of(bad)}), "the new value of parameter w is not finite",
                       NonFiniteError);
  CHECK(v.tensor().values() == std::vector<double>(100, 2.0));
}

TEST_CASE("a new value is written in place unless its old one, or the gate, is still needed") {
  const Var w = weight({1, 2, 3}, "w");
  const auto in_place = [&](const std::vector<Var>& outputs, const CompileOptions& options) {
    return compile(outputs, options).plan().find("-> w") != std::string::npos;
  };
  CHECK(in_place({}, {.updates = {{w, w * 2.0}}}));
  CHECK_FALSE(
      in_place({w}, {.updates = {{w, w * 2.0}}}));  // the output is the value before the run
  const Var read_later = sum(matmul(reshape(w, Shape{1, 3}), reshape(tanh(w * 2.0), Shape{3, 1})));
  CHECK_FALSE(in_place({read_later}, {.updates = {{w, w * 2.0}}}));
}

TEST_CASE("compile refuses what cannot be run") {
  const Var w = weight({1, 2}, "w");
  const Var x = input(Shape{2}, DType::kF64).named("x");
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{w, w}, {w, w + 1.0}}}),
                       "compile: a parameter is updated twice: w f64 [2]", Error);
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{w, sum(w)}}}),
                       "compile: an update's types differ: parameter w f64 [2], value f64 []",
                       Error);
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{x, w}}}),
                       "compile: an update's left side must be a parameter", Error);
  CHECK_THROWS_WITH_AS(compile({}, {.updates = {{w, Var()}}}),
                       "compile: the new value of parameter w f64 [2] is an empty Var", Error);
  CHECK_THROWS_WITH_AS(compile({x + w}), "compile: an input is not listed: x=f64 [2]", Error);
  CHECK_THROWS_WITH_AS(compile({}, {.inputs = {x, x}}),
                       "compile: an input is listed twice: x f64 [2]", Error);
  CHECK_THROWS_WITH_AS(compile({}, {.inputs = {w}}), "compile: only inputs can be listed as inputs",
                       Error);
  CHECK_THROWS_WITH_AS(compile({w}, {.watch = {w}}),
                       "compile: a watched value must be a real scalar: w f64 [2]", Error);
  CHECK_THROWS_WITH_AS(compile({Var()}),
                       "graph: an output is an empty Var: nothing was assigned to it", Error);
}

TEST_CASE("run refuses inputs of other types, and a program that is empty") {
  const Var x = input(Shape{2}, DType::kF64).named("x");
  Program program = compile({x}, {.inputs = {x}});
  CHECK_THROWS_WITH_AS(program.run(), "run: the program takes 1 inputs: got 0", Error);
  CHECK_THROWS_WITH_AS(program.run({vector_of({1})}),
                       "run: input 0 x: expected f64 [2], got f64 [1]", Error);
  const Program moved = std::move(program);
  CHECK_THROWS_WITH_AS(program.run({vector_of({1, 2})}),
                       "run: the program is empty: it was never compiled or was moved from", Error);
  CHECK(program.plan() == "");
  CHECK(program.arena_bytes() == 0);
}

std::atomic<bool> inside{false};
std::atomic<bool> go_on{false};

// Waits inside of a run, so that another thread meets a program that is running.
void waiting_kernel(const KernelCall& k) {
  inside = true;
  while (!go_on) std::this_thread::yield();
  copy_kernel(k);
}
const Op& waiting_op =
    define({.name = "test_waiting", .type = same_as_first, .kernel = waiting_kernel});

TEST_CASE("a second program that updates a parameter throws while the first one runs") {
  const Var w = weight({1}, "w");
  Program slow = compile({}, {.updates = {{w, apply(waiting_op, {w}) + 1.0}}});
  Program other = compile({}, {.updates = {{w, w * 2.0}}});
  inside = go_on = false;
  std::thread thread([&] { slow.run(); });
  while (!inside) std::this_thread::yield();
  CHECK_THROWS_WITH_AS(other.run(), "run: parameter w is being updated by another running program",
                       Error);
  CHECK_THROWS_WITH_AS(w.assign(vector_of({5})),
                       "assign: parameter w is being updated by a running program", Error);
  go_on = true;
  thread.join();
  CHECK(w.tensor().item() == 2);
  other.run();
  CHECK(w.tensor().item() == 4);
}

TEST_CASE("a run that throws gives the parameter back") {
  const Var w = weight({1}, "w");
  const Var x = input(Shape{1}, DType::kF64);
  Program program = compile({}, {.inputs = {x}, .updates = {{w, x}}});
  CHECK_THROWS_AS(program.run({vector_of({kNaN})}), NonFiniteError);
  w.assign(vector_of({3}));
  program.run({vector_of({4})});
  CHECK(w.tensor().item() == 4);
}

TEST_CASE("compile_by_shape keeps one program a signature") {
  const Var w = weight({2}, "w");
  int calls = 0;
  ProgramByShape programs = compile_by_shape([&](const std::vector<Var>& inputs) {
    ++calls;
    return Graph{.outputs = {sum(inputs[0] * w)}, .options = {.updates = {{w, w + 1.0}}}};
  });
  CHECK(programs.run({vector_of({1, 1, 1})})[0].item() == 6);
  CHECK(programs.run({vector_of({1})})[0].item() == 3);
  CHECK(programs.run({vector_of({1, 2, 3})})[0].item() == 24);
  CHECK(programs.programs() == 2);
  CHECK(calls == 2);
  CHECK(w.tensor().item() == 5);
}

TEST_CASE("equal work is done once and buffers are shared") {
  const Var x = input(Shape{1000}, DType::kF64);
  Var y = x;
  for (int i = 0; i < 20; ++i) y = tanh(matmul(reshape(y, Shape{1, 1000}), eye(1000, y.dtype())));
  y = reshape(y, Shape{1000});
  const Program program = compile({y}, {.inputs = {x}});
  // Twenty equal identities are one, and two rows of 1000 numbers are alive at a time.
  CHECK(program.arena_bytes() <= 8 * (1000 * 1000 + 3 * 1024));
  CHECK(program.plan().find("eye") == program.plan().rfind("eye"));
}

TEST_CASE("outputs are computed where they are returned, and what is held or fed again stays") {
  const Var x = input(Shape{2}, DType::kF64), y = tanh(x);
  Program program = compile({y, reshape(y, Shape{2, 1}), x, y + 1}, {.inputs = {x}});
  const Tensor held = program.run({vector_of({0, 1})})[0];
  CHECK(program.run({vector_of({2, 3})})[1].at(1) == std::tanh(3.0));
  CHECK(held.at(1) == std::tanh(1.0));
  // Fed with its own outputs, which nobody holds a handle of.
  Program twice = compile({exp(x) + cumsum(x, 0), 2 * x}, {.inputs = {x}});
  const std::vector<Tensor>& own = twice.run({vector_of({0.5, 1})});
  const double first = own[0].at(0), second = own[0].at(1);
  twice.run(std::span<const Tensor>(own).first(1));
  CHECK(own[0].at(1) == doctest::Approx(std::exp(second) + (first + second)));
  CHECK(own[1].at(0) == 2 * first);
}

TEST_CASE("reshapes take no memory and an elementwise op writes over an input nobody reads again") {
  const Var x = input(Shape{8, 8}, DType::kF64);
  const Program program = compile({exp(reshape(tanh(x), Shape{64}))}, {.inputs = {x}});
  CHECK(program.plan() ==
        "loop           f64 [64]               -> output 0  from input 0  { tanh exp }\n"
        "arena 0 bytes, 0 alive at line 1\n");
}

TEST_CASE("rows and columns of different lengths may meet in one elementwise node") {
  // As rows of a loop, [2, 4, 1] asks for a length of 3 and [1, 4, 3] for one of 12.
  const Var a = testing::random_parameter(Shape{2, 4, 1}, 1);
  const Var b = testing::random_parameter(Shape{1, 4, 3}, 2);
  const Var c = testing::random_parameter(Shape{2, 1, 1}, 3);
  testing::run_both(std::vector<Var>{a * b, tanh(a * b) * c + b, where(a, b, c)});
}

TEST_CASE("a value that is read again is not written over") {
  const Var x = input(Shape{4}, DType::kF64);
  const Var h = tanh(x);
  const Var r = reshape(h, Shape{2, 2});
  const Var e = exp(r);
  const std::vector<Var> outputs = {e + r, h, -r, square(e)};
  const Tensor fed = vector_of({-1, 0.5, 2, 3});
  Program program = compile(outputs, {.inputs = {x}});
  for (int run = 0; run < 2; ++run) {
    const std::vector<Tensor>& y = program.run({fed});
    const std::vector<Tensor> reference = evaluate(outputs, {{x, fed}});
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i].identical(reference[i]));
  }
}

}  // namespace
}  // namespace hourglass
