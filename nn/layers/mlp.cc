#include "nn/layers/mlp.h"

#include "autograd/ops/sparse.h"
#include "tensor/error.h"

namespace hourglass::nn {

std::vector<std::string> Mlp::layer_names() const {
  std::vector<std::string> names;
  int index = first;
  for (const Layer& layer : layers) {
    names.push_back(std::to_string(index));
    index += layer.activation == Activation::kIdentity ? 1 : 2;
  }
  return names;
}

void Mlp::visit(const Visitor& visitor) {
  const std::vector<std::string> names = layer_names();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].linear.visit(prefixed(visitor, names[i]));
  }
}

namespace {

// Layers from `begin` on, h what the one before gives; without the last activation.
Var after_layer(const Mlp& mlp, std::size_t begin, Var h) {
  const std::vector<std::string> names = mlp.layer_names();
  for (std::size_t i = begin; i < mlp.layers.size(); ++i) {
    if (i > 0) {
      const LabelScope scope(names[i - 1]);
      h = activate(mlp.layers[i - 1].activation, h);
    }
    const LabelScope scope(names[i]);
    h = mlp.layers[i].linear(h);
  }
  return h;
}

}  // namespace

Var Mlp::linear(const Var& x) const { return after_layer(*this, 0, x); }

Var Mlp::linear(const SparseRows& x) const {
  if (layers.empty()) throw Error("mlp: sparse rows need a layer: there is none");
  Var h;
  {
    const LabelScope scope(layer_names().front());
    h = layers[0].linear(x);
  }
  return after_layer(*this, 1, h);
}

Var Mlp::activate_last(const Var& h) const {
  if (layers.empty()) return h;
  const LabelScope scope(layer_names().back());
  return activate(layers.back().activation, h);
}

Var Mlp::operator()(const Var& x) const { return activate_last(linear(x)); }

Mlp make_mlp(const std::vector<std::int64_t>& widths, Activation hidden, Activation last, Init init,
             InitSource& source, bool weights) {
  Mlp mlp;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Mlp::Layer layer;
    layer.linear = make_linear(widths[i], widths[i + 1], init, source);
    if (!weights) layer.linear.weight = Var();
    layer.activation = i + 2 < widths.size() ? hidden : last;
    mlp.layers.push_back(std::move(layer));
  }
  return mlp;
}

}  // namespace hourglass::nn
