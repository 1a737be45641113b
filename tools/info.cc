#include <fmt/core.h>

#include "ae/model/conv.h"
#include "ae/model/model_file.h"
#include "ae/model/spec_fields.h"
#include "tensor/files/input_file.h"
#include "tensor/kernels.h"
#include "tools/commands.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

// "784-400-20-400-784"; maps of features as "16x14x14".
std::string widths_of(const ae::Spec& spec) {
  std::vector<std::string> parts = {std::to_string(spec.input_width())}, maps;
  if (!spec.conv.empty()) {
    for (const ae::MapSize& m : ae::map_sizes(spec.input, spec.conv)) {
      maps.push_back(fmt::format("{}x{}x{}", m.channels, m.height, m.width));
    }
    parts = maps;
    maps.pop_back();
  }
  for (std::size_t i = 1; i < spec.encoder.size(); ++i) {
    parts.push_back(std::to_string(spec.encoder[i]));
  }
  const auto decoder = spec.decoder_widths();
  for (std::size_t i = 1; i < decoder.size(); ++i) parts.push_back(std::to_string(decoder[i]));
  parts.insert(parts.end(), maps.rbegin(), maps.rend());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "-") + part;
  return text;
}

int info(const std::string& run) {
  const RunConfig config = read_config(run);
  ae::Autoencoder model = ae::load_run(run);
  const std::string widths = widths_of(config.spec);
  fmt::print("{}: {}\n", printable(config.model), widths);
  for (const auto& [name, text] : ae::described(config.spec)) fmt::print("{}: {}\n", name, text);
  fmt::print("{} from {}\n", nn::kind_text(config.kind, config.spec.example_shape()),
             printable(config.source));
  if (config.trained) {
    const nn::TrainOptions& o = config.options;
    fmt::print("{} steps of {}: {} epochs, batch {}, lr {} {}, seed {}: {}\n", config.steps,
               nn::name_of(o.optimizer.method), o.epochs, o.batch.value_or(0), o.learning_rate,
               nn::name_of(o.schedule.kind), o.seed, printable(config.outcome));
    if (config.pretrain > 0) {
      fmt::print("each layer pretrained for {} epochs\n", config.pretrain);
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
  fmt::print("\nthis machine: {} kernels, {}\n", kernels::cpu_target(),
             kernels::blas_description());
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
