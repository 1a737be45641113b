#include "nn/train/gradient_norms.h"

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

namespace hourglass::nn {

// The step stands still: what the objective would update stays as it is. Ramps alone move on.
GradientNorms::GradientNorms(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                             std::vector<Tensor> batch, std::uint64_t seed)
    : batch_(std::move(batch)), counter_(make_step(seed)) {
  std::vector<Var> inputs, norms;
  for (const Tensor& t : batch_) inputs.push_back(input(t.shape(), t.dtype()));
  const Var updates = input({}, DType::kI32);
  Step step = counter_;
  for (const Term& term : objective(inputs, step).terms) {
    Var total = constant(0.0, DType::kF64);
    for (const Var& g : grad(term.weight * term.value, parameters)) {
      total = total + sum(square(cast(g, DType::kF64)));
    }
    Var norm = sqrt(total);
    if (term.ramp.defined()) {
      norm = norm * cast(substitute(term.ramp, {counter_.step}, {updates}), DType::kF64);
    }
    norms.push_back(norm);
    names_.push_back(term.name);
  }
  inputs.push_back(updates);
  program_ = compile(norms, {.inputs = inputs});
}

std::vector<NamedValue> GradientNorms::at(std::int64_t updates) {
  std::vector<Tensor> inputs = batch_;
  inputs.push_back(Tensor::scalar(static_cast<double>(updates)).cast(DType::kI32));
  const std::vector<Tensor>& values = program_.run(inputs);
  std::vector<NamedValue> norms;
  for (std::size_t i = 0; i < values.size(); ++i) norms.push_back({names_[i], values[i].item()});
  return norms;
}

}  // namespace hourglass::nn
