#include "autograd/simplify/canonical.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"

namespace hourglass::internal {
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
  std::vector<const Var*> found;            // nodes keep their inputs
  const auto find = [&](const Var& node) {  // an empty Var stands for what is being done
    if (done_.insert(node, Var())) found.push_back(&node);
  };
  find(x);
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (const Var& input : found[next]->inputs()) find(input);
  }
  sort_by_id(found);
  for (const Var* node : found) {
    const Var result = canonical_of(*node);
    for (const Var* seen : {node, &result}) {
      Var& known = done_[*seen];
      if (!known.defined()) known = result;
    }
  }
  return done_.at(x);
}

Var Canonical::canonical_of(const Var& node) {
  if (node.op().leaf) return *table_.insert(node).first;
  std::vector<Var> inputs;
  inputs.reserve(node.inputs().size());
  for (const Var& input : node.inputs()) inputs.push_back(done_.at(input));
  if (const std::optional<Var> simpler = simplified(node, inputs)) return *simpler;
  const Var rebuilt = reapply(node, std::move(inputs));
  if (!rules_.folds(rebuilt)) return *table_.insert(rebuilt).first;
  const auto [number, is_new] = folded_.try_emplace(rebuilt);
  if (is_new) number->second = *table_.insert(rules_.fold(rebuilt).named(node.label())).first;
  return number->second;
}

// What the ops' rules make of the node: canonical nodes and a few new ones, which are brought in in
// turn.
std::optional<Var> Canonical::simplified(const Var& node, const std::vector<Var>& inputs) {
  const LabelScope scope(LabelScope::Absolute{node.node()->scope});
  const std::optional<Var> simpler = rules_(node, inputs);
  if (!simpler) return {};
  const Var result = (*this)(*simpler);
  if (result.id() > node.id() && result.label().empty()) result.named(node.label());
  return result;
}

}  // namespace hourglass::internal
