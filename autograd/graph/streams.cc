#include "autograd/graph/streams.h"

#include <fmt/core.h>

#include <map>
#include <string>
#include <tuple>

#include "autograd/graph/op.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

// Equal for what is certainly the same numbers: one node, or constants of the same bytes (two keys
// made from one seed).
std::string identity(const Var& x) {
  if (!is_constant(x)) return std::to_string(x.id());
  return "=" + std::string(static_cast<const char*>(x.tensor().raw()), x.tensor().bytes());
}

}  // namespace

void check_streams(const std::vector<Var>& order) {
  using Stream = std::tuple<std::string, std::string, std::int64_t>;
  std::map<Stream, const Var*> first;
  for (const Var& node : order) {
    if (!node.op().is_random()) continue;
    const Stream stream{identity(node.inputs()[0]), identity(node.inputs()[1]),
                        node.attributes().integer("stream")};
    const Var& other = *first.try_emplace(stream, &node).first->second;
    const auto& shape = node.attributes().integers("shape");
    const auto& other_shape = other.attributes().integers("shape");
    if (&other.op() != &node.op() || shape != other_shape) {
      throw Error(fmt::format(
          "{}: stream {} is drawn twice with different shapes or kinds: {} {} vs {} {}: "
          "give each draw a stream of its own",
          node.op().name, std::get<2>(stream), other.op().name, to_string(Shape(other_shape)),
          node.op().name, to_string(Shape(shape))));
    }
  }
}

}  // namespace hourglass
