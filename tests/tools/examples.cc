#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/tools/program.h"

using namespace hourglass::test;

TEST_CASE("every example runs") {
  for (const char* name : {"contractions", "own_op", "quickstart"}) {
    const TemporaryFolder folder;
    const std::string command =
        std::string("'") + HOURGLASS_EXAMPLES + "/" + name + "' >'" + folder.path("out") + "' 2>&1";
    CAPTURE(read_bytes(folder.path("out")));
    CHECK(std::system(command.c_str()) == 0);
  }
}

TEST_CASE("the example that loads a model uses one that the program saved") {
  const TemporaryFolder folder;
  REQUIRE(run_hourglass("train dense --epochs 1 --images 200 --out " + folder.path("run")).code ==
          0);
  const std::string out = folder.path("out");
  const std::string command =
      "'" HOURGLASS_EXAMPLES "/load_model' " + folder.path("run") + " >" + out + " 2>&1";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(read_bytes(out).find("code [5, 32], mean squared error 0.") == 0);
}

TEST_CASE("the README shows the examples as they are compiled") {
  const std::string readme = read_bytes(HOURGLASS_SOURCE_ROOT "/README.md");
  for (const char* name : {"load_model", "own_op", "quickstart"}) {
    const std::string code =
        read_bytes(std::string(HOURGLASS_SOURCE_ROOT "/examples/") + name + ".cc");
    REQUIRE(code.size() > 100);
    CHECK_MESSAGE(readme.find("```cpp\n" + code + "```") != std::string::npos, name);
  }
}

TEST_CASE("the table of docs/contractions.md is the one that its example prints") {
  const TemporaryFolder folder;
  const std::string command =
      std::string("'") + HOURGLASS_EXAMPLES + "/contractions' >'" + folder.path("out") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string table = read_bytes(folder.path("out"));
  REQUIRE(table.size() > 1000);
  const std::string page = read_bytes(HOURGLASS_SOURCE_ROOT "/docs/contractions.md");
  CHECK_MESSAGE(page.find(table) != std::string::npos, table);
}
