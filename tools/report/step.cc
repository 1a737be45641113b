#include "tools/report/step.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "ae/model/train.h"
#include "autograd/graph/print.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tools/catalogue.h"
#include "tools/graph_svg.h"
#include "tools/report/data_uri.h"
#include "tools/step_profile.h"

namespace hourglass::tools {
namespace {

constexpr int kRuns = 5;

// The same model with parameters of its own.
ae::Autoencoder copy_of(const LoadedRun& run) {
  ae::Autoencoder copy = ae::make_autoencoder(run.config.spec, 0), original = run.model;
  const std::vector<Var> from = original.parameters(), to = copy.parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].assign(from[i].tensor());
  return copy;
}

// As many examples as a step takes, of the test part, over and over where it has too few.
std::vector<Tensor> batch_of(const LoadedRun& run, const nn::DataSet& test) {
  std::vector<std::int32_t> indices;
  for (std::int64_t i = 0; i < run.config.options.batch.value_or(1); ++i) {
    indices.push_back(static_cast<std::int32_t>(i % test.count()));
  }
  return ae::tensors_of(examples_of(run.config.spec, test.select(indices)));
}

std::string drawing_uri(const Var& loss) {
  const std::string svg = to_svg(drawing_of(picture_of({loss})), "The graph of the loss");
  return "data:image/svg+xml;base64," + base64(svg);
}

void add_profile(Json& j, const Profile& profile) {
  double inside = 0;
  for (const Profile::Line& line : profile.lines) {
    j["lines"].push_back({{"text", line.text}, {"seconds", rounded(line.seconds)}});
    inside += line.seconds;
  }
  for (const auto& [work, name] : kWorks) {
    j["work"].push_back({{"name", name}, {"seconds", rounded(profile.of(work))}});
  }
  j["work"].push_back(
      {{"name", "between"}, {"seconds", rounded(std::max(0.0, profile.seconds - inside))}});
  j["seconds"] = rounded(profile.seconds);
  j["memory"] = profile.memory;
}

}  // namespace

Json step(const LoadedRun& run, const nn::DataSet& test) {
  const ModelEntry* entry = model_or_none(run.config.model);
  if (!run.config.trained || !entry) return nullptr;
  ae::Autoencoder model = copy_of(run);
  const std::vector<Tensor> batch = batch_of(run, test);
  nn::Batch inputs;
  for (const Tensor& t : batch) inputs.push_back(input(t.shape(), t.dtype()));
  inputs[0].named(nn::plural(run.config.kind));
  StepGraph graph;
  graph.step = make_step(run.config.options.seed);
  graph.objective = entry->objective(model)(inputs, graph.step);
  graph.parameters = ae::players_of(model, ae::objective_of(model))[0].parameters;
  Json j = {
      {"examples", batch[0].shape()[0]},
      {"graph", to_text({graph.objective.loss})},
      {"drawing", drawing_uri(graph.objective.loss)},
      {"by", fmt::format("{} kernels, {}", kernels::cpu_target(), kernels::blas_description())},
      {"lines", Json::array()},
      {"work", Json::array()}};
  try {
    add_profile(j, profile_step(graph, run.config.options, inputs, batch, kRuns));
  } catch (const NonFiniteError&) {
    return nullptr;  // of a run that diverged
  }
  return j;
}

}  // namespace hourglass::tools
