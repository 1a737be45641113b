#include "nn/layers/visit.h"

namespace hourglass::nn {

Visitor prefixed(const Visitor& visitor, const std::string& prefix) {
  return [&visitor, prefix](const std::string& name, Var& parameter, Role role) {
    visitor(prefix + "." + name, parameter, role);
  };
}

}  // namespace hourglass::nn
