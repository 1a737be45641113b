#include "autograd/graph/print.h"

#include <doctest/doctest.h>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

using namespace hourglass;

namespace {

// y = tanh(x w) in a layer, loss = mean(y^2) outside of it.
struct Layer {
  Var x = input({1, 2}).named("x");
  Var w = parameter(Tensor::from<float>({1, 0, 0, 2}, {2, 2})).named("w");
  Var y, loss;
  Layer() {
    {
      const LabelScope scope("encoder.0");
      y = tanh(matmul(x, w));
    }
    loss = (sum(square(y)) / 2).named("loss");
  }
  Feed feed() const { return {x, Tensor::from<float>({0, 0.5}, {1, 2})}; }
};

}  // namespace

TEST_CASE("a graph prints a line a node, with scalars where they are used") {
  const Layer m;
  CHECK(to_text({m.loss}, {.fold = false}) ==
        "%0 = input f32 [1, 2]  # x\n"
        "%1 = parameter f32 [2, 2]  # w\n"
        "%2 = matmul f32 [1, 2] (%0, %1) {transpose_a=false, transpose_b=false}\n"
        "%3 = tanh f32 [1, 2] (%2)\n"
        "%4 = square f32 [1, 2] (%3)\n"
        "%5 = sum_to f32 [1, 1] (%4) {shape=[1, 1]}\n"
        "%6 = reshape f32 [] (%5) {shape=[]}\n"
        "%7 = divide f32 [] (%6, 2)  # loss\n");
}

TEST_CASE("folded, a graph prints a line a layer: what goes in, what comes out, which ops") {
  const Layer m;
  CHECK(to_text({m.loss}) ==
        "%0 = input f32 [1, 2]  # x\n"
        "%1 = parameter f32 [2, 2]  # w\n"
        "%2 = encoder.0 f32 [1, 2] (%0, %1) {matmul, tanh}\n"
        "%3 = square f32 [1, 2] (%2)\n"
        "%4 = sum_to f32 [1, 1] (%3) {shape=[1, 1]}\n"
        "%5 = reshape f32 [] (%4) {shape=[]}\n"
        "%6 = divide f32 [] (%5, 2)  # loss\n");
  Var code, both;
  {
    const LabelScope scope("head");
    code = exp(m.x + 1.0).named("code");
    both = tanh(code) + exp(m.x) + 2.0;
  }
  CHECK(to_text({code, both}) ==
        "%0 = input f32 [1, 2]  # x\n"
        "%1, %2 = head f32 [1, 2], f32 [1, 2] (%0) {3 add, 2 exp, tanh}  # code\n");
}

TEST_CASE("numbers stand behind each node of a graph whose inputs are fed") {
  const Layer m;
  const std::string text = to_text({m.loss}, {.numbers = true, .feeds = {m.feed()}});
  CHECK(text.find("\nencoder.0:\n  %2 = matmul f32 [1, 2] (%0, %1) ") != std::string::npos);
  CHECK(text.find("(%2)  = {0, 0.76159}\n") != std::string::npos);
  CHECK(text.find("  # loss  = {0.29001}\n") != std::string::npos);
  // No more than eight numbers of a node.
  const Var many = exp(constant(Tensor({3, 3}, DType::kF64)));
  CHECK(to_text({many}, {.numbers = true}).find("{1, 1, 1, 1, 1, 1, 1, 1, ...}") !=
        std::string::npos);
}

TEST_CASE("a drawing has a box a leaf and, folded, one a scope, with an arrow between each pair") {
  const Layer m;
  const std::string dot = to_dot(grad(m.loss, std::vector<Var>{m.w}));
  CHECK(dot.starts_with("digraph hourglass {\n"));
  CHECK(dot.find("\"encoder.0\" [label=\"encoder.0\", shape=box, style=rounded];\n") !=
        std::string::npos);
  CHECK(dot.find("[label=\"x\\nf32 [1, 2]\", shape=box];\n") != std::string::npos);
  CHECK(dot.find("\"%0\" -> \"encoder.0\";\n") != std::string::npos);
  CHECK(dot.find("tanh") == std::string::npos);
  CHECK(to_dot({m.loss}, {.fold = false}).find("label=\"%3 tanh\\nf32 [1, 2]\"") !=
        std::string::npos);
}

TEST_CASE("a scope that is entered again is drawn anew: no arrow leads back") {
  const Var x = input({2, 2}, DType::kF64).named("x");
  Var h, y;
  {
    const LabelScope scope("outer");
    h = exp(x);
  }
  {
    const LabelScope scope("inner");
    y = tanh(h);
  }
  {
    const LabelScope scope("outer");
    y = y * h;
  }
  const GraphPicture picture = picture_of({y});
  REQUIRE(picture.boxes.size() == 4);
  CHECK(picture.boxes[1].name == "outer");
  CHECK(picture.boxes[3].name == "outer (2)");
  CHECK(picture.boxes[3].lines == std::vector<std::string>{"outer (2)"});
  for (const auto& [from, to] : picture.arrows) CHECK(from < to);
  CHECK(picture.arrows.size() == 4);
}
