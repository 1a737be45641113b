#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ae/model/modifiers.h"
#include "nn/layers/activation.h"
#include "nn/layers/init.h"

namespace hourglass::ae {

// The reconstruction error of an element; for output y, target x and e = y - x:
enum class Loss : std::uint8_t {
  kMse,          // e^2
  kBce,          // binary cross-entropy, from logits where the output is a sigmoid
  kCorrentropy,  // 1 - exp(-e^2 / (2 scale^2)): gross errors count 1 at most
  kGaussian      // -log N(x; y, scale^2)
};

// What becomes of the encoder's last layer.
enum class Rule : std::uint8_t {
  kDeterministic,  // it is the code
  kTopK,           // all but the `active` largest units are set to 0: Makhzani & Frey, 2013
  kGaussian,       // two heads, mean and log variance of a normal posterior: Kingma & Welling, 2014
  kQuantised       // its vectors become their nearest of a codebook: van den Oord et al., 2017
};

enum class Binarize : std::uint8_t {
  kNone,
  kThreshold,  // 1 where the pixel is above 1/2
  kDynamic,    // 1 with the pixel's value as probability, drawn afresh at each step
  kStatic      // the same, drawn once an image: before training, by binarise_once (likelihood.h);
               // what is still grey then counts as kThreshold has it
};

struct CodeRule {
  Rule kind = Rule::kDeterministic;
  // Top-k: how many units stay.
  std::int64_t active = 0;
  // Gaussian: the weight of the KL term, in how many steps it rises to that from 0, how many nats
  // a dimension are free of it, and how many draws are averaged; with `importance` their
  // importance-weighted bound (Burda et al., 2016) is taken.
  double beta = 1;
  std::int64_t warm_up = 0;
  double free_bits = 0;
  std::int64_t samples = 1;
  bool importance = false;
  // Quantised: how many vectors the codebook has, how wide they are (a divisor of the code's
  // width), and the weight of the commitment term.
  std::int64_t entries = 0;
  std::int64_t entry_width = 0;
  double commitment = 0.25;
  bool operator==(const CodeRule&) const = default;
};

// A convolution k x k with zeros around, an activation, and where pool > 1 a max-pooling with
// windows of that size.
struct ConvLayer {
  std::int64_t channels = 16, kernel = 3, stride = 1, padding = 1, pool = 1;
  bool operator==(const ConvLayer&) const = default;
};

// How a decoder undoes strides and pooling.
enum class Upsampling : std::uint8_t {
  kTransposed,  // transposed convolutions; what was pooled goes back to where it was (unpooling)
  kNearest      // pixels repeated, then a convolution
};

// What an autoencoder is, as one aggregate: everything else (layers, objective, files) follows from
// it. Its parts are independent: architecture, code rule, corruption, penalties, tied or not.
struct Spec {
  // Widths from the input to the code, both included: {784, 1000, 500, 250, 30}. After
  // convolutions the dense layers start from their features in place of the input, and there may be
  // none, {784}: the code is the last map of features, [C, H, W] one after the other.
  std::vector<std::int64_t> encoder = {784, 32};
  // Widths from the code to the output, both included; empty: the encoder's, mirrored.
  std::vector<std::int64_t> decoder = {};
  // Convolutional layers ahead of the dense ones, and behind them in the decoder, which mirrors
  // them; of images [channels, height, width].
  std::vector<ConvLayer> conv = {};
  std::array<std::int64_t, 3> image = {1, 28, 28};
  Upsampling upsampling = Upsampling::kTransposed;
  nn::Activation hidden = nn::Activation::kRelu;
  nn::Activation code = nn::Activation::kIdentity;
  nn::Activation output = nn::Activation::kSigmoid;
  Loss loss = Loss::kMse;
  double loss_scale = 1;  // of kCorrentropy and kGaussian
  // The decoder uses the encoder's weights, transposed; only its biases are its own. Needs mirrored
  // widths.
  bool tied = false;
  nn::Init init = nn::Init::kTorch;

  CodeRule rule = {};
  std::vector<Corruption> corruption = {};  // applied in this order
  std::vector<Penalty> penalties = {};
  // Classes that encoder and decoder are told, as labels; 0: none. Sohn et al., 2015.
  std::int64_t classes = 0;
  // Hidden widths of a discriminator of codes (ReLU), and the weight of the term by which the
  // encoder deceives it; empty: none. Makhzani et al., 2015.
  std::vector<std::int64_t> discriminator = {};
  double adversarial = 1;
  // What the objective takes for the image. Likelihoods of binary data need it.
  Binarize binarize = Binarize::kNone;

  std::int64_t input_width() const { return encoder.front(); }
  std::int64_t code_width() const;
  // What the dense layers start from: the input, or the features of the convolutions.
  std::int64_t features() const;
  std::vector<std::int64_t> decoder_widths() const;

  // Whether the objective is a sum over pixels and a mean over images, as the papers have it where
  // there are terms beside the reconstruction error, or a mean over pixels as well.
  bool per_image() const;

  bool operator==(const Spec&) const = default;
};

// Throws Error naming the field: fewer than two widths, one below 1, ends that do not meet, tied
// weights with a decoder that is not the mirror image, a modifier out of range, parts that make no
// sense together.
void check(const Spec& spec);

std::string_view name_of(Loss loss);     // "mse", "bce", "correntropy", "gaussian"
Loss loss_named(std::string_view name);  // Error, listing all, if there is none
std::string_view name_of(Rule rule);     // "deterministic", "top-k", "gaussian", "quantised"
Rule rule_named(std::string_view name);
std::string_view name_of(Upsampling upsampling);  // "transposed", "nearest"
Upsampling upsampling_named(std::string_view name);
std::string_view name_of(Binarize binarize);  // "none", "threshold", "dynamic", "static"
Binarize binarize_named(std::string_view name);
std::string_view name_of(nn::Init init);  // "torch", "xavier-uniform", ...
nn::Init init_named(std::string_view name);

// One object, the fields above by name. What an older file lacks has its default.
std::string to_json(const Spec& spec);
Spec spec_from_json(const std::string& text);  // Error on what is missing or of another kind

}  // namespace hourglass::ae
