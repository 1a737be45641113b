#include <fmt/core.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tools/commands.h"

namespace hourglass::tools {
namespace {

struct BenchArguments {
  std::string filter, roofline;
  double seconds = 0.05;
  bool json = false;
};

namespace fs = std::filesystem;

// The benchmarks are a program of their own: build/bench/kernels beside build/hourglass, installed
// as libexec/hourglass/kernels.
fs::path kernels_program() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path built = here / "bench" / "kernels";
  const fs::path installed = here.parent_path() / HOURGLASS_LIBEXECDIR / "hourglass" / "kernels";
  for (const fs::path& program : {built, installed}) {
    if (fs::exists(program)) return program;
  }
  throw Error(
      fmt::format("bench: neither {} nor {} is there: it is built where Google Benchmark is "
                  "installed (libbenchmark-dev)",
                  built.string(), installed.string()));
}

// It takes this process's place, without what an environment may pin OpenBLAS to.
int bench(const BenchArguments& arguments) {
  const fs::path program = kernels_program();
  std::vector<std::string> words = {program.string(), "--cpu", kernels::cpu_target(), "--seconds",
                                    fmt::format("{}", arguments.seconds)};
  if (arguments.json) words.push_back("--json");
  if (!arguments.roofline.empty()) words.insert(words.end(), {"--roofline", arguments.roofline});
  if (!arguments.filter.empty()) words.insert(words.end(), {"--", arguments.filter});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  unsetenv("OPENBLAS_CORETYPE");
  unsetenv("OPENBLAS_L2_SIZE");
  execv(argv[0], argv.data());
  throw Error(fmt::format("bench: {}: {}", program.string(), std::strerror(errno)));
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<BenchArguments>();
  BenchArguments& a = *arguments;
  CLI::App* command = app.add_subcommand("bench", "What kernels reach, as a share of this machine");
  command->add_option("filter", a.filter, "A regular expression: gemm, tanh/f32, loop.*L2, ...");
  CLI::Option* json = command->add_flag("--json", a.json, "Google Benchmark's JSON");
  command->add_option("--seconds", a.seconds, "How long each is timed")->capture_default_str();
  command->add_option("--roofline", a.roofline, "Draw rates and roofs: FILE.svg or .png")
      ->excludes(json);
  command->callback([&action, arguments] { action = [arguments] { return bench(*arguments); }; });
}

}  // namespace hourglass::tools
