#pragma once

// A folder with small data and, once trained, a run.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/tools/program.h"

namespace hourglass::test {

struct Folder {
  TemporaryFolder folder;
  Folder() { write_small_data(folder.path("data")); }
  Output train(const std::string& options) const {
    return run_hourglass("train " + options + " --batch 16 --data " + folder.path("data") +
                         " --out " + folder.path("run"));
  }
  void refused(const std::string& options, const std::string& line) const {
    const Output output = train(options);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK_FALSE(std::filesystem::exists(folder.path("run")));
  }
};

}  // namespace hourglass::test
