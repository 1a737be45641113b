#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "autograd/graph/var.h"
#include "tensor/kernels.h"

namespace hourglass {

// What simplify does to one node at a time. Values are kept bit for bit, but for the sign of a zero
// and the last bit of pow(x, 2). Only structural zeros are taken away, as terms of a sum: x * 0 and
// x - x stay, since they are NaN where x is. Internal.
class LocalRules {
 public:
  // Rules do not look into `opaque` nodes, nor at the numbers of a constant among them.
  explicit LocalRules(std::unordered_set<std::uint64_t> opaque) : opaque_(std::move(opaque)) {}

  // The rule that applies to op(inputs), as a graph of the inputs; nothing if none does.
  std::optional<Var> operator()(const Var& node, const std::vector<Var>& inputs) const;
  // A node whose inputs are small constants, as a constant.
  std::optional<Var> fold(const Var& node) const;

 private:
  using Result = std::optional<Var>;
  using Inputs = std::vector<Var>;

  static constexpr std::int64_t kMostFolded = 1 << 16;  // elements

  bool is(const Var& x, kernels::Lane lane) const;
  bool is(const Var& x, std::string_view name) const;
  // The number that every element is, where the graph says so: a scalar constant, spread or
  // reshaped.
  std::optional<double> uniform_value(const Var& x) const;
  bool is_uniform(const Var& x, double value) const;
  bool swaps_last_two(const Var& x) const;

  Result fold_uniform(const Var& node, const Inputs& inputs) const;
  Result simplify_add(const Inputs& x) const;
  Result simplify_subtract(const Inputs& x) const;
  Result simplify_multiply(const Inputs& x) const;
  Result simplify_lane(const Var& node, const Inputs& x) const;
  Result simplify_reshape(const Var& node, const Inputs& x) const;
  Result simplify_transpose(const Var& node, const Inputs& x) const;
  Result simplify_broadcast(const Var& node, const Inputs& x) const;
  Result simplify_sum_to(const Var& node, const Inputs& x) const;
  Result simplify_matmul(const Var& node, const Inputs& x) const;

  std::unordered_set<std::uint64_t> opaque_;
};

}  // namespace hourglass
