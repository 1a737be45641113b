#include "ae/model/train.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ae/model/objective.h"
#include "autograd/graph/evaluate.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// With Adam's usual 0.9 each player's momentum outlives the other's answer, and the codes circle
// round the prior; Radford, Metz and Chintala, "Unsupervised representation learning with deep
// convolutional generative adversarial networks", 2016, take a half, too.
constexpr double kAdversarialBeta1 = 0.5;

// What a target may be, and what asks for that.
struct Range {
  double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max();
  std::string why = "expected a finite number";
};

Range range_of(const Spec& spec) {
  if (spec.binarize == Binarize::kDynamic) return {0, 1, "binarised pixels are 0 to 1"};
  if (spec.binarize != Binarize::kNone) return {};
  if (spec.loss == Loss::kBce) return {0, 1, "the loss bce takes 0 to 1"};
  if (traits_of(spec.loss).mean) {
    return {0, std::numeric_limits<double>::max(),
            fmt::format("the loss {} takes counts, none below 0", name_of(spec.loss))};
  }
  switch (spec.output) {
    case nn::Activation::kSigmoid:
      return {0, 1, "a sigmoid output gives 0 to 1"};
    case nn::Activation::kTanh:
      return {-1, 1, "a tanh output gives -1 to 1"};
    case nn::Activation::kRelu:
    case nn::Activation::kSoftplus:
      return {0, std::numeric_limits<double>::max(),
              fmt::format("a {} output gives no number below 0", name_of(spec.output))};
    case nn::Activation::kIdentity:
      break;
  }
  return {};
}

}  // namespace

void check_targets(const Autoencoder& model, const nn::Rows& rows) {
  const bool stays = is_real(rows.dtype()) || model.input.scale != Scale::kPixels;
  if (!stays) return;  // 0 to 1
  const Range range = range_of(model.spec);
  const std::int64_t width = rows.width();
  nn::for_chunks(rows, [&](const Tensor& part, std::int64_t first) {
    const Var stored = constant(part);
    const std::vector<Tensor> seen = evaluate({model.target(stored), model.scaled(stored)});
    for (std::int64_t i = 0; i < seen[0].elements(); ++i) {
      double value = seen[0].at(i);
      const bool fits = value >= range.least && value <= range.most;
      if (fits && std::isfinite(seen[1].at(i))) continue;
      if (fits) value = seen[1].at(i);
      throw Error(fmt::format("train: row {}, column {} of the examples is {}: {}",
                              first + i / width, i % width, value,
                              fits ? "the encoder takes finite numbers" : range.why));
    }
  });
}

nn::ObjectiveFunction objective_of(const Autoencoder& model) {
  return [model](const nn::Batch& batch, Step& step) {
    return objective(model, batch_of(batch), step);
  };
}

std::vector<nn::Player> players_of(Autoencoder& model) {
  return players_of(model, objective_of(model));
}

std::vector<nn::Player> players_of(Autoencoder& model, const nn::ObjectiveFunction& objective) {
  const std::vector<Var> own =
      model.parameters({Part::kEncoder, Part::kLogVariance, Part::kDecoder});
  const std::vector<Var> others = model.parameters({Part::kDiscriminator});
  std::vector<nn::Player> players = {{objective, own}};
  if (others.empty()) return players;
  players[0].beta1 = kAdversarialBeta1;
  players.push_back({[model](const nn::Batch& batch, Step& step) {
                       return discriminator_objective(model, batch_of(batch), step);
                     },
                     others, kAdversarialBeta1});
  return players;
}

nn::TrainResult train(Autoencoder& model, const Examples& examples, const nn::TrainOptions& options,
                      const nn::TrainCallbacks& callbacks, const nn::TrainState* from) {
  const Shape& images = examples.images.shape();
  if (images.rank() != 2 || images[0] == 0) {
    throw Error(fmt::format("train: examples must be [N, D] with at least one row: got {}",
                            to_string(images)));
  }
  if (examples.labels.defined() && examples.labels.shape() != Shape{images[0]}) {
    throw Error(fmt::format("train: needs one label an example: examples={}, labels={}",
                            to_string(images), to_string(examples.labels.shape())));
  }
  if (!model.input.is_set()) fit_input(model, examples.images);
  check_targets(model, examples.images);
  return train(players_of(model), model.spec, examples, options, callbacks, from);
}

nn::TrainResult train(const std::vector<nn::Player>& players, const Spec& spec,
                      const Examples& examples, const nn::TrainOptions& options,
                      const nn::TrainCallbacks& callbacks, const nn::TrainState* from) {
  if (!examples.images.is_sparse() || !takes_sparse(spec)) {
    return nn::train(players, rows_of(examples), options, callbacks, from);
  }
  return nn::train(players, nn::shuffled_sparse_rows(examples.images, options.batch, options.seed),
                   options, callbacks, from);
}

}  // namespace hourglass::ae
