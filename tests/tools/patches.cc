// Each patch of tests/patches applies to the sources as they are, in no more files than it says.
// That what they add works is shown by tests/patches/run, which .ci/run calls: it builds. And
// tests/mutate/run finds places for its mutants.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

TEST_CASE("what an op, a lane and their like cost inside the library is what the patches say") {
  if (!std::filesystem::exists(HOURGLASS_SOURCE_ROOT "/.git")) return;  // git copies the sources
  CHECK(std::system(HOURGLASS_SOURCE_ROOT "/tests/patches/run --apply-only >/dev/null") == 0);
}

TEST_CASE("mutants are drawn from the sources, the same for the same seed") {
  const auto list = [](const std::string& options) {
    return hourglass::test::run_program(HOURGLASS_SOURCE_ROOT "/tests/mutate/run",
                                        "--list --count 30 " + options);
  };
  const hourglass::test::Output some = list("--only ae/papers --seed 3");
  CHECK(some.code == 0);
  CHECK(some.err == "");
  CHECK(some.out == list("--only ae/papers --seed 3").out);
  CHECK(some.out != list("--only ae/papers --seed 4").out);
  CHECK(some.out.starts_with("ae/papers/"));
  CHECK(some.out.find("\n  - ") != std::string::npos);
  CHECK(some.out.find("\n  + ") != std::string::npos);
}
