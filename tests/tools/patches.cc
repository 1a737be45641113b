// Each patch of tests/patches applies to the sources as they are, in no more files than it says.
// That what they add works is shown by tests/patches/run, which .ci/run calls: it builds.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/places.h"

TEST_CASE("what an op, a lane and their like cost inside the library is what the patches say") {
  if (!std::filesystem::exists(HOURGLASS_SOURCE_ROOT "/.git")) return;  // git copies the sources
  CHECK(std::system(HOURGLASS_SOURCE_ROOT "/tests/patches/run --apply-only >/dev/null") == 0);
}
