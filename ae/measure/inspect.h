#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ae/measure/code_metrics.h"
#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "nn/train/objective.h"

namespace hourglass::ae {

// A model as what looks inside sees it: functions of examples [B, D] in the model's numbers, and of
// the labels, where there are any. `encode` is without noise; `posterior`, where there is one, gives
// mean and log variance; `scaled` makes a model's numbers of stored ones.
using CodeFunction = std::function<Var(const Batch& batch)>;
struct CodeFunctions {
  CodeFunction encode;       // -> [B, H]
  CodeFunction reconstruct;  // -> [B, D]
  std::function<std::pair<Var, Var>(const Batch& batch)> posterior = {};
  std::function<Var(const Var& stored)> scaled = pixels;
};

// What training looks like from inside, on probe images that stay the same.
struct Diagnostics {
  // The length of the gradient of each loss term as it is weighted now, over all parameters. A term
  // that is never used, or not connected, has 0.
  std::vector<nn::NamedValue> gradient_norms;
  CodeStatistics code;
  std::vector<double> kl_per_dimension;         // empty without a posterior
  double jacobian_norm = 0;                     // mean over images of ||d code / d x||_F
  std::vector<nn::NamedValue> noise_tolerance;  // by noise level: mse of the clean image's
                                                // reconstruction from the noisy one
};

// Examples in the model's numbers, f32 [N, D]: what is looked at below.
Examples scaled_examples(const CodeFunctions& model, const Examples& stored);

// ||d encode(x) / d x||_F of each row of the images (scaled, or stored pixels [N, D]), exactly, in
// batches that keep to about 64 MB.
std::vector<double> jacobian_norms(const CodeFunction& encode, const Examples& examples);

// Mean squared error per pixel between the images and their reconstructions after Gaussian noise of
// each deviation was added (nothing is clipped).
std::vector<nn::NamedValue> noise_tolerance(const CodeFunction& reconstruct,
                                            const Examples& examples, std::uint64_t seed = 0,
                                            const std::vector<double>& deviations = {
                                                0, 0.1, 0.2, 0.3, 0.4, 0.5});

// Compiled once, asked after each epoch; costs about as much as some ten training steps.
class Inspector {
 public:
  // `seed` is the training's. At most 512 images are looked at: for gradients and noise the first
  // 128, for Jacobians 32, fewer where codes are wide.
  Inspector(const nn::ObjectiveFunction& objective, const std::vector<Var>& parameters,
            const CodeFunctions& model, const Examples& probe, std::uint64_t seed);
  ~Inspector();
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  // After so many updates: what a term that is warmed up weighs by now.
  Diagnostics measure(std::int64_t updates = 0);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace hourglass::ae
