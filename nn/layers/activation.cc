#include "nn/layers/activation.h"

#include <array>
#include <vector>

#include "autograd/ops/ops.h"
#include "tensor/nearest_name.h"

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

std::string_view name_of(Activation activation) {
  return kEntries[static_cast<std::size_t>(activation)].name;
}

Activation activation_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.activation;
    known.push_back(entry.name);
  }
  throw_unknown_name("activation", name, known);
}

}  // namespace hourglass::nn
