#include "tools/svg.h"

#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"

extern char** environ;

namespace hourglass::tools {

using namespace internal;

namespace {

namespace fs = std::filesystem;

// A folder that is gone when this is.
class Scratch {
 public:
  Scratch() : folder_((fs::temp_directory_path() / "hourglass-XXXXXX").string()) {
    if (mkdtemp(folder_.data()) == nullptr) {
      throw Error(fmt::format("explain: cannot make a temporary folder: {}", folder_));
    }
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string path(const char* name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

// Runs a program found in PATH; its exit code, or -1 where there is none of that name.
int run_command(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
    return -1;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

void write_svg(const std::string& path, const std::string& dot) {
  const Scratch scratch;
  std::ofstream(scratch.path("graph.dot"), std::ios::binary) << dot;
  const int code =
      run_command({"dot", "-Tsvg", "-o", scratch.path("graph.svg"), scratch.path("graph.dot")});
  if (code == -1 || code == 127) {
    throw Error(
        fmt::format("explain: {}: drawing needs Graphviz's dot, which is not installed: "
                    "--dot FILE writes what it would draw",
                    path));
  }
  std::ifstream drawn(scratch.path("graph.svg"), std::ios::binary);
  if (code != 0 || !drawn)
    throw Error(fmt::format("explain: {}: dot failed with code {}", path, code));
  write_text(path, std::string(std::istreambuf_iterator<char>(drawn), {}), "explain");
}

}  // namespace hourglass::tools
