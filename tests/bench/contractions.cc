#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

TEST_CASE("the table of docs/contractions.md is the one that its program prints") {
  const TemporaryFolder folder;
  const std::string command =
      std::string("'") + HOURGLASS_BENCH + "/contractions' >'" + folder.path("out") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string table = read_bytes(folder.path("out"));
  REQUIRE(table.size() > 1000);
  const std::string page = read_bytes(HOURGLASS_SOURCE_ROOT "/docs/contractions.md");
  CHECK_MESSAGE(page.find(table) != std::string::npos, table);
}
