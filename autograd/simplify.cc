#include <cstring>
#include <unordered_map>

#include "autograd/graph.h"
#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/transform.h"

namespace hourglass {
namespace {

// Constants this small are compared by their bytes; larger ones are equal only to themselves.
constexpr std::size_t kSmallConstant = 64;

std::size_t mix(std::size_t hash, std::size_t value) { return hash * 1000003 + value; }

// Equal nodes by what they compute: the same op on the same (already merged) inputs.
struct SameValue {
  std::size_t operator()(const Var& x) const {
    std::size_t h = std::hash<const void*>{}(&x.op());
    h = mix(h, static_cast<std::size_t>(x.dtype()));
    for (std::int64_t size : x.shape().sizes()) h = mix(h, static_cast<std::size_t>(size));
    if (x.op().leaf) return is_small_constant(x) ? h : mix(h, x.id());
    for (const Var& input : x.inputs()) h = mix(h, input.id());
    return mix(h, x.attributes().hash());
  }

  bool operator()(const Var& a, const Var& b) const {
    if (a.same(b)) return true;
    if (&a.op() != &b.op() || a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
    if (a.op().leaf) {
      return is_small_constant(a) && a.tensor().identical(b.tensor());
    }
    if (a.inputs().size() != b.inputs().size() || !(a.attributes() == b.attributes())) return false;
    for (std::size_t i = 0; i < a.inputs().size(); ++i) {
      if (!a.inputs()[i].same(b.inputs()[i])) return false;
    }
    return true;
  }

  static bool is_small_constant(const Var& x) {
    return is_constant(x) && x.tensor().bytes() <= kSmallConstant;
  }
};

}  // namespace

std::vector<Var> simplify(const std::vector<Var>& outputs) {
  std::unordered_map<Var, Var, SameValue, SameValue> canonical;
  return rebuild(outputs, [&](const Var& node, const std::vector<Var>& inputs) {
    const Var rebuilt = node.op().leaf ? node : reapply(node, inputs);
    return canonical.try_emplace(rebuilt, rebuilt).first->second;
  });
}

}  // namespace hourglass
