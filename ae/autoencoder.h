#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ae/spec.h"
#include "autograd/var.h"
#include "nn/linear.h"

namespace hourglass::ae {

// Linear layers with activations between, numbered as an nn.Sequential numbers its modules: an
// activation other than the identity counts as one.
struct Stack {
  struct Layer {
    nn::Linear linear;  // of a tied decoder: the weight is undefined and `weight` below is used
    nn::Activation activation = nn::Activation::kIdentity;
  };
  std::vector<Layer> layers;

  void visit(const nn::Visitor& visitor);
};

// A dense autoencoder: x [B, D] -> code [B, H] -> reconstruction [B, D], pixels in [0, 1].
struct Autoencoder {
  Spec spec;
  Stack encoder;
  Stack decoder;

  // [B, D] -> [B, H]: deterministic, after the code rule.
  Var encode(const Var& x) const;
  Var activations(const Var& x) const;       // [B, D] -> [B, H], before the code rule
  Var decode(const Var& code) const;         // [B, H] -> [B, D], after the output activation
  Var decode_linear(const Var& code) const;  // the same before it: the logits of a sigmoid
  Var reconstruct(const Var& x) const { return decode(encode(x)); }

  // Each parameter once: encoder.0.weight, encoder.0.bias, ..., decoder.0.weight, ...; of a tied
  // decoder the biases only.
  void visit(const nn::Visitor& visitor);
  std::vector<Var> parameters();
};

// Fresh weights, a function of the spec and the seed. Throws Error where check(spec) does.
Autoencoder make_autoencoder(const Spec& spec, std::uint64_t seed);

// Stored pixels as numbers in the graph: u8 becomes f32 / 255, f32 stays.
Var pixels(const Var& stored);

}  // namespace hourglass::ae
