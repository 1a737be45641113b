#include "ae/model/fit_to.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/train/data_source.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

using nn::Activation;
using nn::DataKind;

struct KindRow {
  Scale scale;
  Activation output;
  Loss loss;
};

// Of images scale, output and loss are those of the preset.
KindRow row_of(DataKind kind) {
  switch (kind) {
    case DataKind::kImage:
    case DataKind::kRow:
    case DataKind::kSeries:
      break;
    case DataKind::kCounts:
      return {Scale::kLog1p, Activation::kIdentity, Loss::kMultinomial};
    case DataKind::kActivations:
      return {Scale::kRms, Activation::kIdentity, Loss::kMse};
  }
  return {Scale::kStandard, Activation::kIdentity, Loss::kMse};
}

// A linear output cannot be that of counts: their principal components are those of a row.
KindRow row_of(DataKind kind, const Spec& preset) {
  const bool linear = preset.output == Activation::kIdentity;
  return row_of(linear && kind == DataKind::kCounts ? DataKind::kRow : kind);
}

void fit_loss(const KindRow& row, Spec& spec) {
  spec.scale = row.scale;
  spec.output = row.output;
  // Gross is what a standardised number rarely is.
  if (spec.loss == Loss::kCorrentropy) spec.loss_scale = 1;
  if (spec.loss == Loss::kCorrentropy) return;
  spec.loss = row.loss;
  if (spec.gaussian() && !traits_of(spec.loss).likelihood) spec.loss = Loss::kLearntGaussian;
}

// Whether a preset's name is about its code's activation: what penalises codes, ties their weights,
// or is tried on sigmoids.
bool means_its_code(const Spec& preset) {
  return !preset.penalties.empty() || preset.tied || !preset.corruption.empty();
}

// A code that is there to be narrow, and nothing else.
bool is_bottleneck(const Spec& preset) {
  return std::holds_alternative<Deterministic>(preset.rule) && preset.discriminator.empty() &&
         !means_its_code(preset);
}

// How wide a code is at most. Of a table the root of its columns where it is a bottleneck: what is
// left over then tells outliers from the rest (ROC-AUC of `dense` over eight tables 0.82; 0.74 with
// a half).
std::int64_t code_limit(const Spec& preset, DataKind kind, std::int64_t numbers) {
  if (kind != DataKind::kRow || !is_bottleneck(preset)) return numbers / 2;
  const double root = std::sqrt(static_cast<double>(numbers));
  return std::min(numbers / 2, static_cast<std::int64_t>(std::lround(root)));
}

// The preset's widths in proportion to the code that there may be.
class Proportion {
 public:
  Proportion(const Spec& preset, std::int64_t limit)
      : whole_(preset.code_width()),
        part_(std::clamp<std::int64_t>(limit, 1, preset.code_width())) {}

  std::int64_t of(std::int64_t count) const {
    const double share = static_cast<double>(part_) / static_cast<double>(whole_);
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(count) * share));
  }

 private:
  std::int64_t whole_, part_;
};

void fit_widths(Spec& spec, DataKind kind) {
  const Proportion part(spec, code_limit(spec, kind, spec.input_width()));
  for (std::size_t i = 1; i < spec.encoder.size(); ++i) spec.encoder[i] = part.of(spec.encoder[i]);
  for (std::int64_t& width : spec.discriminator) width = part.of(width);
  if (auto* rule = std::get_if<TopK>(&spec.rule)) rule->active = part.of(rule->active);
  if (auto* rule = std::get_if<Quantised>(&spec.rule)) {
    std::int64_t& code = spec.encoder.back();
    rule->entry_width = std::min(rule->entry_width, code);
    code -= code % rule->entry_width;
  }
}

// The largest kernel up to this one whose maps the pooling divides.
std::int64_t pooled_kernel(std::int64_t length, std::int64_t kernel, std::int64_t stride,
                           std::int64_t padding, std::int64_t pool) {
  for (std::int64_t k = kernel; k > padding; --k) {
    if (((length + 2 * padding - k) / stride + 1) % pool == 0) return k;
  }
  return kernel;
}

void fit_convolutions(Spec& spec) {
  std::vector<ConvLayer> fitted;
  for (ConvLayer c : spec.conv) {
    if (spec.input.size() == 2) c = along_time(c);
    const MapSize from = map_sizes(spec.input, fitted).back();
    c.kernel = {
        pooled_kernel(from.height, c.kernel.height, c.stride.height, c.padding.height,
                      c.pool.height),
        pooled_kernel(from.width, c.kernel.width, c.stride.width, c.padding.width, c.pool.width)};
    fitted.push_back(c);
  }
  spec.conv = fitted;
  if (spec.conv.empty() || spec.encoder.size() > 1) return;
  // The code is the last map.
  const MapSize last = map_sizes(spec.input, spec.conv).back();
  const std::int64_t most = spec.input_width() / 2 / (last.height * last.width);
  spec.conv.back().channels = std::clamp<std::int64_t>(most, 1, last.channels);
}

}  // namespace

DataForm form_of(const nn::DataSet& data) {
  DataForm form{data.kind, data.example_shape(), static_cast<std::int64_t>(data.classes.size())};
  if (data.kind == DataKind::kRow) {
    for (const nn::Category& each : data.categories) {
      form.categories.push_back(each.first);
      form.categories.push_back(static_cast<std::int64_t>(each.words.size()));
    }
  }
  if (form.classes > 0 || !data.labels.defined()) return form;
  const std::int32_t* label = data.labels.data<std::int32_t>();
  form.classes = 1 + *std::max_element(label, label + data.labels.elements());
  return form;
}

nn::TrainOptions fit_training(nn::TrainOptions preset, DataKind kind, std::int64_t examples) {
  constexpr std::int64_t kUpdates = 2000, kOfDigits = 94, kMost = 200, kRows = 32;
  if (kind == DataKind::kRow) {
    preset.learning_rate = 3e-3;
    if (!preset.batch) preset.batch = std::min(kRows, examples);
  }
  const std::int64_t batch = nn::batch_size(preset.batch, examples);
  const std::int64_t an_epoch = (examples + batch - 1) / batch;
  const std::int64_t updates = kind == DataKind::kImage ? preset.epochs * kOfDigits : kUpdates;
  const std::int64_t wanted = (updates + an_epoch - 1) / an_epoch;
  preset.batch = batch;
  preset.epochs = std::max(preset.epochs, static_cast<int>(std::min(wanted, kMost)));
  return preset;
}

Spec fit_to(const Spec& preset, const DataForm& data) {
  const bool image = data.kind == DataKind::kImage;
  if (!preset.conv.empty() && !image && data.kind != DataKind::kSeries) {
    throw Error(fmt::format("convolutions need images or series: the data are {}",
                            nn::kind_text(data.kind, data.example)));
  }
  if (preset.classes > 0 && data.classes == 0) {
    throw Error("a model conditional on classes needs labels: the data have none");
  }
  Spec spec = preset;
  spec.input = data.example.sizes();
  spec.encoder.front() = data.example.elements();
  spec.categories = data.categories;
  if (spec.classes > 0) spec.classes = data.classes;
  if (!image) {
    fit_loss(row_of(data.kind, preset), spec);
    if (spec.encoder.size() > 1) fit_widths(spec, data.kind);
    if (!means_its_code(preset)) spec.code = Activation::kIdentity;
  }
  fit_convolutions(spec);
  return spec;
}

}  // namespace hourglass::ae
