#include "autograd/ops/step.h"

#include "autograd/ops/ops.h"

namespace hourglass {

Step make_step(std::uint64_t seed, bool training, std::int32_t first) {
  Step step;
  step.training = training;
  step.step = parameter(Tensor::scalar(first, DType::kI32)).named("step");
  step.key = random_key(seed, step.step);
  step.updates.push_back({step.step, add(step.step, constant(1, DType::kI32))});
  return step;
}

}  // namespace hourglass
