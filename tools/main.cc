#include <optional>
#include <string>

#include "tensor/kernels.h"
#include "tools/commands.h"

namespace {

using namespace hourglass;

int run(int argc, char** argv) {
  tools::CommandLine program("Trains, inspects and applies autoencoders.", "hourglass",
                             HOURGLASS_VERSION);
  program.add_config();
  std::string cpu = "best";
  program.whole().add_option("--cpu", cpu,
                             "Narrow the SIMD kernels: best, avx512, avx2 or baseline");
  tools::add_train(program);
  tools::add_evaluate(program);
  tools::add_reconstruct(program);
  tools::add_encode(program);
  tools::add_decode(program);
  tools::add_sample(program);
  tools::add_interpolate(program);
  tools::add_manifold(program);
  tools::add_traverse(program);
  tools::add_arithmetic(program);
  tools::add_classify(program);
  tools::add_info(program);
  tools::add_models(program);
  tools::add_certificate(program);
  tools::add_gradcheck(program);
  tools::add_explain(program);
  tools::add_bench(program);
  if (const std::optional<int> ended = program.read(argc, argv)) return *ended;
  kernels::set_cpu_target(cpu);
  return program.run_chosen();
}

}  // namespace

int main(int argc, char** argv) {
  return tools::guarded([&] { return run(argc, argv); });
}
