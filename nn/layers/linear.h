#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "autograd/graph/var.h"
#include "nn/layers/init.h"

namespace hourglass::nn {

// Lists a model's parameters by name, each once: saving, loading, printing and training derive from
// it.
using Visitor = std::function<void(const std::string& name, Var& parameter)>;

// The visitor with "prefix." before each name.
Visitor prefixed(const Visitor& visitor, const std::string& prefix);

// y = x W' + b: x [B, in], weight [out, in], bias [out] -> [B, out]. Laid out and named as
// PyTorch's Linear.
struct Linear {
  Var weight;
  Var bias;  // undefined for a layer without one

  Var operator()(const Var& x) const;
  void visit(const Visitor& visitor);
};

Linear make_linear(std::int64_t in, std::int64_t out, Init init, InitSource& source,
                   bool bias = true);

}  // namespace hourglass::nn
