#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

std::string other_blas() {
  return std::filesystem::path(HOURGLASS_PROGRAM).parent_path() / "tests/libother_blas.so";
}

// A program with another BLAS loaded before OpenBLAS. A sanitizer wants to come first, but does not
// need to.
Output run_with_other_blas(const std::string& command) {
  return run_program("/usr/bin/env", "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD='" +
                                         other_blas() + "' " + command);
}

}  // namespace

TEST_CASE("a BLAS that is not OpenBLAS is named where it would be used, and used nowhere") {
  const std::string found = "cblas_sgemm of " + other_blas();
  const TemporaryFolder folder;
  const Output solved =
      run_with_other_blas(HOURGLASS_PROGRAM " train pca --code 2 --out " + folder.path("run"));
  CHECK(solved.code == 2);
  CHECK(solved.err ==
        "hourglass: error: blas: expected OpenBLAS with 32-bit integers: found " + found + "\n");
  const Output explained = run_with_other_blas(HOURGLASS_PROGRAM " explain dense --plan");
  CHECK(explained.code == 0);
  CHECK(explained.out.find("not OpenBLAS but " + found) != std::string::npos);
}
