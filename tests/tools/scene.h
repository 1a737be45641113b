#pragma once

// A shell's script in a folder with small data; $p is the program, $train a training for ever.

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <sys/wait.h>

#include "tests/places.h"
#include "tests/tools/program.h"

namespace hourglass::test {

struct Scene {
  TemporaryFolder folder;
  Scene() { write_small_data(folder.path("data")); }

  // The script's exit code.
  int run(const std::string& script) const {
    write_bytes(
        folder.path("script"),
        "cd " + folder.path() +
            "\np='" HOURGLASS_PROGRAM
            "'\ntrain=\"$p train dense --code 2 --epochs 100000000 --no-diagnostics "
            "--no-report --data data\"\n"
            "started() { for i in $(seq 1200); do grep -q 'epoch [0-9]*/' $1 && break; sleep "
            "0.05; done; }\n" +
            script);
    // Whoever starts the tests under nohup has it ignored.
    const std::string bash = "env --default-signal=HUP bash ";
    const int status = std::system((bash + folder.path("script")).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string bytes(const std::string& name) const { return read_bytes(folder.path(name)); }
  nlohmann::json read(const std::string& name) const { return nlohmann::json::parse(bytes(name)); }
};

}  // namespace hourglass::test
