// What each command takes.

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/tools/data_files.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

TEST_CASE("each command takes the words and options that its users know, with these defaults") {
  const std::map<std::string, std::string> known = {
      {"evaluate", "run TEXT REQUIRED, --data TEXT, --pca, --importance INT, --parzen INT, --json"},
      {"reconstruct",
       "run TEXT REQUIRED, in TEXT ... REQUIRED, -o,--output TEXT REQUIRED, --class,--label INT, "
       "--labels TEXT"},
      {"denoise",
       "run TEXT REQUIRED, in TEXT ... REQUIRED, -o,--output TEXT REQUIRED, --class,--label INT, "
       "--labels TEXT, --clean TEXT, --noise TEXT, --seed UINT=0, --json"},
      {"encode",
       "run TEXT REQUIRED, in TEXT ... REQUIRED, -o,--output TEXT REQUIRED, --class,--label INT, "
       "--labels TEXT"},
      {"decode",
       "run TEXT REQUIRED, in TEXT REQUIRED, -o,--output TEXT REQUIRED, --class,--label INT, "
       "--labels TEXT"},
      {"sample",
       "run TEXT REQUIRED, -o,--output TEXT REQUIRED, --count INT=100, --class,--label INT, --seed "
       "UINT=0, --from TEXT, --data TEXT, --novelty"},
      {"interpolate",
       "run TEXT REQUIRED, in TEXT, -o,--output TEXT REQUIRED, --data TEXT, --from INT ..., --to "
       "INT ..., --steps INT=10, --spherical"},
      {"manifold",
       "run TEXT REQUIRED, -o,--output TEXT REQUIRED, --units INT ..., --size INT=20, "
       "--class,--label INT, --from TEXT, --data TEXT"},
      {"traverse",
       "run TEXT REQUIRED, -o,--output TEXT REQUIRED, --units INT ..., --image INT, --steps "
       "INT=11, --range FLOAT=3, --class,--label INT, --from TEXT, --data TEXT"},
      {"arithmetic",
       "run TEXT REQUIRED, in TEXT, -o,--output TEXT REQUIRED, --data TEXT, --a INT ... REQUIRED, "
       "--b INT ... REQUIRED, --c INT ... REQUIRED"},
      {"compress",
       "run TEXT REQUIRED, in TEXT ... REQUIRED, -o,--output TEXT REQUIRED, --bits INT=5, --step "
       "FLOAT, --class,--label INT, --labels TEXT"},
      {"decompress",
       "run TEXT REQUIRED, in TEXT REQUIRED, -o,--output TEXT REQUIRED, --class,--label INT, "
       "--labels TEXT"},
      {"score",
       "run TEXT REQUIRED, in TEXT REQUIRED, --label TEXT, --contamination FLOAT=0.1, -o,--output "
       "TEXT, --picture TEXT, --json"},
      {"index", "run TEXT REQUIRED, in TEXT ... REQUIRED, --class,--label INT, --labels TEXT"},
      {"search",
       "run TEXT REQUIRED, in TEXT ... REQUIRED, --k INT=10, --euclid, --cosine, --hamming, "
       "--radius INT, -o,--output TEXT, --json, --class,--label INT, --labels TEXT"},
      {"info", "run TEXT REQUIRED"},
      {"models", "--json"},
      {"verify", "run TEXT REQUIRED, --epochs INT, --threads INT"},
      {"watch", "run TEXT REQUIRED, --port INT=8642"},
      {"report", "run TEXT REQUIRED, --data TEXT"},
      {"compare", "runs TEXT ... REQUIRED, -o,--output TEXT, --data TEXT, --json"},
      {"certificate", "ops TEXT ..., --json"},
      {"gradcheck", "run TEXT REQUIRED, --data TEXT, --images INT=8, --second"},
      {"impute",
       "run TEXT REQUIRED, in TEXT REQUIRED, -o,--output TEXT REQUIRED, --rounds INT=10, --share "
       "FLOAT=0.1, --seed UINT=0, --json"},
      {"bench", "filter TEXT, --json, --seconds FLOAT=0.05, --repetitions INT=9, --roofline TEXT"},
      {"export",
       "run TEXT REQUIRED, --onnx, --torch, -o,--output TEXT REQUIRED, --part TEXT, --input TEXT"},
      {"man", "command TEXT, --all TEXT"},
      {"completion", "shell TEXT REQUIRED"}};
  for (const auto& [command, words] : known) {
    std::istringstream lines(run_hourglass(command + " --help").out);
    std::string taken;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("  ") || line[2] == ' ' || line.starts_with("  -h,")) continue;
      line = line.substr(2, line.find("  ", 2) - 2);
      taken += (taken.empty() ? "" : ", ") + line.substr(0, line.find(" Excludes: "));
    }
    CAPTURE(command);
    CHECK(taken == words);
  }
}

TEST_CASE("impute hides the share that is asked for, by the seed, and fills in so many rounds") {
  const TemporaryFolder folder;
  const std::string table = folder.path("days.csv"), run = folder.path("run");
  write_bytes(table, kelvin_csv());
  REQUIRE(run_hourglass("train pca --code 2 --label site --missing mean --data " + table +
                        " --out " + run)
              .err == "");
  const auto columns = [&](const std::string& options) {
    return json::parse(run_hourglass("impute " + run + " " + table + " --json -o " +
                                     folder.path("y.csv") + options)
                           .out)["columns"];
  };
  const auto hidden = [](const json& columns) {
    double sum = 0;
    for (const json& column : columns) sum += column["entries"].get<double>();
    return sum / 240;
  };
  CHECK(hidden(columns("")) == doctest::Approx(0.1).epsilon(0.4));
  CHECK(hidden(columns(" --share 0.5")) == doctest::Approx(0.5).epsilon(0.2));
  CHECK(columns(" --share 0.5") == columns(" --share 0.5 --seed 0 --rounds 10"));
  CHECK(columns(" --share 0.5") != columns(" --share 0.5 --seed 1"));
  CHECK(columns(" --share 0.5") != columns(" --share 0.5 --rounds 1"));
}
