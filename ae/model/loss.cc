#include "ae/model/loss.h"

#include <fmt/core.h>

#include <cmath>

#include "ae/papers/named_numbers.h"
#include "ae/papers/robust.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"
#include "tensor/error.h"

namespace hourglass::ae {

using namespace internal;

namespace {

constexpr auto kNone = nn::Reduce::kNone;

Var output_of(const LossInput& in) { return nn::activate(in.output, in.linear); }

struct LossRow {
  Loss loss;
  std::string_view name;
  LossTraits traits;
};

const LossRow kRows[] = {
    {Loss::kMse,
     "mse",
     {.sum_name = "sse",
      .error = [](const LossInput& in) { return nn::squared_error(output_of(in), in.x, kNone); }}},
    {Loss::kBce,
     "bce",
     {.sum_name = "bce",
      .likelihood = true,
      .error =
          [](const LossInput& in) {
            return in.output == nn::Activation::kSigmoid
                       ? nn::binary_cross_entropy_with_logits(in.linear, in.x, kNone)
                       : nn::binary_cross_entropy(output_of(in), in.x, kNone);
          }}},
    {Loss::kCorrentropy,
     "correntropy",
     {.sum_name = "correntropy",
      .scaled = true,
      .error =
          [](const LossInput& in) { return correntropy_loss(output_of(in), in.x, in.scale); }}},
    {Loss::kGaussian,
     "gaussian",
     {.sum_name = "gaussian",
      .scaled = true,
      .likelihood = true,
      .per_image = true,
      .error =
          [](const LossInput& in) {
            const Var y = output_of(in);
            return -log_normal_density(in.x, y, full(y.shape(), 2 * std::log(in.scale), y.dtype()));
          }}},
    {Loss::kLearntGaussian,
     "learnt-gaussian",
     {.sum_name = "gaussian",
      .likelihood = true,
      .per_image = true,
      .deviation = true,
      .error =
          [](const LossInput& in) {
            const Var y = output_of(in);
            return -log_normal_density(in.x, y, broadcast_to(2 * in.log_deviation, y.shape()));
          }}},
};

}  // namespace

const EnumNames<Loss>& names_of(Loss) {
  static const EnumNames<Loss> names = [] {
    EnumNames<Loss> all{"loss", {}};
    for (const LossRow& row : kRows) all.names.emplace_back(row.name, row.loss);
    return all;
  }();
  return names;
}

const LossTraits& traits_of(Loss loss) { return kRows[static_cast<std::size_t>(loss)].traits; }

std::string loss_text(Loss loss, double scale) {
  if (!traits_of(loss).scaled) return std::string(name_of(loss));
  return named_numbers_text(name_of(loss), {scale});
}

void loss_from_text(const std::string& text, Loss& loss, double& scale) {
  const auto [name, numbers] = parse_named_numbers("loss", text);
  loss = enum_named<Loss>(name);
  const bool scaled = traits_of(loss).scaled;
  if (numbers.size() > (scaled ? 1 : 0)) {
    throw Error(fmt::format("loss: expected {}{}: got {}", name, scaled ? ":SCALE" : "", text));
  }
  if (!numbers.empty()) scale = numbers[0];
}

std::string loss_forms() {
  std::vector<std::string> forms;
  for (const LossRow& row : kRows) {
    forms.push_back(std::string(row.name) + (row.traits.scaled ? ":SCALE" : ""));
  }
  return either_of({forms.begin(), forms.end()});
}

}  // namespace hourglass::ae
