#include "tensor/nearest_name.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("a mistyped name is nearest to what one slip of the hand makes of it") {
  const std::vector<std::string_view> known = {"pca", "vae", "conv", "sparse-l1", "k-sparse"};
  CHECK(nearest_name("vea", known) == "vae");           // two letters swapped
  CHECK(nearest_name("cov", known) == "conv");          // one left out
  CHECK(nearest_name("convv", known) == "conv");        // one added
  CHECK(nearest_name("konv", known) == "conv");         // one changed
  CHECK(nearest_name("sparse", known) == "sparse-l1");  // the beginning of one
  CHECK(nearest_name("kk-sprase", known) == "k-sparse");
}

TEST_CASE("a name that is like none has no nearest") {
  const std::vector<std::string_view> known = {"mse", "bce"};
  CHECK(nearest_name("likelihood", known).empty());
  CHECK(nearest_name("", known).empty());
  CHECK(nearest_name("x", known).empty());
  CHECK(nearest_name("mse", {}).empty());
}

TEST_CASE("an unknown name is refused with the nearest, if there is one, and all") {
  CHECK_THROWS_WITH_AS(throw_unknown_name("loss", "msee", {"mse", "bce"}),
                       "loss: there is none named msee: did you mean mse? Expected one of mse, bce",
                       Error);
  CHECK_THROWS_WITH_AS(throw_unknown_name("loss", "nll", {"mse", "bce"}),
                       "loss: there is none named nll: expected one of mse, bce", Error);
}

TEST_CASE("an error is one line, whatever the names in it hold") {
  CHECK_THROWS_WITH_AS(throw_unknown_name("loss", "ms\ne\t", {"mse", "bce"}),
                       "loss: there is none named ms\\x0ae\\x09: expected one of "
                       "mse, bce",
                       Error);
  CHECK(std::string_view(Error("a\nb").what()) == "a\\x0ab");
}
