#include <algorithm>

#include "autograd/simplify/contract/contract.h"

// Below a trace: the order of one term of many that share what is sent back through layers.

namespace hourglass::contract {
namespace {

using Bits = std::uint64_t;
using Numbers = std::vector<std::size_t>;  // of tensors

constexpr double kMostForShared = 1.2;  // of the cheapest order of one term alone

// What has labels that neither a copy nor the result has: layer by layer, the way from the outputs
// back to where the copies stand.
Numbers beside_copies(const Network& network) {
  Bits seen = network.out;
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    if (network.twins[i] >= 0) seen |= network.tensors[i];
  }
  Numbers beside;
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    if (network.twins[i] < 0 && (network.tensors[i] & ~seen) != 0) beside.push_back(i);
  }
  return beside;
}

// Two orders one after the other: that of some tensors alone, and that of the rest and its result.
class Nested {
 public:
  Nested(const Network& network, const Numbers& inside) : network_(network), inside_(inside) {
    inner_.sizes = outer_.sizes = network.sizes;
    inner_.out = outer_.out = network.out;
    outer_.mirrored = network.mirrored;
    Numbers place(network.tensors.size());  // in outer_
    for (std::size_t i = 0; i < network.tensors.size(); ++i) {
      const bool is_inside = std::find(inside.begin(), inside.end(), i) != inside.end();
      if (!is_inside) {
        place[i] = outside_.size();
        outside_.push_back(i);
      }
      (is_inside ? inner_ : outer_).tensors.push_back(network.tensors[i]);
      if (!is_inside) inner_.out |= network.tensors[i];
    }
    Bits made = 0;
    for (const Bits labels : inner_.tensors) made |= labels;
    inner_.twins.assign(inside.size(), -1);
    for (const std::size_t i : outside_) {
      const int twin = network.twins[i];
      outer_.twins.push_back(twin < 0 ? -1
                                      : static_cast<int>(place[static_cast<std::size_t>(twin)]));
    }
    outer_.tensors.push_back(made & inner_.out);
    outer_.twins.push_back(-1);
  }

  Order run(Gram gram) const {
    Order all = order(inner_, Gram::kNever);
    const Order outer = order(outer_, gram);
    const std::size_t made = all.joins.size();
    for (Join& join : all.joins)
      join = {number(join.left, inside_, 0), number(join.right, inside_, 0)};
    Numbers places = outside_;
    places.push_back(network_.tensors.size() + made - 1);
    for (const Join& join : outer.joins) {
      all.joins.push_back({number(join.left, places, made), number(join.right, places, made)});
    }
    all.cost += outer.cost;
    all.largest = std::max(all.largest, outer.largest);
    return all;
  }

 private:
  // In the whole network, of a tensor or a join of a part, whose joins come after `before` others.
  int number(int i, const Numbers& tensors, std::size_t before) const {
    const auto at = static_cast<std::size_t>(i);
    if (at < tensors.size()) return static_cast<int>(tensors[at]);
    return static_cast<int>(network_.tensors.size() + before + at - tensors.size());
  }

  const Network& network_;
  const Numbers inside_;
  Numbers outside_;
  Network inner_, outer_;
};

}  // namespace

Order order_below_trace(const Network& network) {
  const Numbers beside = beside_copies(network);
  Order plain = order(network, Gram::kWhereItIsLess);
  if (beside.size() < 2) return plain;
  Order shared = Nested(network, beside).run(Gram::kWhereItIsLess);
  return shared.cost <= plain.cost * kMostForShared ? shared : plain;
}

}  // namespace hourglass::contract
