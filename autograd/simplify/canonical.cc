#include "autograd/simplify/canonical.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <utility>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

// Constants this small are compared by their bytes; larger ones are equal only to themselves.
constexpr std::size_t kSmallConstant = 64;

bool is_small_constant(const Var& x) {
  return is_constant(x) && x.tensor().bytes() <= kSmallConstant;
}

std::size_t hash_of_bytes(const Tensor& x) {
  return std::hash<std::string_view>{}({static_cast<const char*>(x.raw()), x.bytes()});
}

std::size_t hash_of(const Var& x) {
  std::size_t h = hash_without_inputs(x);
  if (x.op().leaf) return mix(h, is_small_constant(x) ? hash_of_bytes(x.tensor()) : x.id());
  if (x.op().commutes) {
    const std::uint64_t a = x.inputs()[0].id();
    const std::uint64_t b = x.inputs()[1].id();
    h = mix(mix(h, std::min(a, b)), std::max(a, b));
  } else {
    for (const Var& input : x.inputs()) h = mix(h, input.id());
  }
  return h;
}

bool compute_same(const Var& a, const Var& b) {
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

}  // namespace

std::size_t hash_without_inputs(const Var& x) {
  std::size_t h = std::hash<const void*>{}(&x.op());
  h = mix(h, static_cast<std::size_t>(x.dtype()));
  for (std::int64_t size : x.shape().sizes()) h = mix(h, static_cast<std::size_t>(size));
  return mix(h, x.attributes().hash());
}

// Where a node of this hash is that computes the same as x, or a free slot.
FirstOfSame::Slot& FirstOfSame::slot_for(std::uint32_t hash, const Var* x) {
  for (std::size_t k = hash >> shift_;; k = (k + 1) & (slots_.size() - 1)) {
    Slot& slot = slots_[k];
    if (slot.number == 0) return slot;
    if (x && slot.hash == hash && compute_same(nodes_[slot.number - 1], *x)) return slot;
  }
}

const Var& FirstOfSame::operator()(const Var& x) {
  if (2 * (nodes_.size() + 1) > slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>((hash_of(x) * 0x9e3779b97f4a7c15u) >> 32);
  Slot& slot = slot_for(hash, &x);
  if (slot.number == 0) {
    nodes_.push_back(x);
    slot = {hash, static_cast<std::uint32_t>(nodes_.size())};
  }
  return nodes_[slot.number - 1];
}

void FirstOfSame::grow() {
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(std::max<std::size_t>(16, 2 * slots_.size())));
  shift_ = 32 - std::countr_zero(slots_.size());
  for (const Slot& slot : before) {
    if (slot.number != 0) slot_for(slot.hash, nullptr) = slot;
  }
}

Canonical::Canonical(const std::vector<Var>& fixed) : rules_(fixed) {
  const VarSet named(fixed);
  for (const Var& node : ancestors(fixed)) {
    done_.insert(node, node);
    if (!named.contains(node)) first_(node);
  }
}

Var Canonical::operator()(const Var& x) {
  if (const Var* known = done_.find(x)) return *known;
  std::vector<FoundVar> found;              // nodes keep their inputs
  const auto find = [&](const Var& node) {  // an empty Var stands for what is being done
    if (done_.insert(node, Var())) found.emplace_back(node);
  };
  find(x);
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (const Var& input : found[next].node->inputs()) find(input);
  }
  for (const Var* node : sorted_by_id(std::move(found))) {
    const Var result = canonical_of(*node);
    const auto know = [&](const Var& seen) {
      Var& known = done_[seen];
      if (!known.defined()) known = result;
    };
    know(*node);
    if (!result.same(*node)) know(result);
  }
  return done_.at(x);
}

Var Canonical::canonical_of(const Var& node) {
  if (node.op().leaf) return first_(node);
  std::vector<Var> others;  // where not all inputs are canonical already
  for (const Var& input : node.inputs()) {
    const Var& canonical = done_.at(input);
    if (others.empty() && canonical.same(input)) continue;
    if (others.empty()) {
      others.reserve(node.inputs().size());
      others.assign(node.inputs().data(), &input);
    }
    others.push_back(canonical);
  }
  const bool is_made_of_them = others.empty();
  const std::optional<Var> simpler = simplified(node, is_made_of_them ? node.inputs() : others);
  if (simpler) return *simpler;
  const Var rebuilt = is_made_of_them ? node : reapply(node, std::move(others));
  if (!rules_.folds(rebuilt)) return first_(rebuilt);
  Var& folded = folded_[on_constants_(rebuilt)];
  if (!folded.defined()) folded = first_(rules_.fold(rebuilt).named(node.label()));
  return folded;
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
