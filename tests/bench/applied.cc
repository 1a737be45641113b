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
