#include <doctest/doctest.h>

#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

TEST_CASE("a profile has a time for every line of the plan, by kind of work, and steps are taken") {
  const Var w = testing::random_parameter(Shape{8, 8}, 1).named("w");
  const Var x = input(Shape{4, 8}, DType::kF64);
  const Var y = tanh(matmul(x, w));
  Program program = compile({y, argmax(y)}, {.inputs = {x}, .updates = {{w, w * 2.0}}});
  const Tensor before = w.tensor().clone();
  const std::vector<Tensor> fed = {testing::random_tensor(Shape{4, 8}, 2)};
  const Profile profile = program.profile(fed, 3);

  std::string lines;
  for (const Profile::Line& line : profile.lines) lines += line.text + "\n";
  CHECK(program.plan().starts_with(lines));
  const auto count = [&](Work work) {
    return std::count_if(profile.lines.begin(), profile.lines.end(),
                         [&](const Profile::Line& line) { return line.work == work; });
  };
  CHECK(count(Work::kProduct) == 1);
  CHECK(count(Work::kLoop) == 1);
  CHECK(count(Work::kUpdate) == 1);
  CHECK(count(Work::kOther) == 1);
  CHECK(profile.of(Work::kProduct) > 0);
  CHECK(profile.of(Work::kUpdate) > 0);
  CHECK(profile.seconds > 0);
  CHECK(w.tensor().at(5) == 16 * before.at(5));  // one run to warm up and three that count

  const std::string text = to_string(profile);
  CHECK(text.find("%  products\n") != std::string::npos);
  CHECK(text.find("%  between the lines\n") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 4 + 7);
}

TEST_CASE("a profile of nothing is refused") {
  CHECK_THROWS_WITH_AS(Program().profile({}),
                       "profile: the program is empty: it was never compiled or was moved from",
                       Error);
  Program program = compile({constant(1)});
  CHECK_THROWS_WITH_AS(program.profile({}, 0), "profile: needs at least one run: got 0", Error);
}

}  // namespace
}  // namespace hourglass
