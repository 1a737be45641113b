#include <fmt/core.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tools/blocking.h"
#include "tools/commands.h"
#include "tools/room.h"

namespace {

using namespace hourglass;

std::string built_with() {
  std::string targets;
  for (std::string_view target : kernels::cpu_targets()) {
    targets += (targets.empty() ? "" : ", ") + std::string(target);
  }
  return fmt::format("compiler: {}\nlibraries: {}\nSIMD on this machine: {}\nproducts: {}",
                     HOURGLASS_COMPILER, HOURGLASS_LIBRARIES, targets, kernels::blas_description());
}

int run(int argc, char** argv) {
  tools::CommandLine program("Trains, inspects and applies autoencoders.", "hourglass",
                             HOURGLASS_VERSION, built_with);
  program.add_config();
  std::string cpu = "best";
  const std::span<const std::string_view> targets = kernels::cpu_targets();
  std::vector<std::string> cpus = {"best"};
  cpus.insert(cpus.end(), targets.begin(), targets.end());
  program.whole()
      .add_option("--cpu", cpu, "Narrow the SIMD kernels: best, avx512, avx2, neon or baseline")
      .offers(cpus);
  std::string blocking = "measured";
  program.whole()
      .add_option("--blocking", blocking,
                  "How products are cut: measured (once, and kept), default or depth=N,...")
      .offers({"measured", "default"});
  tools::add_commands(program);
  if (const std::optional<int> ended = program.read(argc, argv)) return *ended;
  kernels::set_cpu_target(cpu);
  tools::choose_blocking(blocking);
  return program.run_chosen();
}

}  // namespace

int main(int argc, char** argv) {
  return tools::with_stack([&] { return tools::guarded([&] { return run(argc, argv); }); });
}
