#include "autograd/transform/by_rules.h"

#include <memory>
#include <string>

#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/transform/transform.h"

namespace hourglass {
namespace {

thread_local bool names_rules = false;

// While it lives, graphs derived on this thread name their rules.
struct NamingRules {
  NamingRules() { names_rules = true; }
  ~NamingRules() { names_rules = before; }
  NamingRules(const NamingRules&) = delete;
  NamingRules& operator=(const NamingRules&) = delete;
  bool before = names_rules;
};

}  // namespace

std::vector<Var> vjp_by_rules(const Var& y, const std::vector<Var>& xs, const Var& cotangent) {
  const NamingRules naming;
  return vjp(y, xs, cotangent);
}

namespace internal {

LabelScope::Absolute scope_of_rule(const Var& node) {
  const std::shared_ptr<const std::string>& scope = node.node()->scope;
  if (!names_rules) return {scope};
  const std::string rule = "d " + std::string(node.op().name);
  return {std::make_shared<const std::string>(scope ? *scope + "." + rule : rule)};
}

}  // namespace internal
}  // namespace hourglass
