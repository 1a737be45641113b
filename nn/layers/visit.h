#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass::nn {

// What a listed parameter is to training.
enum class Role : std::uint8_t {
  kWeight,  // its gradient moves it
  kState    // updates of its own move it: running statistics, a codebook. PyTorch's buffer.
};

// What a model's visit() calls for each of its parameters, each once: saving, loading, printing and
// training derive from it. Made of any function of (name, parameter) or (name, parameter, role).
class Visitor {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Visitor>)
      Visitor(F f) {  // a function as it stands is a visitor
    if constexpr (std::is_invocable_v<F&, const std::string&, Var&, Role>) {
      call_ = std::move(f);
    } else {
      call_ = [f = std::move(f)](const std::string& name, Var& parameter, Role) mutable {
        f(name, parameter);
      };
    }
  }
  void operator()(const std::string& name, Var& parameter, Role role = Role::kWeight) const {
    call_(name, parameter, role);
  }

 private:
  std::function<void(const std::string& name, Var& parameter, Role role)> call_;
};

// The visitor with "prefix." before each name. It refers to the visitor that it is made of.
Visitor prefixed(const Visitor& visitor, const std::string& prefix);

struct NamedParameter {
  std::string name;
  Var parameter;
  Role role = Role::kWeight;
};

// A model is any type with `void visit(const Visitor&)`. All that it lists, in that order.
template <class Model>
std::vector<NamedParameter> named_parameters(Model& model) {
  std::vector<NamedParameter> all;
  model.visit([&](const std::string& name, Var& parameter, Role role) {
    all.push_back({name, parameter, role});
  });
  return all;
}

// Those that a gradient moves.
template <class Model>
std::vector<Var> trained_parameters(Model& model) {
  std::vector<Var> trained;
  for (const NamedParameter& p : named_parameters(model)) {
    if (p.role == Role::kWeight) trained.push_back(p.parameter);
  }
  return trained;
}

// Labels each with its name, for messages and printed graphs.
template <class Model>
void name_parameters(Model& model) {
  model.visit([](const std::string& name, Var& parameter) { parameter.named(name); });
}

}  // namespace hourglass::nn
