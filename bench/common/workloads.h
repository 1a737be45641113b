#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ae/model/spec.h"
#include "autograd/compile/program.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::bench {

// What bench/train times, bench/peers repeats in other frameworks and bench/oracle checks number by
// number: training steps of autoencoders, Adam at 1e-3, and inference.
inline constexpr std::int64_t kBatches = 8;  // different ones, taken in turn
inline constexpr double kLearningRate = 1e-3;
inline constexpr double kPenaltyWeight = 0.01;  // of the contractive penalty, W6

// What is computed of a model.
enum class Task : std::uint8_t {
  kTrain,        // a step
  kEncode,       // the code, [batch, H]; parameters stay as they are
  kReconstruct,  // the output, likewise
  kLaplacian     // of the sum of the code, by x: [batch]; likewise
};

struct Workload {
  std::string_view name;
  std::string_view about;
  ae::Spec (*spec)() = nullptr;
  std::int64_t batch = 0;
  Task task = Task::kTrain;
  std::int64_t noise_width = 0;  // numbers of noise an image; 0: none
  DType dtype = DType::kF32;     // of all that is computed
};
std::span<const Workload> workloads();

// Throws Error, listing all, if there is none of that name.
const Workload& find_workload(std::string_view name);

enum class Noise : std::uint8_t {
  kDrawn,  // in the step, as in training
  kFed     // an input [batch, noise_width], so that others can use the same
};

// One workload as graph code.
struct Model {
  std::vector<Var> inputs;      // x [batch, D], and the noise where it is fed
  std::vector<Var> parameters;  // named as bench/peers names them
  Var output;  // the reconstruction [batch, D], as logits where the loss is BCE; or the code, or what the task says
  Var loss;    // of training, else undefined
  Step step;
};
// The first weights are the same f32 numbers in either dtype.
Model make_model(const Workload& workload, Noise noise, DType dtype = DType::kF32);

// A training step: forward, backward and Adam; run with a batch, it gives the loss. `options` as for
// compile, its inputs and what it watches aside.
Program make_training(const Workload& workload, CompileOptions options);

// Pixels in [0, 1], f32 [kBatches * batch, D]: built-in digits, in colour where images have
// three channels, the same on every machine.
Tensor make_images(const Workload& workload);

// What is fed at step `step` when noise is fed, f32 [batch, noise_width]: normal numbers for VAEs,
// signs for W6c.
Tensor make_noise(const Workload& workload, std::uint32_t step);

}  // namespace hourglass::bench
