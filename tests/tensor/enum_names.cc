#include "tensor/enum_names.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

namespace {

enum class Colour { kRed, kGreen, kBlue };

const hourglass::EnumNames<Colour>& names_of(Colour) {
  static const hourglass::EnumNames<Colour> names = {
      "colour", {{"red", Colour::kRed}, {"green", Colour::kGreen}, {"blue", Colour::kBlue}}};
  return names;
}

}  // namespace

using namespace hourglass;

TEST_CASE("an enumerator survives its name, and a help text lists all") {
  for (const Colour c : {Colour::kRed, Colour::kGreen, Colour::kBlue}) {
    CHECK(enum_named<Colour>(name_of(c)) == c);
  }
  CHECK(enum_choices<Colour>() == "red, green or blue");
  CHECK(either_of({"mse", "bce"}) == "mse or bce");
  CHECK(either_of({"mse"}) == "mse");
}

TEST_CASE("a name or a number that no enumerator has is refused") {
  CHECK_THROWS_WITH_AS(
      enum_named<Colour>("gren"),
      "colour: there is none named gren: did you mean green? Expected one of red, green, blue",
      Error);
  CHECK_THROWS_WITH_AS(name_of(static_cast<Colour>(7)), "colour: no name stands for 7", Error);
}
