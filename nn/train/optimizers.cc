#include "nn/train/optimizers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "autograd/compile/memory.h"
#include "autograd/graph/errors.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

void check_gradients(const char* who, const std::vector<Var>& parameters,
                     const std::vector<Var>& gradients) {
  if (parameters.size() != gradients.size()) {
    throw Error(fmt::format("{}: needs one gradient a parameter: {} vs {}", who, gradients.size(),
                            parameters.size()));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    check_defined(gradients[i], who, fmt::format("gradient {}", i));
    if (type_text(gradients[i]) == type_text(parameters[i])) continue;
    throw Error(fmt::format("{}: gradient {} is {}, its parameter {}", who, i,
                            type_text(gradients[i]), type_text(parameters[i])));
  }
}

// Zeros like the parameters, made once.
void make_state(OptimizerState& state, const std::vector<Var>& parameters, const char* what) {
  if (state.values.empty()) {
    check_copies_fit("optimizer", "moments", parameters, 1);
    state.parameters = parameters;
    for (const Var& p : parameters) {
      state.values.push_back(parameter(Tensor(p.shape(), p.dtype())).named(p.label() + "." + what));
    }
  }
  if (std::equal(parameters.begin(), parameters.end(), state.parameters.begin(),
                 state.parameters.end(), [](const Var& a, const Var& b) { return a.same(b); })) {
    return;
  }
  throw Error("optimizer: what it has gathered is of other parameters: use one for each list");
}

Var with_l2(const Var& gradient, const Var& parameter, double l2) {
  return l2 == 0 ? gradient : gradient + l2 * parameter;
}

// What printed graphs, and `explain --step`, call a part of a parameter's update.
Var part_of(const Var& parameter, const char* what, const Var& value) {
  return parameter.label().empty() ? value : value.named(parameter.label() + ": " + what);
}

Var in_dtype_of(const Var& scalar, const Var& x) { return cast(scalar, x.dtype()); }

}  // namespace

Sgd::Sgd(double momentum, double l2) : momentum_(momentum), l2_(l2) {
  check({.method = Method::kSgd, .adam = {.l2 = l2}, .momentum = momentum});
}

void Sgd::update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
                 const LearningRate& learning_rate) {
  check_gradients("sgd", parameters, gradients);
  if (momentum_ != 0) make_state(velocity_, parameters, "velocity");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Var& p = parameters[i];
    Var direction = with_l2(gradients[i], p, l2_);
    if (momentum_ != 0) {
      direction = step.update(velocity_.values[i],
                              part_of(p, "velocity", momentum_ * velocity_.values[i] + direction));
    }
    step.update(p, p - learning_rate.in(p.dtype()) * direction);
  }
}

Adam::Adam(const AdamOptions& options) : options_(options) {
  check({.method = Method::kAdam, .adam = options});
}

void Adam::update(Step& step, const std::vector<Var>& parameters, const std::vector<Var>& gradients,
                  const LearningRate& learning_rate) {
  check_gradients("adam", parameters, gradients);
  if (!step.step.defined()) {
    throw Error("adam: the step counts nothing: make it with make_step(seed)");
  }
  make_state(first_, parameters, "first_moment");
  make_state(second_, parameters, "second_moment");
  const auto [beta1, beta2, epsilon, decay, l2] = options_;
  // In f64: 1 - 0.999^t would lose four digits in f32 at the first steps.
  const Var t = cast(step.step, DType::kF64) + 1;
  const Var correction1 = 1 / (1 - exp(t * std::log(beta1)));
  const Var correction2 = 1 / (1 - exp(t * std::log(beta2)));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Var& p = parameters[i];
    const Var g = with_l2(gradients[i], p, l2);
    const Var& first = first_.values[i];
    const Var& second = second_.values[i];
    const Var m = step.update(first, part_of(p, "first moment", beta1 * first + (1 - beta1) * g));
    const Var v =
        step.update(second, part_of(p, "second moment", beta2 * second + (1 - beta2) * square(g)));
    const Var rate = learning_rate.in(p.dtype());
    const Var m_hat = part_of(p, "first moment, corrected", in_dtype_of(correction1, p) * m);
    const Var v_hat = part_of(p, "second moment, corrected", in_dtype_of(correction2, p) * v);
    const Var direction = m_hat / (sqrt(v_hat) + epsilon);
    const Var shrunk = decay == 0 ? p : p - (rate * decay) * p;
    step.update(p, shrunk - rate * direction);
  }
}

std::vector<Var> Adam::state() const {
  std::vector<Var> all = first_.values;
  all.insert(all.end(), second_.values.begin(), second_.values.end());
  return all;
}

const EnumNames<Method>& names_of(Method) {
  static const EnumNames<Method> names = {"optimizer",
                                          {{"adam", Method::kAdam}, {"sgd", Method::kSgd}}};
  return names;
}

const std::vector<Field<OptimizerOptions>>& optimizer_fields() {
  using Options = OptimizerOptions;
  static const std::vector<Field<Options>> fields = {
      field("optimizer", "optimizer", enum_choices<Method>(), &Options::method),
      field("momentum", "momentum", "Of sgd", &Options::momentum, kFrom0Below1),
      part<Options>(
          "weight_decay", "weight-decay", "Of adam, apart from the gradient (AdamW)",
          [](auto& o) -> auto& { return o.adam.weight_decay; }, at_least(0)),
      part<Options>(
          "l2", "l2", "Half of this times every weight's square",
          [](auto& o) -> auto& { return o.adam.l2; }, at_least(0))};
  return fields;
}

void check(const OptimizerOptions& options) {
  check_all_limits(options, optimizer_fields());
  check_limits("beta1", kFrom0Below1, options.adam.beta1);
  check_limits("beta2", kFrom0Below1, options.adam.beta2);
  check_limits("epsilon", at_least(0), options.adam.epsilon);
  if (options.method == Method::kAdam && options.momentum != 0) {
    throw Error("momentum: belongs to sgd: adam has beta1");
  }
  if (options.method == Method::kSgd && options.adam.weight_decay != 0) {
    throw Error("weight-decay: belongs to adam: sgd has l2");
  }
}

Optimizer::Optimizer(const OptimizerOptions& options) : constraints_(options.constraints) {
  check(options);
  if (options.method == Method::kSgd) {
    chosen_ = Sgd(options.momentum, options.adam.l2);
  } else {
    chosen_ = Adam(options.adam);
  }
}

void Optimizer::update(Step& step, const std::vector<Var>& parameters,
                       const std::vector<Var>& gradients, const LearningRate& learning_rate) {
  const std::size_t first = step.updates.size();
  std::visit([&](auto& o) { o.update(step, parameters, gradients, learning_rate); }, chosen_);
  apply_constraints(constraints_, step.updates, first);
}

std::vector<Var> Optimizer::state() const {
  return std::visit([](const auto& o) -> std::vector<Var> { return o.state(); }, chosen_);
}

int Optimizer::state_per_parameter() const {
  return std::visit([](const auto& o) { return o.state_per_parameter(); }, chosen_);
}

}  // namespace hourglass::nn
