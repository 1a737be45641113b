#include <fmt/core.h>

#include <algorithm>

#include "ae/model/model_file.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tools/blocking.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kShownNumbers = 8;  // numbers of a column's statistics

// What the scale found of the columns, each statistic in a line.
void print_scale(ae::Autoencoder& model) {
  model.visit(ae::Part::kScale, [](const std::string& name, Var& statistic) {
    const Tensor& numbers = statistic.tensor();
    std::string text;
    for (std::int64_t i = 0; i < std::min(numbers.elements(), kShownNumbers); ++i) {
      text += fmt::format("{}{:.6g}", i == 0 ? "" : ", ", numbers.at(i));
    }
    fmt::print("{}: {}{}\n", name, text, numbers.elements() > kShownNumbers ? ", ..." : "");
  });
}

int info(const std::string& run) {
  const RunConfig config = read_config(run);
  ae::Autoencoder model = ae::load_run(run);
  fmt::print("{}", model_text(config));
  print_scale(model);
  if (config.outcome.starts_with(kImported)) {
    fmt::print("{}\n", printable(config.outcome));
  } else if (config.trained) {
    fmt::print("{} of {}: {}\n", internal::counted(config.steps, "step"), training_text(config),
               printable(config.outcome));
    if (config.pretrain > 0) {
      fmt::print("each layer pretrained for {}\n", internal::counted(config.pretrain, "epoch"));
    }
  } else {
    fmt::print("solved by an eigen-decomposition\n");
  }
  fmt::print("computed with {} kernels, {}, {}portable bits\n\n", printable(config.cpu_target),
             printable(config.blas), config.portable_bits ? "" : "no ");
  std::int64_t total = 0;
  model.visit([&](const std::string& name, Var& parameter) {
    fmt::print("{:<24} {:<14} {:>10}\n", name, to_string(parameter.shape()), parameter.elements());
    total += parameter.elements();
  });
  fmt::print("{:<24} {:<14} {:>10}\n", "total", "", total);
  fmt::print("\nthis machine: {} kernels, {}\nproducts: {}\nwaking a thread: {}\n",
             kernels::cpu_target(), kernels::blas_description(), blocking_text(), waking_text());
  return kDone;
}

void add_info(CommandLine& program) {
  auto run = std::make_shared<std::string>();
  const Command command = program.add_command("info", "What a run is and how it was made");
  command.add_option("run", *run, "The run folder").required();
  command.set_action([run] { return info(*run); });
}

const CommandEntry kInfoEntry(11, add_info);

}  // namespace
}  // namespace hourglass::tools
