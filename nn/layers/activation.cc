#include "nn/layers/activation.h"

#include <array>

#include "autograd/ops/ops.h"

namespace hourglass::nn {
namespace {

struct Entry {
  Activation activation;
  std::string_view name;
  Var (*function)(const Var&);
};

const std::array<Entry, 5> kEntries = {{
    {Activation::kIdentity, "identity", [](const Var& x) { return x; }},
    {Activation::kRelu, "relu", [](const Var& x) { return relu(x); }},
    {Activation::kSigmoid, "sigmoid", [](const Var& x) { return sigmoid(x); }},
    {Activation::kTanh, "tanh", [](const Var& x) { return tanh(x); }},
    {Activation::kSoftplus, "softplus", [](const Var& x) { return softplus(x); }},
}};

}  // namespace

Var activate(Activation activation, const Var& x) {
  return kEntries[static_cast<std::size_t>(activation)].function(x);
}

const EnumNames<Activation>& names_of(Activation) {
  static const EnumNames<Activation> names = [] {
    EnumNames<Activation> all{"activation", {}};
    for (const Entry& entry : kEntries) all.names.emplace_back(entry.name, entry.activation);
    return all;
  }();
  return names;
}

}  // namespace hourglass::nn
