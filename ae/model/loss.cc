#include "ae/model/loss.h"

#include <fmt/core.h>

#include <cmath>

#include "ae/model/categories.h"
#include "ae/papers/named_numbers.h"
#include "ae/papers/robust.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "nn/layers/count_losses.h"
#include "nn/layers/losses.h"
#include "tensor/error.h"

namespace hourglass::ae {

using namespace internal;

namespace {

constexpr auto kNone = nn::Reduce::kNone;

Var output_of(const LossInput& in) { return nn::activate(in.output, in.linear); }

Var mean_of_logarithm(const LossInput& in) { return exp(in.linear); }

// A function of the numbers and one of each category, side by side. What a loss has of its own for
// each column, only losses of counts have, which go with no category.
Var by_columns(const LossInput& in, Var (*numbers)(const LossInput&),
               Var (*category)(const LossInput&)) {
  if (in.categories.empty()) return numbers(in);
  std::vector<Var> parts;
  for (const ColumnRange& range : column_ranges(in.categories, in.linear.size(1))) {
    LossInput part = in;
    part.linear = slice(in.linear, 1, {range.first, range.last});
    if (in.x.defined()) part.x = slice(in.x, 1, {range.first, range.last});
    parts.push_back(range.category ? category(part) : numbers(part));
  }
  return concat(parts, 1);
}

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
    {Loss::kMultinomial,
     "multinomial",
     {.sum_name = "multinomial",
      .likelihood = true,
      .per_image = true,
      .error = [](const LossInput& in) { return nn::multinomial_loss(in.linear, in.x, kNone); },
      .mean =
          [](const LossInput& in) {
            const Var p = softmax(in.linear);
            return in.x.defined() ? sum(in.x, {-1}, true) * p : p;
          }}},
    {Loss::kPoisson,
     "poisson",
     {.sum_name = "poisson",
      .likelihood = true,
      .per_image = true,
      .error = [](const LossInput& in) { return nn::poisson_loss(in.linear, in.x, kNone); },
      .mean = mean_of_logarithm}},
    {Loss::kNegativeBinomial,
     "nb",
     {.sum_name = "nb",
      .likelihood = true,
      .per_image = true,
      .dispersion = true,
      .error =
          [](const LossInput& in) {
            return nn::negative_binomial_loss(in.linear, in.log_dispersion, in.x, kNone);
          },
      .mean = mean_of_logarithm}},
    {Loss::kZeroInflatedNegative,
     "zinb",
     {.sum_name = "zinb",
      .likelihood = true,
      .per_image = true,
      .dispersion = true,
      .dropout = true,
      .error =
          [](const LossInput& in) {
            return nn::zero_inflated_negative_binomial_loss(in.linear, in.log_dispersion,
                                                            in.dropout_logits, in.x, kNone);
          },
      .mean = [](const LossInput& in) { return exp(in.linear) * sigmoid(-in.dropout_logits); }}},
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

Var elementwise_loss(Loss loss, const LossInput& in) {
  return by_columns(in, traits_of(loss).error,
                    [](const LossInput& c) { return -c.x * log_softmax(c.linear); });
}

Var loss_output(Loss loss, const LossInput& in) {
  const LossTraits& traits = traits_of(loss);
  return by_columns(in, traits.mean ? traits.mean : output_of,
                    [](const LossInput& c) { return softmax(c.linear); });
}

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

std::vector<std::string> loss_forms() {
  std::vector<std::string> forms;
  for (const LossRow& row : kRows) {
    forms.push_back(std::string(row.name) + (row.traits.scaled ? ":SCALE" : ""));
  }
  return forms;
}

}  // namespace hourglass::ae
