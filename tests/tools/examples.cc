#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/tools/program.h"

using namespace hourglass::test;

TEST_CASE("every example runs") {
  for (const char* name : {"own_op", "quickstart"}) {
    const TemporaryFolder folder;
    const std::string command =
        std::string("'") + HOURGLASS_EXAMPLES + "/" + name + "' >'" + folder.path("out") + "' 2>&1";
    CAPTURE(read_bytes(folder.path("out")));
    CHECK(std::system(command.c_str()) == 0);
  }
}
