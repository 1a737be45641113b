#include "autograd/graph/op.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"
#include "tests/places.h"

namespace hourglass {
namespace {

using testing::vector_of;

// Occurrences of a definition in the library's sources, whatever the line breaks.
int definitions_in_sources() {
  int found = 0;
  const std::filesystem::path root = HOURGLASS_SOURCE_ROOT;
  for (const char* room : {"tensor", "autograd", "nn", "ae"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / room)) {
      if (entry.path().extension() != ".cc") continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      const std::string source = text.str();
      const std::string mark = "define({";
      for (auto at = source.find(mark); at != std::string::npos; at = source.find(mark, at + 1)) {
        ++found;
      }
    }
  }
  return found;
}

bool is_of_the_library(const Op* op) { return !testing::is_tests_own(op->name); }

TEST_CASE("every op that the sources define is registered: none was dropped by the linker") {
  const std::vector<const Op*> ops = all_ops();
  CHECK(std::count_if(ops.begin(), ops.end(), is_of_the_library) == definitions_in_sources());
}

TEST_CASE("ops are listed by name, each once, and found by name") {
  const std::vector<const Op*> ops = all_ops();
  CHECK(std::is_sorted(ops.begin(), ops.end(),
                       [](const Op* a, const Op* b) { return a->name < b->name; }));
  std::set<std::string_view> names;
  for (const Op* op : ops) {
    CHECK(names.insert(op->name).second);
    CHECK(find_op(op->name) == op);
  }
  CHECK(find_op("no such op") == nullptr);
}

TEST_CASE("every op is a leaf, or has a lane or a type rule and a kernel") {
  for (const Op* op : all_ops()) {
    CAPTURE(op->name);
    if (op->leaf) continue;
    CHECK(static_cast<bool>(op->type));
    CHECK((op->is_lane() || static_cast<bool>(op->kernel)));
  }
}

TensorType test_type(const Call& c) { return same_as_first(c); }

TEST_CASE("an op without a kernel and a name that is taken are refused") {
  CHECK_THROWS_WITH_AS(define({.name = "test_nothing"}),
                       "define: test_nothing: needs a lane, or a type rule and a kernel", Error);
  CHECK_THROWS_WITH_AS(define({.name = "test_no_kernel", .type = test_type}),
                       "define: test_no_kernel: needs a lane, or a type rule and a kernel", Error);
  CHECK_THROWS_WITH_AS(define({.name = "tanh", .lane = kernels::Lane::kTanh}),
                       "define: an op of this name exists already: tanh", Error);
  CHECK(find_op("test_nothing") == nullptr);
}

TEST_CASE("a leaf is not applied") {
  CHECK_THROWS_WITH_AS(apply(constant(1).op(), {}),
                       "apply: constant is a leaf: use the function of this name", Error);
}

TEST_CASE("a type rule's errors name the op, the shapes and what differs") {
  const Var a = input(Shape{2, 3});
  const Var b = input(Shape{3, 3});
  const Op& add = *find_op("add");
  CHECK_THROWS_WITH_AS(apply(add, {a, b}), "add: shapes differ: a=[2, 3], b=[3, 3]", Error);
  CHECK_THROWS_WITH_AS(apply(add, {a}), "add: takes 2 inputs: a=[2, 3]: got 1", Error);
  CHECK_THROWS_WITH_AS(apply(add, {a, cast(a, DType::kF64)}),
                       "add: dtypes differ: a=[2, 3], b=[2, 3]: a is f32, b is f64: use cast(b, "
                       "DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(a + b, "add: shapes do not broadcast: a=[2, 3], b=[3, 3]: 2 vs 3", Error);
  CHECK_THROWS_WITH_AS(tanh(input(Shape{4}, DType::kU8)),
                       "tanh: numbers must be f32 or f64: a=[4]: got u8: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(matmul(input(Shape{32, 784}), input(Shape{512, 256})),
                       "matmul: inner dimensions differ: a=[32, 784], b=[512, 256]: 784 vs 512",
                       Error);
}

TEST_CASE("reapply keeps label and scope, and gives back the node where nothing changed") {
  const Var x = input(Shape{2});
  Var y;
  {
    const LabelScope scope("layer");
    y = tanh(x).named("h");
  }
  CHECK(reapply(y, {x}).same(y));
  const Var other = reapply(y, {input(Shape{5})});
  CHECK(other.shape() == Shape{5});
  CHECK(other.label() == "h");
  CHECK(other.scope() == "layer");
}

TEST_CASE("eye is the identity matrix of real numbers") {
  CHECK(testing::run_both(eye(2, DType::kF64)).values() == std::vector<double>{1, 0, 0, 1});
  CHECK(eye(0).shape() == Shape{0, 0});
  CHECK_THROWS_WITH_AS(eye(2, DType::kI32), "eye: numbers must be f32 or f64: got i32", Error);
}

// Follow rules, on shapes where the answer is known.
int follow(const Var& y, int argument, int axis) { return follow_axis(y, argument, axis); }

TEST_CASE("follow says where an axis goes, and what an op mixes") {
  const Var x = input(Shape{4, 3, 5});
  CHECK(follow(tanh(x), 0, 1) == 1);
  CHECK(follow(transpose(x, {2, 0, 1}), 0, 0) == 1);
  CHECK(follow(transpose(x, {2, 0, 1}), 0, 2) == 0);
  CHECK(follow(reshape(x, Shape{4, 15}), 0, 0) == 0);
  CHECK(follow(reshape(x, Shape{4, 15}), 0, 1) == kMixed);
  CHECK(follow(reshape(x, Shape{12, 5}), 0, 2) == 1);
  CHECK(follow(broadcast_to(x, Shape{2, 4, 3, 5}), 0, 0) == 1);
  CHECK(follow(sum(x, {1}, true), 0, 0) == 0);
  CHECK(follow(sum(x, {1}, true), 0, 1) == kMixed);
  CHECK(follow(argmax(x, {2}), 0, 1) == 1);
  CHECK(follow(eye(3) + 0.0, 0, 0) == 0);
}

TEST_CASE("matmul keeps the rows of a, the columns of b and the batch, whatever the flags") {
  const Op& op = *find_op("matmul");
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const Var a = input(ta ? Shape{7, 3, 2} : Shape{7, 2, 3});
      const Var b = input(tb ? Shape{7, 4, 3} : Shape{7, 3, 4});
      const Var single = input(tb ? Shape{4, 3} : Shape{3, 4});
      const Attributes flags{{"transpose_a", ta}, {"transpose_b", tb}};
      const Var y = apply(op, {a, b}, flags);
      CHECK(follow(y, 0, 0) == 0);
      CHECK(follow(y, 0, ta ? 2 : 1) == 1);
      CHECK(follow(y, 0, ta ? 1 : 2) == kMixed);
      CHECK(follow(y, 1, tb ? 1 : 2) == 2);
      CHECK(follow(y, 1, tb ? 2 : 1) == kMixed);
      const Var shared = apply(op, {a, single}, flags);
      CHECK(follow(shared, 1, tb ? 0 : 1) == 2);
      CHECK(follow(shared, 1, tb ? 1 : 0) == kMixed);
    }
  }
}

}  // namespace
}  // namespace hourglass
