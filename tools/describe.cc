#include "tools/describe.h"

#include <fmt/core.h>

#include "ae/model/conv.h"
#include "ae/model/spec_fields.h"
#include "tensor/counted.h"
#include "tensor/error.h"

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

}  // namespace

std::string model_text(const RunConfig& config) {
  std::string text = fmt::format("{}: {}\n", printable(config.model), widths_of(config.spec));
  for (const auto& [name, value] : ae::described(config.spec)) {
    text += fmt::format("{}: {}\n", name, value);
  }
  return text + fmt::format("{} from {}\n", nn::kind_text(config.kind, config.spec.example_shape()),
                            printable(config.source));
}

std::string counted(std::int64_t n, nn::DataKind kind, const std::string& what) {
  std::string one = nn::plural(kind);
  one.pop_back();
  return internal::counted(static_cast<std::uint64_t>(n), what + one);
}

std::string counted(std::int64_t n, const nn::DataSet& data, const std::string& what) {
  return counted(n, data.kind, what) + nn::kind_text(data).substr(nn::plural(data.kind).size());
}

std::string training_text(const RunConfig& config) {
  const nn::TrainOptions& o = config.options;
  return fmt::format("{}: {}, batch {}, lr {} {}, seed {}", nn::name_of(o.optimizer.method),
                     internal::counted(static_cast<std::uint64_t>(o.epochs), "epoch"),
                     o.batch.value_or(0), o.learning_rate, nn::name_of(o.schedule.kind), o.seed);
}

}  // namespace hourglass::tools
