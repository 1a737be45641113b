#include <doctest/doctest.h>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

TEST_CASE("bench/applied says in one line what row or what data there is not") {
  const Output row = run_program(HOURGLASS_BENCH "/applied", "telemtry");
  CHECK(row.code == 2);
  CHECK(row.err.starts_with(
      "applied: error: row: there is none named telemtry: did you mean telemetry? Expected one of "
      "outliers, telemetry, "));
  const Output data = run_program(HOURGLASS_BENCH "/applied", "outliers --data /nowhere");
  CHECK(data.code == 2);
  CHECK(data.err ==
        "applied: error: data: /nowhere/odds/cardio.csv.gz: is not there: --data names the folder "
        "of all sets\n");
}

TEST_CASE("bench/applications says which row was meant") {
  const Output row = run_program(HOURGLASS_SOURCE_ROOT "/bench/applications", "outlier");
  CHECK(row.code == 1);
  CHECK(
      row.err.starts_with("applications: there is no row outlier: did you mean outliers? Known "
                          "are outliers, telemetry, "));
  const Output data =
      run_program(HOURGLASS_SOURCE_ROOT "/bench/applications", "--data /nowhere outliers --force");
  CHECK(data.err == "applications: no folder of data sets at /nowhere: name it with --data\n");
}

// The figures that are kept, and the same without a codec.
TEST_CASE("the page of compression says where there was no WebP, and leaves it out") {
  const TemporaryFolder folder;
  const std::string script = folder.path("page.py");
  write_bytes(script,
              "import json, pathlib, sys\n"
              "sys.dont_write_bytecode = True\n"
              "root, pictures = map(pathlib.Path, sys.argv[1:])\n"
              "sys.path.insert(0, str(root / 'bench' / 'applied'))\n"
              "from page.compression import compression_section, compression_summary\n"
              "found = json.loads((root / 'docs' / 'applications.json').read_text())['compression']"
              "['measured']\n"
              "for each in (*found['sets'].values(), *found['exact'].values()):\n"
              "    each.pop('WebP', None)\n"
              "print(*compression_section(found, pictures), compression_summary(found))\n");
  const Output page =
      run_program("python3", script + " " HOURGLASS_SOURCE_ROOT " " + folder.path("."));
  CHECK(page.err == "");
  const std::string said = "without WebP, since the build had no libwebp, is";
  const std::size_t at = page.out.find(said);
  REQUIRE(at != std::string::npos);
  CHECK(page.out.substr(0, at).find("WebP") == std::string::npos);
  CHECK(page.out.find("WebP", at + said.size()) == std::string::npos);
}
