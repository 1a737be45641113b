#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "ae/measure/column_losses.h"
#include "ae/measure/density.h"
#include "ae/measure/image_metrics.h"
#include "ae/measure/inspect.h"
#include "ae/measure/likelihood.h"
#include "ae/measure/metrics.h"
#include "ae/model/pca.h"
#include "autograd/ops/ops.h"
#include "nn/train/evaluation.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/kernels.h"
#include "tools/catalogue.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/diagnostics.h"
#include "tools/example_files.h"
#include "tools/labels.h"
#include "tools/learn.h"
#include "tools/prior.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

using namespace internal;
namespace {

struct EvaluateArguments {
  std::string run;
  std::optional<std::string> data;
  bool json = false, pca = false;
  std::optional<int> importance;
  std::optional<std::int64_t> parzen;
};

// The sum of squared errors of an example.
const nn::NamedValue& sse_of(const std::vector<nn::NamedValue>& metrics) {
  return *std::find_if(metrics.begin(), metrics.end(),
                       [](const nn::NamedValue& m) { return m.name.starts_with("sse"); });
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// The structural similarity of images to their reconstructions, a channel at a time; nothing where
// they are no images, or too small.
std::vector<double> similarity(const ae::Autoencoder& model, const nn::DataSet& test) {
  if (test.kind != nn::DataKind::kImage) return {};
  const Shape& s = test.examples.shape();
  if (s[2] < ae::kSsimWindow || s[3] < ae::kSsimWindow) return {};
  constexpr std::int64_t kAtOnce = 10000;
  std::vector<double> all;
  for (std::int64_t first = 0; first < s[0]; first += kAtOnce) {
    const nn::DataSet part = test.range(first, std::min(first + kAtOnce, s[0]));
    const Shape planes{part.count() * s[1], s[2], s[3]};
    const Tensor y = ae::reconstructions(model, examples_of(model.spec, part));
    const std::vector<double> some =
        ae::ssim(part.examples.tensor().reshape(planes), y.reshape(planes));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// What a reconstruction error does not say: structure, the codes, how the encoder answers to
// changes. Jacobians and noise are looked at on the first 500 examples.
std::vector<nn::NamedValue> diagnostic_metrics(const ae::Autoencoder& model,
                                               const nn::DataSet& test) {
  const ae::CodeFunctions functions = code_functions(model);
  const ae::Examples all = examples_of(model.spec, test);
  const ae::Examples few = ae::scaled_examples(functions, ae::first_of(all, 500));
  std::vector<nn::NamedValue> metrics;
  if (const std::vector<double> ssim = similarity(model, test); !ssim.empty()) {
    metrics.push_back({"ssim", mean_of(ssim)});
  }
  const Tensor codes = nn::map_rows(
      [&](const nn::Batch& batch) {
        const ae::Batch b = ae::batch_of(batch);
        return model.encode(model.scaled(b.images), b.labels).code;
      },
      ae::rows_of(all));
  const ae::CodeStatistics code = ae::code_statistics(codes);
  metrics.push_back({"active_units", static_cast<double>(code.active_units)});
  metrics.push_back({"dead_units", static_cast<double>(code.dead_units)});
  metrics.push_back({"code_zeros", code.zeros});
  metrics.push_back({"code_sparseness", code.sparseness});
  metrics.push_back({"jacobian_norm", mean_of(ae::jacobian_norms(functions.encode, few))});
  for (const nn::NamedValue& level : ae::noise_tolerance(functions.reconstruct, few)) {
    metrics.push_back({"mse_at_noise_" + level.name, level.value});
  }
  return metrics;
}

// What the loss compares with: logarithms are the encoder's alone.
ae::InputScale target_scale(const ae::InputScale& scale) {
  return scale.scale == ae::Scale::kLog1p ? ae::InputScale{.scale = ae::Scale::kNone} : scale;
}

// Beside the principal components of the training examples: how much worse, and the angles between
// the space that a linear decoder spans and as many components.
Json beside_pca(const ae::Autoencoder& model, const nn::RawData& data, const nn::NamedValue& sse) {
  const std::int64_t code = model.spec.code_width();
  const ae::InputScale scale = target_scale(model.input);
  const ae::Pca pca = ae::fit_pca(data.all.rows(), scale);
  ae::Autoencoder solved = ae::pca_autoencoder(pca, code);
  solved.input = scale;
  const double yardstick = sse_of(ae::reconstruction_metrics(solved, data.test->rows())).value;
  Json j = {{"pca_" + sse.name, yardstick}, {"excess_over_pca", sse.value / yardstick - 1}};
  const bool linear = model.decoder.layers.size() == 1 && !model.spec.tied &&
                      model.spec.output == nn::Activation::kIdentity;
  if (!linear) return j;
  const Tensor directions = model.decoder.layers[0].linear.weight.tensor().cast(DType::kF64);
  const Var leading = transpose(constant(pca.components.rows(0, code)));
  j["principal_angles"] = ae::principal_angles(leading.value(), directions);
  return j;
}

// Parzen's estimate from so many decoded draws; the width of its kernels is the best of ten on the
// last 1,000 training examples.
std::vector<nn::NamedValue> parzen_metrics(const LoadedRun& run,
                                           const std::optional<std::string>& path,
                                           const nn::RawData& data, std::int64_t count) {
  if (count < 1) throw Error(fmt::format("parzen: samples: must be at least 1: got {}", count));
  const Prior prior = prior_of("evaluate", run, std::nullopt, path);
  const Tensor decoded = decode_codes(run, ae::sample(prior.normal, count, key_of(0)),
                                      labels_in_turn(run.config.spec, count));
  const Tensor samples = decoded.reshape({count, decoded.elements() / count});
  const std::int64_t n = data.all.count();
  const Tensor validation = data.all.rows().rows(n - std::min<std::int64_t>(n, 1000), n);
  std::vector<double> sigmas;
  for (int i = 0; i < 10; ++i) sigmas.push_back(0.05 * std::pow(10.0, i / 9.0));
  const double sigma = ae::choose_parzen_sigma(samples, validation, sigmas);
  return {{"parzen_sigma", sigma},
          {"parzen_log_likelihood",
           mean_of(ae::parzen_log_likelihood(samples, data.test->rows().tensor(), sigma))}};
}

constexpr std::size_t kColumnsShown = 40;

Json columns_json(const nn::DataSet& data, const std::vector<ae::ColumnLoss>& losses) {
  Json columns = Json::array();
  for (const ae::ColumnLoss& c : losses) {
    Json& j = columns.emplace_back();
    j = {{"column", column_name(data, c.column)}, {"entries", c.entries}};
    j[c.column.category ? "cross_entropy" : "mse"] = c.loss;
    if (c.column.category) j["wrong"] = c.wrong;
  }
  return columns;
}

void print_column_losses(const nn::DataSet& data, const std::vector<ae::ColumnLoss>& losses) {
  if (losses.empty()) return;
  fmt::print("by column, in the data's units:\n");
  for (std::size_t i = 0; i < std::min(losses.size(), kColumnsShown); ++i) {
    const ae::ColumnLoss& c = losses[i];
    fmt::print("{:<24} {} {:.6g}{}\n", printable(column_name(data, c.column)),
               c.column.category ? "cross-entropy" : "mse", c.loss,
               c.column.category ? fmt::format(", {:.4g} of the words wrong", c.wrong) : "");
  }
  if (losses.size() <= kColumnsShown) return;
  fmt::print("and {}: --json has them all\n",
             internal::counted(losses.size() - kColumnsShown, "more column"));
}

// What the objective says; nothing of one that is not the program's.
std::vector<nn::NamedValue> figures_of(const LoadedRun& run, const nn::DataSet& test) {
  const ModelEntry* entry = model_or_none(run.config.model);
  if (!entry) return {};
  const nn::DataSet learnt = as_learnt(run.config, test, kTest);
  return objective_figures(run.config,
                           nn::objective_means(entry->objective(run.model),
                                               ae::rows_of(examples_of(run.config.spec, learnt))));
}

int evaluate(const EvaluateArguments& arguments) {
  const LoadedRun run = open_run(arguments.run);
  const auto& [config, model] = run;
  const kernels::PortableBits portable(config.portable_bits);  // as its own test line was made
  const nn::RawData data = data_of("evaluate", run, arguments.data);
  const nn::DataSet& test = *data.test;
  auto metrics =
      named_for(config.kind, ae::reconstruction_metrics(model, examples_of(config.spec, test)));
  const auto figures = figures_of(run, test);
  metrics.insert(metrics.end(), figures.begin(), figures.end());
  const auto diagnostics = diagnostic_metrics(model, test);
  metrics.insert(metrics.end(), diagnostics.begin(), diagnostics.end());
  std::vector<ae::ColumnLoss> columns;
  if (config.kind == nn::DataKind::kRow) {
    columns = ae::column_losses(model, examples_of(config.spec, test));
  }
  if (arguments.importance) {
    const Tensor rows = data.test->rows();
    const double nll = -mean_of(ae::log_likelihood(model, rows, *arguments.importance));
    metrics.push_back(named_for(config.kind, {{"nll_per_image", nll}})[0]);
  }
  if (arguments.parzen) {
    const auto parzen = parzen_metrics(run, arguments.data, data, *arguments.parzen);
    metrics.insert(metrics.end(), parzen.begin(), parzen.end());
  }
  const Json pca = arguments.pca ? beside_pca(model, data, sse_of(metrics)) : Json::object();
  if (arguments.json) {
    Json j = {{"model", config.model}, {"data", test.source}, {"examples", test.count()}};
    for (const nn::NamedValue& m : metrics) j[m.name] = m.value;
    j.update(pca);
    if (!columns.empty()) j["columns"] = columns_json(test, columns);
    fmt::print("{}\n", json_text(j, 2));
    return kDone;
  }
  fmt::print("{} on {} ({})\n", printable(config.model),
             counted(test.count(), config.kind, "test "), printable(test.source));
  for (const nn::NamedValue& m : metrics) fmt::print("{:<17} {:.6g}\n", m.name, m.value);
  for (const auto& [name, value] : pca.items()) fmt::print("{:<17} {}\n", name, json_text(value));
  print_column_losses(test, columns);
  return kDone;
}

void add_evaluate(CommandLine& program) {
  auto arguments = std::make_shared<EvaluateArguments>();
  const Command command = program.add_command("evaluate", "Test-set metrics of a run, by name");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("--data", arguments->data, data_help("(nothing: what it learnt from)"));
  command.add_flag("--pca", arguments->pca,
                   "Beside PCA with the same code: excess error, angles of a linear decoder");
  command.add_option("--importance", arguments->importance,
                     "Minus log-likelihood by importance sampling, so many draws an example");
  command.add_option("--parzen", arguments->parzen,
                     "Parzen's estimate of the log-likelihood, from so many samples");
  command.add_flag("--json", arguments->json, "As JSON");
  command.set_action([arguments] { return evaluate(*arguments); });
}

const CommandEntry kEvaluateEntry(1, add_evaluate);

}  // namespace
}  // namespace hourglass::tools
