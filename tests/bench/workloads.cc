// The training steps that are timed, with our own products and with OpenBLAS's.

#include "bench/common/workloads.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/transform/transform.h"
#include "nn/train/optimizers.h"
#include "tensor/kernels.h"

using namespace hourglass;
using namespace hourglass::bench;

namespace {

// Loss and gradients of three training steps one after the other, of an image each: of larger batches
// all products are our own either way.
std::vector<Tensor> trained(Workload workload, DType dtype, bool portable_bits) {
  workload.batch = 1;
  Model model = make_model(workload, Noise::kDrawn, dtype);
  std::vector<Var> outputs = grad(model.loss, model.parameters);
  nn::Adam adam;
  adam.update(model.step, model.parameters, outputs, kLearningRate);
  outputs.push_back(model.loss);
  Program program =
      compile(model.step, outputs, {.inputs = model.inputs, .portable_bits = portable_bits});
  const Tensor images = make_images(workload).cast(dtype);
  std::vector<Tensor> all;
  for (std::int64_t step = 0; step < 3; ++step) {
    const Tensor batch = images.rows(step * workload.batch, (step + 1) * workload.batch);
    for (const Tensor& result : program.run({batch})) all.push_back(result.clone());
  }
  return all;
}

// Of two arrays, relative to the largest number.
double difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.values(), y = b.values();
  double most = 0, largest = 1e-300;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) return HUGE_VAL;
    most = std::max(most, std::abs(x[i] - y[i]));
    largest = std::max(largest, std::abs(y[i]));
  }
  return most / largest;
}

}  // namespace

TEST_CASE("a timed training step is the same step with OpenBLAS's products") {
  int by_blas = 0;
  for (const Workload& workload : workloads()) {
    if (workload.task != Task::kTrain || workload.name == "W2b512") continue;  // W2b128 again
    for (const DType dtype : {DType::kF32, DType::kF64}) {
      CAPTURE(std::string(workload.name));
      CAPTURE(std::string(name_of(dtype)));
      const std::vector<Tensor> ours = trained(workload, dtype, true);
      const std::vector<Tensor> theirs = trained(workload, dtype, false);
      REQUIRE(ours.size() == theirs.size());
      bool same = true;
      double worst = 0;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        worst = std::max(worst, difference(theirs[i], ours[i]));
        same = same && theirs[i].identical(ours[i]);
      }
      CHECK(worst < (dtype == DType::kF32 ? 1e-4 : 1e-12));
      by_blas += same ? 0 : 1;
    }
  }
  // On targets with FMA a row times the rows of a matrix is OpenBLAS's, and rounds otherwise.
  if (kernels::cpu_target() != "baseline") CHECK(by_blas > 0);
}
