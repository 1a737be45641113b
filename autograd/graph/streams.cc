#include "autograd/graph/streams.h"

#include <fmt/core.h>

#include <map>
#include <string>
#include <tuple>

#include "autograd/graph/op.h"
#include "tensor/error.h"

namespace hourglass::internal {
namespace {

// Equal for what is certainly the same numbers: one node, or constants of the same bytes (two keys
// made from one seed).
std::string identity(const Var& x) {
  if (!is_constant(x)) return std::to_string(x.id());
  return "=" + std::string(static_cast<const char*>(x.tensor().raw()), x.tensor().bytes());
}

// Of two draws that have key, step and number in common.
void check_pair(const Var& a, const Var& b) {
  const std::string& name = b.attributes().text("stream");
  const std::string& other = a.attributes().text("stream");
  if (name != other) {
    throw Error(fmt::format("{}: the names {} and {} have one hash: give one of them another name",
                            b.op().name, other, name));
  }
  const Shape x(a.attributes().integers("shape")), y(b.attributes().integers("shape"));
  if (&a.op() == &b.op() && x == y) return;
  throw Error(
      fmt::format("{}: stream {} is drawn twice with different shapes or kinds: {} {} vs {} {}: "
                  "give each draw a name of its own",
                  b.op().name, name, a.op().name, to_string(x), b.op().name, to_string(y)));
}

}  // namespace

void check_streams(const std::vector<Var>& order) {
  using Place = std::tuple<std::string, std::string, std::int64_t>;
  std::map<Place, const Var*> first;
  for (const Var& node : order) {
    if (!node.op().is_random()) continue;
    const Attributes& drawn = node.attributes();
    const Place place{identity(node.inputs()[0]), identity(node.inputs()[1]),
                      drawn.integer("number")};
    check_pair(*first.try_emplace(place, &node).first->second, node);
  }
}

}  // namespace hourglass::internal
