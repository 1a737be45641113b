#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/graph/var.h"
#include "nn/layers/activation.h"
#include "tensor/enum_names.h"

namespace hourglass::ae {

// The reconstruction error of an element; for output y, target x and e = y - x. A further loss is
// an enumerator here and a row in loss.cc.
enum class Loss : std::uint8_t {
  kMse,          // e^2
  kBce,          // binary cross-entropy, from logits where the output is a sigmoid
  kCorrentropy,  // 1 - exp(-e^2 / (2 scale^2)): gross errors count 1 at most
  kGaussian,     // -log N(x; y, scale^2)
  // The same with one deviation for all elements, learnt: Rybkin, Daniilidis and Levine, "Simple and
  // effective VAE training with calibrated decoders", 2021.
  kLearntGaussian,
  // Minus the logarithms of likelihoods of counts (nn/layers/count_losses.h). The decoder's linear
  // output is the logits or the logarithm of the mean; the output y is the distribution's mean.
  kMultinomial,          // over the columns
  kPoisson,              // of each column
  kNegativeBinomial,     // with a dispersion a column, learnt
  kZeroInflatedNegative  // the same with a head for the logits of lost counts
};
// "mse", "bce", "correntropy", "gaussian", "learnt-gaussian", "multinomial", "poisson", "nb", "zinb"
const EnumNames<Loss>& names_of(Loss);
using hourglass::name_of;

// What the model gives and should give.
struct LossInput {
  Var linear;  // the decoder's output before its activation
  nn::Activation output;
  Var x;  // the target; of the mean alone it may be undefined
  double scale = 1;
  Var log_deviation = {};   // [1], where the loss learns one
  Var log_dispersion = {};  // [D], where the loss has one
  Var dropout_logits = {};  // like linear, where the loss has them
  // Of the columns: see Spec.
  std::vector<std::int64_t> categories = {};
};

struct LossTraits {
  std::string_view sum_name;  // of its sum over an image, less "_per_image"
  bool scaled = false;        // its scale counts
  bool likelihood = false;    // minus it is log p(x | z)
  bool per_image = false;     // always a sum over pixels
  bool deviation = false;     // it learns one
  bool dispersion = false;    // it has a dispersion a column
  bool dropout = false;       // it has a head for the logits of lost counts
  Var (*error)(const LossInput& in);
  // Of counts: the mean, from the linear output. Without: the output is the activated one.
  Var (*mean)(const LossInput& in) = nullptr;
};
const LossTraits& traits_of(Loss loss);

// The error of each element; in the columns of a category -x log softmax(linear), whose sum is the
// cross-entropy.
Var elementwise_loss(Loss loss, const LossInput& in);
// What the model gives for x. Of a multinomial without x: of each row of one draw; of a category
// the probability of each word.
Var loss_output(Loss loss, const LossInput& in);

// "mse", "correntropy:0.5", and back: without a number the scale stays. Throws Error on an unknown
// name or a number that the loss has no use for.
std::string loss_text(Loss loss, double scale);
void loss_from_text(const std::string& text, Loss& loss, double& scale);
std::vector<std::string> loss_forms();  // "mse", "bce", "correntropy:SCALE", ...

}  // namespace hourglass::ae
