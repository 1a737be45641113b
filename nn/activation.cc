#include "nn/activation.h"

#include <fmt/core.h>

#include <array>
#include <string>

#include "autograd/ops.h"
#include "tensor/error.h"

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
  std::string known;
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.activation;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(fmt::format("activation: there is none named {}: expected one of {}", name, known));
}

}  // namespace hourglass::nn
