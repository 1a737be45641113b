// The page of a run that goes on, by its server.

#include <doctest/doctest.h>

#include "tests/places.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;

TEST_CASE("watch answers its own page on this machine, tells it what is new, and nobody else" *
          doctest::test_suite("long")) {
  const Folder f;
  REQUIRE(f.train("vae --hidden 9 --code 2 --epochs 3 --validation 10").err == "");
  const Output seen =
      run_program("python3", HOURGLASS_SOURCE_ROOT "/tests/tools/watch.py " HOURGLASS_PROGRAM " " +
                                 f.folder.path("run"));
  if (seen.code != 0) MESSAGE(seen.out);  // what was wrong, or why there is no browser
  CHECK(seen.err == "");
  CHECK((seen.code == 0 || seen.code == 77));
}

TEST_CASE("watch refuses what is no run, and no port, in one line") {
  const Folder f;
  const auto refused = [&](const std::string& words, const std::string& line) {
    const Output output = run_hourglass("watch " + words);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  };
  refused(f.folder.path("data"), "watch: " + f.folder.path("data") + ": there is no run in it");
  refused(f.folder.path("none"), "watch: " + f.folder.path("none") + ": there is no run in it");
  REQUIRE(f.train("dense --code 2 --epochs 1 --no-report").err == "");
  refused(f.folder.path("run") + " --port 70000", "watch: port: expected 0 to 65535: got 70000");
}
