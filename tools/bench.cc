#include <fmt/core.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tensor/kernels.h"
#include "tools/blocking.h"
#include "tools/commands.h"
#include "tools/other_program.h"

namespace hourglass::tools {
namespace {

struct BenchArguments {
  std::string filter, roofline;
  double seconds = 0.05;
  int repetitions = 9;
  bool json = false;
};

// The benchmarks are a program of their own, which nothing here links.
const OtherProgram kKernels = {"bench", "bench/kernels", "kernels",
                               "it is built by: ninja bench/kernels"};

// Without what an environment may pin OpenBLAS to.
int bench(const BenchArguments& arguments) {
  std::vector<std::string> words = {"--cpu",         kernels::cpu_target(),
                                    "--blocking",    blocking_asked(),
                                    "--seconds",     fmt::format("{}", arguments.seconds),
                                    "--repetitions", fmt::format("{}", arguments.repetitions)};
  if (arguments.json) words.push_back("--json");
  if (!arguments.roofline.empty()) words.insert(words.end(), {"--roofline", arguments.roofline});
  if (!arguments.filter.empty()) words.insert(words.end(), {"--", arguments.filter});
  unsetenv("OPENBLAS_CORETYPE");
  unsetenv("OPENBLAS_L2_SIZE");
  run_instead(kKernels, words);
}

void add_bench(CommandLine& program) {
  auto arguments = std::make_shared<BenchArguments>();
  BenchArguments& a = *arguments;
  const Command command =
      program.add_command("bench", "What kernels reach, as a share of this machine");
  command.add_option("filter", a.filter, "A regular expression: gemm, tanh/f32, loop.*L2, ...");
  const Option json = command.add_flag("--json", a.json, "One object a line");
  command.add_option("--seconds", a.seconds, "How long each is timed").show_default();
  command.add_option("--repetitions", a.repetitions, "In how many parts, a ceiling after each")
      .show_default();
  command.add_option("--roofline", a.roofline, "Draw rates and roofs: FILE.svg or .png")
      .excludes(json);
  command.set_action([arguments] { return bench(*arguments); });
}

const CommandEntry kBenchEntry(16, add_bench);

}  // namespace
}  // namespace hourglass::tools
