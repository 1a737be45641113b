#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/code_rule.h"
#include "ae/model/input_scale.h"
#include "ae/model/loss.h"
#include "ae/model/map_sizes.h"
#include "ae/papers/denoising.h"
#include "ae/papers/penalties.h"
#include "nn/layers/activation.h"
#include "nn/layers/init.h"
#include "tensor/shape.h"

namespace hourglass::ae {

enum class Binarize : std::uint8_t {
  kNone,
  kThreshold,  // 1 where the pixel is above 1/2
  kDynamic,    // 1 with the pixel's value as probability, drawn afresh at each step
  kStatic      // the same, drawn once an image: before training, by binarise_once (likelihood.h);
               // what is still grey then counts as kThreshold has it
};

const EnumNames<Binarize>& names_of(Binarize);  // "none", "threshold", "dynamic", "static"

// How a decoder undoes strides and pooling.
enum class Upsampling : std::uint8_t {
  kTransposed,  // transposed convolutions; what was pooled goes back to where it was (unpooling)
  kNearest      // pixels repeated, then a convolution
};
const EnumNames<Upsampling>& names_of(Upsampling);  // "transposed", "nearest"

// What an autoencoder is, as one aggregate: everything else (layers, objective, files) follows from
// it. Its parts are independent: architecture, code rule, corruption, penalties, tied or not.
struct Spec {
  // Widths from the input to the code, both included: {784, 1000, 500, 250, 30}. After
  // convolutions the dense layers start from their features in place of the input, and there may be
  // none, {784}: the code is the last map of features, [C, H, W] one after the other.
  std::vector<std::int64_t> encoder = {784, 32};
  // Widths from the code to the output, both included; empty: the encoder's, mirrored.
  std::vector<std::int64_t> decoder = {};
  // An example's shape: a row [D], a series [channels, steps] or an image [channels, height,
  // width]. Empty: a row of the encoder's first width.
  std::vector<std::int64_t> input = {};
  Scale scale = Scale::kPixels;      // what becomes of stored numbers ahead of the encoder
  Missing missing = Missing::kNone;  // and of those that are missing
  // Columns of words in a row, as 0 and 1: the first column of each and how many there are, {1, 3, 4, 2}.
  // No scale touches them; the decoder gives them probabilities, judged by cross-entropy.
  std::vector<std::int64_t> categories = {};
  // Convolutional layers ahead of the dense ones, and behind them in the decoder, which mirrors
  // them; of images and of series.
  std::vector<ConvLayer> conv = {};
  Upsampling upsampling = Upsampling::kTransposed;
  nn::Activation hidden = nn::Activation::kRelu;
  nn::Activation code = nn::Activation::kIdentity;
  nn::Activation output = nn::Activation::kSigmoid;
  Loss loss = Loss::kMse;
  double loss_scale = 1;  // of those losses that have one
  // The decoder uses the encoder's weights, transposed; only its biases are its own. Needs mirrored
  // widths.
  bool tied = false;
  nn::Init init = nn::Init::kTorch;

  // Deviation of normal noise that training adds to the code layer ahead of its activation, which
  // learns to leave the noise's reach: a sigmoid's codes become binary. 0: none. Salakhutdinov and
  // Hinton, "Semantic Hashing", 2009.
  double code_noise = 0;

  CodeRule rule = Deterministic{};
  std::vector<Corruption> corruption = {};  // applied in this order
  std::vector<Penalty> penalties = {};
  // Classes that encoder and decoder are conditional on, as labels; 0: none. Sohn et al., 2015.
  std::int64_t classes = 0;
  // Hidden widths of a discriminator of codes (ReLU), and the weight of the term by which the
  // encoder deceives it; empty: none. Makhzani et al., 2015.
  std::vector<std::int64_t> discriminator = {};
  double adversarial = 1;
  // What the objective takes for the scaled image. Likelihoods of binary data need it.
  Binarize binarize = Binarize::kNone;

  std::int64_t input_width() const { return encoder.front(); }
  Shape example_shape() const;  // `input`, or the row that it stands for
  std::int64_t code_width() const;
  // What the dense layers start from: the input, or the features of the convolutions.
  std::int64_t features() const;
  std::vector<std::int64_t> decoder_widths() const;

  // Whether the objective is a sum over pixels and a mean over images, as the papers have it where
  // there are terms beside the reconstruction error, or a mean over pixels as well.
  bool per_image() const;

  // The code rule, where it is of that kind, else null.
  const Gaussian* gaussian() const { return std::get_if<Gaussian>(&rule); }
  const Quantised* quantised() const { return std::get_if<Quantised>(&rule); }

  bool operator==(const Spec&) const = default;
};

// Throws Error naming the field: fewer than two widths, one below 1, ends that do not meet, tied
// weights with a decoder that is not the mirror image, a modifier out of range, parts that make no
// sense together.
void check(const Spec& spec);

// One object, the fields above by name. What an older file lacks has its default.
std::string to_json(const Spec& spec);
// Throws Error where the encoder is missing, a field is unknown (with the nearest) or of another
// kind, and where check() does.
Spec spec_from_json(const std::string& text);

}  // namespace hourglass::ae
