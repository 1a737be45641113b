#include "autograd/simplify/canonical.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"

namespace hourglass {
namespace {

// Constants this small are compared by their bytes; larger ones are equal only to themselves.
constexpr std::size_t kSmallConstant = 64;

std::size_t mix(std::size_t hash, std::size_t value) { return hash * 1000003 + value; }

bool is_small_constant(const Var& x) {
  return is_constant(x) && x.tensor().bytes() <= kSmallConstant;
}

std::size_t hash_of_bytes(const Tensor& x) {
  return std::hash<std::string_view>{}({static_cast<const char*>(x.raw()), x.bytes()});
}

}  // namespace

std::size_t Canonical::SameValue::operator()(const Var& x) const {
  std::size_t h = std::hash<const void*>{}(&x.op());
  h = mix(h, static_cast<std::size_t>(x.dtype()));
  for (std::int64_t size : x.shape().sizes()) h = mix(h, static_cast<std::size_t>(size));
  if (x.op().leaf) return mix(h, is_small_constant(x) ? hash_of_bytes(x.tensor()) : x.id());
  if (x.op().commutes) {
    const std::uint64_t a = x.inputs()[0].id();
    const std::uint64_t b = x.inputs()[1].id();
    h = mix(mix(h, std::min(a, b)), std::max(a, b));
  } else {
    for (const Var& input : x.inputs()) h = mix(h, input.id());
  }
  return mix(h, x.attributes().hash());
}

bool Canonical::SameValue::operator()(const Var& a, const Var& b) const {
  if (a.same(b)) return true;
  if (&a.op() != &b.op() || a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (a.op().leaf) return is_small_constant(a) && a.tensor().identical(b.tensor());
  const std::vector<Var>& x = a.inputs();
  const std::vector<Var>& y = b.inputs();
  if (x.size() != y.size() || !(a.attributes() == b.attributes())) return false;
  const auto same = [](const Var& u, const Var& v) { return u.same(v); };
  return std::equal(x.begin(), x.end(), y.begin(), same) ||
         (a.op().commutes && std::equal(x.begin(), x.end(), y.rbegin(), same));
}

Canonical::Canonical(const std::vector<Var>& fixed) : rules_(fixed) {
  const VarSet named(fixed);
  for (const Var& node : ancestors(fixed)) {
    done_.insert(node, node);
    if (!named.contains(node)) table_.insert(node);
  }
}

Var Canonical::operator()(const Var& x) {
  if (const Var* known = done_.find(x)) return *known;
  VarSet seen({x});
  std::vector<Var> found = {x};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const Node* node = found[next].node();  // found may move while inputs are added
    for (const Var& input : node->inputs) {
      if (!done_.contains(input) && seen.insert(input)) found.push_back(input);
    }
  }
  std::sort(found.begin(), found.end(), [](const Var& a, const Var& b) { return a.id() < b.id(); });
  for (const Var& node : found) {
    const Var result = canonical_of(node);
    done_.insert(node, result);
    done_.insert(result, result);
  }
  return done_.at(x);
}

Var Canonical::canonical_of(const Var& node) {
  if (node.op().leaf) return *table_.insert(node).first;
  std::vector<Var> inputs;
  for (const Var& input : node.inputs()) inputs.push_back(done_.at(input));
  const LabelScope scope(LabelScope::Absolute{node.node()->scope});
  if (const std::optional<Var> simpler = rules_(node, inputs)) {
    // Made of canonical nodes and a few new ones, which are brought in in turn.
    const Var result = (*this)(*simpler);
    if (result.id() > node.id() && result.label().empty()) result.named(node.label());
    return result;
  }
  const Var rebuilt = reapply(node, std::move(inputs));
  if (const auto known = folded_.find(rebuilt); known != folded_.end()) return known->second;
  if (const std::optional<Var> number = rules_.fold(rebuilt)) {
    return folded_.emplace(rebuilt, *table_.insert(number->named(node.label())).first)
        .first->second;
  }
  return *table_.insert(rebuilt).first;
}

}  // namespace hourglass
