#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nn/activation.h"
#include "nn/init.h"

namespace hourglass::ae {

enum class Loss : std::uint8_t { kMse, kBce };

// What an autoencoder is, as one aggregate: everything else (layers, objective, files) follows from
// it.
struct Spec {
  // Widths from the input to the code, both included: {784, 1000, 500, 250, 30}.
  std::vector<std::int64_t> encoder = {784, 32};
  // Widths from the code to the output, both included; empty: the encoder's, mirrored.
  std::vector<std::int64_t> decoder = {};
  nn::Activation hidden = nn::Activation::kRelu;
  nn::Activation code = nn::Activation::kIdentity;
  nn::Activation output = nn::Activation::kSigmoid;
  // Mean squared error or binary cross-entropy, a mean over pixels; from logits where output is a
  // sigmoid.
  Loss loss = Loss::kMse;
  // The decoder uses the encoder's weights, transposed; only its biases are its own. Needs mirrored
  // widths.
  bool tied = false;
  nn::Init init = nn::Init::kTorch;

  std::int64_t input_width() const { return encoder.front(); }
  std::int64_t code_width() const { return encoder.back(); }
  std::vector<std::int64_t> decoder_widths() const;

  bool operator==(const Spec&) const = default;
};

// Throws Error naming the field: fewer than two widths, one below 1, ends that do not meet, tied
// weights with a decoder that is not the mirror image.
void check(const Spec& spec);

std::string_view name_of(Loss loss);      // "mse", "bce"
Loss loss_named(std::string_view name);   // Error, listing all, if there is none
std::string_view name_of(nn::Init init);  // "torch", "xavier-uniform", ...
nn::Init init_named(std::string_view name);

std::string to_json(const Spec& spec);         // one object, the fields above by name
Spec spec_from_json(const std::string& text);  // Error on what is missing or of another kind

}  // namespace hourglass::ae
