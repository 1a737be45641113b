#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::bench {

// The training steps that bench/train times, bench/peers repeats in other frameworks and
// bench/oracle checks number by number: dense autoencoders of 784 pixels, f32, Adam at 1e-3.
inline constexpr std::int64_t kPixels = 784;
inline constexpr std::int64_t kBatches = 8;  // different ones, taken in turn
inline constexpr double kLearningRate = 1e-3;
inline constexpr double kPenaltyWeight = 0.01;  // of the contractive penalty, W6

struct Workload {
  std::string_view name;
  std::string_view about;
  std::int64_t batch = 0;
  std::int64_t noise_width = 0;  // numbers of noise an image; 0: none
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
  std::vector<Var> inputs;      // x [batch, 784], and the noise where it is fed
  std::vector<Var> parameters;  // named as bench/peers names them
  Var output;                   // the reconstruction [batch, 784], as logits where the loss is BCE
  Var loss;
  Step step;
};
// The first weights are the same f32 numbers in either dtype.
Model make_model(const Workload& workload, Noise noise, DType dtype = DType::kF32);

// Pixels in [0, 1], f32 [kBatches * batch, 784]: built-in digits, the same on every machine.
Tensor make_images(const Workload& workload);

// What is fed at step `step` when noise is fed, f32 [batch, noise_width]: normal numbers for W3,
// signs for W6c.
Tensor make_noise(const Workload& workload, std::uint32_t step);

}  // namespace hourglass::bench
