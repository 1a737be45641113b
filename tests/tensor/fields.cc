#include "tensor/fields.h"

#include <doctest/doctest.h>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"

namespace {

using namespace hourglass;
using namespace hourglass::internal;

struct Box {
  bool open = false;
  std::int64_t count = 3;
  double weight = 0.5;
  std::array<std::int64_t, 2> sides = {1, 2};
  std::uint64_t seed = 0;
  bool operator==(const Box&) const = default;
};

const std::vector<Field<Box>>& box_fields() {
  static const std::vector<Field<Box>> fields = {
      field("open", "open", "", &Box::open), field("count", "count", "", &Box::count, at_least(1)),
      field("weight", "", "", &Box::weight, kPositive), field("sides", "", "", &Box::sides),
      field("seed", "", "", &Box::seed)};
  return fields;
}

Box read(const std::string& text) {
  Box box;
  read_fields(Json::parse(text), box_fields(), {}, box);
  check_all_limits(box, box_fields());
  return box;
}

}  // namespace

TEST_CASE("a struct survives its fields, and what a file lacks has its default") {
  const Box box{.open = true, .count = 7, .weight = 2, .sides = {4, 5}, .seed = ~std::uint64_t{0}};
  CHECK(fields_json(box, box_fields()).dump() ==
        R"({"open":true,"count":7,"weight":2.0,"sides":[4,5],"seed":18446744073709551615})");
  CHECK(read(fields_json(box, box_fields()).dump()) == box);
  CHECK(read("{}") == Box{});
  CHECK(read(R"({"weight":2})").weight == 2);  // a whole number is a number
}

TEST_CASE("a field of another kind, out of its limits or unknown is refused by name") {
  const auto refused = [](const char* text, const char* line) {
    CHECK_THROWS_WITH_AS(read(text), line, Error);
  };
  refused(R"({"open":1})", "open: expected true or false: got 1");
  refused(R"({"count":1.5})", "count: expected a whole number: got 1.5");
  refused(R"({"weight":"much"})", "weight: expected a number: got much");
  refused(R"({"sides":[1]})", "sides: expected 2 numbers: got 1");
  refused(R"({"sides":{}})", "sides: expected a number, a text or a list: got {}");
  refused(R"({"count":0})", "count must be at least 1: got 0");
  refused(R"({"weight":0})", "weight must be a positive number: got 0");
  refused(R"({"cuont":1})",
          "field: there is none named cuont: did you mean count? Expected one of open, count, "
          "weight, sides, seed");
  refused(R"({"count":true})", "count: expected a whole number: got yes");
  refused(R"({"count":1e300})", "count: expected a whole number: got 1e+300");
  refused(R"({"count":18446744073709551615})",
          "count: expected a whole number: got 18446744073709551615");
  refused(R"({"sides":[1, 18446744073709551615]})",
          "sides: expected a number, a text or a list: got [1,18446744073709551615]");
  refused(R"({"seed":-1})", "seed: expected a whole number from 0 to 2^64 - 1: got -1");
  refused("[]", "expected an object: got []");
}

TEST_CASE("limits say what they hold") {
  CHECK(kBetween0And1.text() == "between 0 and 1");
  CHECK_FALSE(kBetween0And1.holds(1));
  CHECK(at_least(0).holds(0));
  CHECK_FALSE(at_least(0).holds(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(kPositive.holds(std::numeric_limits<double>::infinity()));
  CHECK(Limits{1, 4}.text() == "1 to 4");
  CHECK(Limits{1, 4}.holds(4));
  const Limits decay{.least = 0, .most = 1, .above = true}, rate{.most = 1, .below = true};
  CHECK(decay.text() == "above 0 and at most 1");
  CHECK_FALSE(decay.holds(0));
  CHECK(decay.holds(1));
  CHECK(Limits{.least = 0, .most = 1, .below = true}.text() == "at least 0 and below 1");
  CHECK_FALSE(rate.holds(1));
  CHECK(rate.holds(-1));
}

TEST_CASE("one of a thing has no plural") {
  CHECK(counted(0, "epoch") == "0 epochs");
  CHECK(counted(1, "epoch") == "1 epoch");
  CHECK(counted(2, "more column") == "2 more columns");
  CHECK(counted(1, "class") == "1 class");
  CHECK(counted(3, "class") == "3 classes");
}

TEST_CASE("JSON that lies too deep in itself is refused before anything walks through it") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(json_text(parse_json(nested(100))) == nested(100));
  const char* const line = "lists and objects lie more than 100 deep in each other";
  CHECK_THROWS_WITH_AS(parse_json(nested(102)), line, Error);
  CHECK_THROWS_WITH_AS(parse_json(nested(1000000)), line, Error);
}
