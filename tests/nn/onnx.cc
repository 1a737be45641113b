#include "nn/onnx/onnx.h"

#include <doctest/doctest.h>

#include <set>

#include "autograd/certificate/certificate.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "nn/onnx/ops.h"
#include "tensor/error.h"
#include "tests/tools/program.h"

using namespace hourglass;
using nn::onnx;
using test::holds;
using Vars = std::vector<Var>;

namespace {

void refused(const std::function<Vars(const Vars&)>& f, const std::string& line) {
  CHECK_THROWS_WITH_AS(onnx(f, {{"x", Shape{4}}}), ("onnx: " + line).c_str(), Error);
}

// A field of so many bytes: of a name, or of an open size.
std::string field(int number, const std::string& text) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
}

}  // namespace

TEST_CASE("the table of ops to ONNX's has a row for each op that ONNX has a counterpart for") {
  const std::set<std::string_view> without = {"constant",
                                              "input",
                                              "parameter",  // leaves
                                              "conv2d_weight_gradient",
                                              "digamma",
                                              "lgamma",
                                              "polygamma",
                                              "random_normal",
                                              "random_uniform",
                                              "sampled_matmul",
                                              "sparse_matmul",
                                              "sparse_transpose_matmul"};
  std::set<std::string_view> rows;
  for (const internal::OnnxOp& row : internal::onnx_ops()) {
    CAPTURE(row.op);
    CHECK(find_op(row.op) != nullptr);
    CHECK(rows.insert(row.op).second);
  }
  // An op that is neither here nor there is refused by name, as one of a user's own is.
  for (const check::Row& row : check::certificate_rows()) {
    if (find_op(row.name) == nullptr || rows.count(row.name) + without.count(row.name) == 1)
      continue;
    MESSAGE(row.name << " has no row");
  }
  for (std::string_view name : without) CHECK(internal::find_onnx_op(*find_op(name)) == nullptr);
  CHECK(rows.size() >= 70);
}

// By the numbers of onnx.proto: what a reader of ONNX makes of such files is asked of one in .ci/run.
TEST_CASE("a graph of one node is written as onnx.proto has it, byte by byte") {
  const Var x = input(Shape{2}, DType::kF32).named("x");
  const auto message = [](int number, const std::string& bytes) { return field(number, bytes); };
  const std::string size = message(1, std::string("\x08\x02", 2)),
                    tensor = std::string("\x08\x01", 2) + message(2, size),
                    type = message(2, message(1, tensor));
  const std::string node = field(1, "x") + field(4, "Relu") + field(2, "Relu") + field(3, "Relu"),
                    last = field(1, "Relu") + field(4, "Identity") + field(2, "y") + field(3, "y");
  const std::string graph = message(1, node) + message(1, last) + field(2, "hourglass") +
                            message(11, field(1, "x") + type) + message(12, field(1, "y") + type);
  const std::string opset = field(1, "") + std::string("\x10\x11", 2);
  CHECK(onnx({relu(x).named("y")}, {x}, {{"key", "value"}}) ==
        std::string("\x08\x08", 2) + field(2, "hourglass") + message(7, graph) + message(8, opset) +
            message(14, field(1, "key") + field(2, "value")));
}

TEST_CASE("sizes that follow the number of examples are open, others are numbers") {
  const auto f = [](const Vars& x) -> Vars { return {reshape_to(x[0], {-1, 2}).named("y")}; };
  const std::string any = onnx(f, {{"x", Shape{4}}});
  CHECK(holds(any, field(2, "N")));
  CHECK(holds(any, field(2, "2N")));
  const Var x = input(Shape{3, 4}, DType::kF32).named("x");
  const std::string three = onnx({f({x})[0]}, {x});
  CHECK_FALSE(holds(three, field(2, "N")));
}

TEST_CASE("what no output needs is not in the file, and equal nodes are one") {
  const Var x = input(Shape{3}, DType::kF32).named("x"), w = parameter(Tensor::full({3}, 2));
  w.named("weight");
  const Var y = (tanh(x) * tanh(x)).named("y");
  const std::string bytes = onnx({y}, {x});
  CHECK_FALSE(holds(bytes, "Tanh_2"));
  CHECK_FALSE(holds(bytes, "weight"));
  CHECK(holds(onnx({(x * w).named("y")}, {x}), "weight"));
  // An elementwise op stretches by itself.
  CHECK_FALSE(holds(onnx({x + 1.0}, {x}), "Expand"));
}

TEST_CASE("graphs that ONNX cannot hold are refused in one line") {
  refused([](const Vars& x) -> Vars { return {lgamma(x[0])}; },
          "ONNX has no counterpart for lgamma");
  refused(
      [](const Vars& x) -> Vars {
        const LabelScope scope("decoder");
        return {digamma(x[0])};
      },
      "ONNX has no counterpart for digamma (in decoder)");
  refused([](const Vars& x) -> Vars { return {x[0] - mean(x[0], {0})}; },
          "the graph is not the same for every number of examples: constant [] differs");
  refused(
      [](const Vars& x) -> Vars {
        return {slice(x[0], 0, {0, x[0].size(0) - 1})};
      },
      "the graph is not the same for every number of examples: slice [1, 4] differs");
  refused([](const Vars& x) -> Vars { return {slice(x[0], 0, {x[0].size(0) - 1})}; },
          "slice: its start follows the number of examples, where ONNX needs a fixed one");
  refused([](const Vars& x) -> Vars { return {argsort(x[0], 0)}; },
          "argsort: its size follows the number of examples, where ONNX needs a fixed one");
  refused([](const Vars& x) -> Vars { return {x[0].size(0) > 2 ? exp(x[0]) : tanh(x[0])}; },
          "the graph is not the same for every number of examples: tanh [2, 4] differs");
  refused(
      [](const Vars& x) -> Vars {
        return {exp(x[0]).named("y"), tanh(x[0]).named("y")};
      },
      "two inputs or outputs are called y");
  const Var x = input(Shape{3}, DType::kF32).named("x");
  CHECK_THROWS_WITH_AS(onnx({exp(x)}, Vars{}), "onnx: an input of the graph is not listed: x[3]",
                       Error);
  CHECK_THROWS_WITH_AS(onnx({exp(x)}, {exp(x)}), "onnx: only an input can be one: got exp", Error);
  const Var large = constant(Tensor::uninitialized({1 << 29}, DType::kF32));  // no page is touched
  CHECK_THROWS_WITH_AS(onnx({exp(large)}, Vars{}),
                       "onnx: weights and constants of 2147483648 bytes: ONNX files hold at most 2 "
                       "GiB",
                       Error);
  test::TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(
      nn::write_onnx(folder.path("a/b.onnx"), ""),
      ("write_onnx: " + folder.path("a/b.onnx") + ": cannot create: No such file or directory")
          .c_str(),
      FileError);
}
