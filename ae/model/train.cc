#include "ae/model/train.h"

#include <fmt/core.h>

#include <limits>
#include <string>

#include "ae/model/objective.h"
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

// What the model cannot give, or its loss cannot judge.
void check_targets(Autoencoder& model, const Tensor& images) {
  if (images.dtype() == DType::kU8) return;
  const DType own = model.parameters().at(0).dtype();
  if (images.dtype() != own) {
    throw Error(fmt::format("train: images are {}, the model is {}: cast the images",
                            name_of(images.dtype()), name_of(own)));
  }
  const Range range = range_of(model.spec);
  const std::int64_t width = images.shape()[1];
  for (std::int64_t i = 0; i < images.elements(); ++i) {
    const double value = images.at(i);
    if (value >= range.least && value <= range.most) continue;
    throw Error(fmt::format("train: row {}, column {} of the images is {}: {}", i / width,
                            i % width, value, range.why));
  }
}

}  // namespace

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
                      const nn::TrainCallbacks& callbacks) {
  const Shape& images = examples.images.shape();
  if (images.rank() != 2 || images[0] == 0) {
    throw Error(fmt::format("train: images must be [N, D] with at least one row: got {}",
                            to_string(images)));
  }
  if (examples.labels.defined() && examples.labels.shape() != Shape{images[0]}) {
    throw Error(fmt::format("train: needs one label an image: images={}, labels={}",
                            to_string(images), to_string(examples.labels.shape())));
  }
  check_targets(model, examples.images);
  return nn::train(players_of(model), tensors_of(examples), options, callbacks);
}

}  // namespace hourglass::ae
