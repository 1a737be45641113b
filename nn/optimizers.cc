#include "nn/optimizers.h"

#include <fmt/core.h>

#include <cmath>

#include "autograd/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

void check_gradients(const char* who, const std::vector<Var>& parameters,
                     const std::vector<Var>& gradients) {
  if (parameters.size() == gradients.size()) return;
  throw Error(fmt::format("{}: needs one gradient a parameter: {} vs {}", who, gradients.size(),
                          parameters.size()));
}

// Zeros like the parameters, made once.
void make_state(std::vector<Var>& state, const std::vector<Var>& parameters, const char* what) {
  if (!state.empty()) return;
  for (const Var& p : parameters) {
    state.push_back(parameter(Tensor(p.shape(), p.dtype())).named(p.label() + "." + what));
  }
}

Var in_dtype_of(const Var& scalar, const Var& x) { return cast(scalar, x.dtype()); }

}  // namespace

void Sgd::update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
                 const Var& learning_rate) {
  check_gradients("sgd", parameters, gradients);
  if (momentum_ != 0) make_state(velocity_, parameters, "velocity");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Var& p = parameters[i];
    Var direction = gradients[i];
    if (momentum_ != 0) {
      direction = momentum_ * velocity_[i] + direction;
      step.updates.push_back({velocity_[i], direction});
    }
    step.updates.push_back({p, p - in_dtype_of(learning_rate, p) * direction});
  }
}

void Adam::update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
                  const Var& learning_rate) {
  check_gradients("adam", parameters, gradients);
  make_state(first_, parameters, "first_moment");
  make_state(second_, parameters, "second_moment");
  const auto [beta1, beta2, epsilon, decay] = options_;
  // In f64: 1 - 0.999^t would lose four digits in f32 at the first steps.
  const Var t = cast(step.step, DType::kF64) + 1;
  const Var correction1 = 1 / (1 - exp(t * std::log(beta1)));
  const Var correction2 = 1 / (1 - exp(t * std::log(beta2)));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Var& p = parameters[i];
    const Var& g = gradients[i];
    const Var m = beta1 * first_[i] + (1 - beta1) * g;
    const Var v = beta2 * second_[i] + (1 - beta2) * square(g);
    const Var rate = in_dtype_of(learning_rate, p);
    const Var direction =
        (in_dtype_of(correction1, p) * m) / (sqrt(in_dtype_of(correction2, p) * v) + epsilon);
    const Var shrunk = decay == 0 ? p : p - (rate * decay) * p;
    step.updates.push_back({first_[i], m});
    step.updates.push_back({second_[i], v});
    step.updates.push_back({p, shrunk - rate * direction});
  }
}

std::vector<Var> Adam::state() const {
  std::vector<Var> all = first_;
  all.insert(all.end(), second_.begin(), second_.end());
  return all;
}

}  // namespace hourglass::nn
