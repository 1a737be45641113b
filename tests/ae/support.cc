#include "tests/ae/support.h"

#include <doctest/doctest.h>

#include "tensor/random.h"

namespace hourglass::testing {

double term(const nn::Objective& objective, const std::string& name) {
  for (const nn::Term& t : objective.terms) {
    if (t.name == name) return t.value.value().item();
  }
  FAIL("no term " << name);
  return 0;
}

std::vector<std::string> names_of(ae::Autoencoder model) {
  std::vector<std::string> names;
  model.visit([&](const std::string& name, Var&) { names.push_back(name); });
  return names;
}

Tensor noise(std::int64_t n, std::int64_t width) {
  return uniform(key_of(11), "images", 0, {n, width}, 0, 1, DType::kF32);
}

}  // namespace hourglass::testing
