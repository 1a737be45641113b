#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/layers/activation.h"
#include "nn/layers/linear.h"

namespace hourglass::nn {

// Linear layers with activations between, numbered as an nn.Sequential numbers its modules: an
// activation other than the identity counts as one.
struct Mlp {
  struct Layer {
    Linear linear;  // its weight may be undefined, where the model uses another's in its place
    Activation activation = Activation::kIdentity;
  };
  std::vector<Layer> layers;
  int first = 0;  // the number of its first module

  // x [B, in] -> [B, out]. Throws Error, as Linear does, for another rank or width.
  Var operator()(const Var& x) const;
  Var linear(const Var& x) const;         // the same before the last activation
  Var linear(const SparseRows& x) const;  // of sparse rows; there must be a layer
  Var activate_last(const Var& h) const;
  void visit(const Visitor& visitor);
  std::vector<std::string> layer_names() const;  // "0", "2", ...
};

// Layers from each width to the next (of one width, none), `hidden` after each but the last, `last`
// after that. Without `weights` those are drawn and let go, for a model that uses another's in
// their place. Throws Error where a width is below 1.
Mlp make_mlp(const std::vector<std::int64_t>& widths, Activation hidden, Activation last, Init init,
             InitSource& source, bool weights = true);

}  // namespace hourglass::nn
