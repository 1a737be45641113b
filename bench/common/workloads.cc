#include "bench/common/workloads.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ae/model/objective.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/data/digits.h"
#include "nn/layers/losses.h"
#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::uint64_t kSeed = 5;
constexpr const char* kNoise = "noise";                      // the stream of it
constexpr std::int64_t kSide = 28, kPixels = kSide * kSide;  // of a digit
constexpr std::int64_t kVaeCode = 20, kConvVaeCode = 128, kContractiveCode = 256;

ae::Spec shallow() { return {.encoder = {kPixels, 36}, .code = nn::Activation::kTanh}; }
ae::Spec deep() { return {.encoder = {kPixels, 1000, 500, 250, 30}, .loss = ae::Loss::kBce}; }
ae::Spec vae() {
  return {.encoder = {kPixels, 400, kVaeCode}, .loss = ae::Loss::kBce, .rule = ae::Gaussian{}};
}
ae::Spec conv() {
  return {.encoder = {kPixels},
          .input = {1, 28, 28},
          .conv = {{.channels = 16, .stride = 2},
                   {.channels = 32, .stride = 2},
                   {.channels = 64, .kernel = 7, .padding = 0}}};
}
// Halves height and width.
ae::ConvLayer halving(std::int64_t channels) {
  return {.channels = channels, .kernel = 4, .stride = 2};
}
ae::Spec colour_conv() {
  return {.encoder = {3 * 32 * 32},
          .input = {3, 32, 32},
          .conv = {halving(32), halving(64), halving(128)}};
}
ae::Spec conv_vae() {
  return {.encoder = {3 * 64 * 64, kConvVaeCode},
          .input = {3, 64, 64},
          .conv = {halving(32), halving(64), halving(128), halving(256)},
          .loss = ae::Loss::kBce,
          .rule = ae::Gaussian{}};
}
ae::Spec contractive() {
  return {.encoder = {kPixels, kContractiveCode}, .code = nn::Activation::kSigmoid};
}

ae::Spec energy(std::vector<std::int64_t> widths) {
  return {.encoder = std::move(widths),
          .hidden = nn::Activation::kSoftplus,
          .code = nn::Activation::kSoftplus};
}
ae::Spec energy_of_one() { return energy({kPixels, 256}); }
ae::Spec energy_of_two() { return energy({kPixels, 256, 64}); }
ae::Spec energy_of_three() { return energy({kPixels, 256, 128, 32}); }

constexpr std::array<Workload, 20> kWorkloads = {{
    {"W1", "784-36-784, tanh code, sigmoid output, MSE, batch 128", shallow, 128},
    {"W2b128", "784-1000-500-250-30 mirrored, ReLU, BCE with logits, batch 128", deep, 128},
    {"W2b512", "784-1000-500-250-30 mirrored, ReLU, BCE with logits, batch 512", deep, 512},
    {"W3", "VAE 784-400-20, ReLU, BCE + KL, batch 128", vae, 128, Task::kTrain, kVaeCode},
    {"W4", "1x28x28, convolutions 16-32 k3 s2 and 64 k7, mirrored, ReLU, MSE, batch 64", conv, 64},
    {"W5", "3x32x32, convolutions 32-64-128 k4 s2, mirrored, ReLU, MSE, batch 64", colour_conv, 64},
    {"W6a", "contractive 784-256-784, the penalty's closed form by hand, batch 128", contractive,
     128},
    {"W6b", "contractive 784-256-784, the exact penalty through batch_jacobian, batch 128",
     contractive, 128},
    {"W6c", "contractive 784-256-784, Hutchinson's estimate, batch 128", contractive, 128,
     Task::kTrain, kContractiveCode},
    {"W8", "VAE 3x64x64, convolutions 32-64-128-256 k4 s2, code 128, BCE + KL, batch 64", conv_vae,
     64, Task::kTrain, kConvVaeCode},
    {"W1f64", "W1 in f64", shallow, 128, Task::kTrain, 0, DType::kF64},
    {"W7a-b1", "inference: W2's encoder, one image", deep, 1, Task::kEncode},
    {"W7a-b256", "inference: W2's encoder, batch 256", deep, 256, Task::kEncode},
    {"W7b-b1", "inference: all of W2, one image", deep, 1, Task::kReconstruct},
    {"W7b-b256", "inference: all of W2, batch 256", deep, 256, Task::kReconstruct},
    {"W7c-b1", "inference: all of W4, one image", conv, 1, Task::kReconstruct},
    {"W7c-b256", "inference: all of W4, batch 256", conv, 256, Task::kReconstruct},
    {"W9a", "Laplacian of an energy, the sum of softplus 784-256, batch 64", energy_of_one, 64,
     Task::kLaplacian},
    {"W9b", "Laplacian of two layers of softplus, 784-256-64, batch 64", energy_of_two, 64,
     Task::kLaplacian},
    {"W9c", "Laplacian of three layers of softplus, 784-256-128-32, batch 64", energy_of_three, 64,
     Task::kLaplacian},
}};

// The noise of a step: an input, or what `draw` makes of the step's key.
template <class Draw>
Var noise_of(Model& model, const Workload& workload, Noise noise, Draw&& draw) {
  const Shape shape{workload.batch, workload.noise_width};
  const DType dtype = model.inputs[0].dtype();
  if (noise == Noise::kDrawn) return draw(model.step.key, shape, dtype);
  model.inputs.push_back(input(shape, dtype).named("noise"));
  return model.inputs.back();
}

// What ae/ makes of the workload's spec, with its parameters in the model's dtype.
ae::Autoencoder make_net(Model& model, const Workload& workload) {
  ae::Autoencoder net = ae::make_autoencoder(workload.spec(), kSeed);
  net.visit([&](const std::string& name, Var& p) {
    p = parameter(p.tensor().cast(model.inputs[0].dtype())).named(name);
    model.parameters.push_back(p);
  });
  return net;
}

// What the loss compares with x.
Var output_of(const ae::Autoencoder& net, const ae::Encoded& encoded) {
  const Var logits = net.decode_linear(encoded);
  return net.spec.loss == ae::Loss::kBce ? logits : nn::activate(net.spec.output, logits);
}

void add_autoencoder(Model& model, const ae::Autoencoder& net) {
  model.output = output_of(net, net.encode(model.inputs[0]));
  model.loss = ae::objective(net, model.inputs[0], model.step).loss;
}

// By hand, since the noise may be fed.
void add_vae(Model& model, const ae::Autoencoder& net, const Workload& workload, Noise noise) {
  const Var x = model.inputs[0];
  const ae::Encoded encoded = net.encode(x);
  const auto& [mu, log_variance] = encoded.posterior;
  const Var epsilon =
      noise_of(model, workload, noise, [](const RandomKey& key, const Shape& shape, DType dtype) {
        return random_normal(key, kNoise, shape, dtype);
      });
  model.output = output_of(net, encoded.with_code(mu + exp(0.5 * log_variance) * epsilon));
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  model.loss = nn::binary_cross_entropy_with_logits(model.output, x, per_image) +
               nn::reduce(kl_standard_normal(mu, log_variance), per_image);
}

// W6: the sum over a batch of |dh/dx|^2, by three roads. h is a layer of sigmoids.
Var contractive_penalty(Model& model, const Workload& workload, Noise noise, const Var& h,
                        const Var& weight) {
  const Var x = model.inputs[0];
  if (workload.name == "W6a") {
    const Var v = h * (1 - h);  // J[b, k, d] = v[b, k] W[k, d]
    return sum(sum(square(v), {0}) * sum(square(weight), {1}));
  }
  if (workload.name == "W6b") return sum(square(batch_jacobian(h, x)));
  const Var signs =
      noise_of(model, workload, noise, [](const RandomKey& key, const Shape& shape, DType dtype) {
        return sign(random_uniform(key, kNoise, shape, dtype) - 0.5);
      });
  return sum(square(vjp(h, {x}, signs)[0]));
}

void add_contractive(Model& model, const ae::Autoencoder& net, const Workload& workload,
                     Noise noise) {
  const Var x = model.inputs[0];
  const ae::Encoded encoded = net.encode(x);
  const Var& h = encoded.code;
  model.output = output_of(net, encoded);
  const Var& weight = net.encoder.layers[0].linear.weight;
  const Var penalty = contractive_penalty(model, workload, noise, h, weight);
  model.loss = nn::squared_error(model.output, x, nn::Reduce::kMeanOverElements) +
               (kPenaltyWeight / static_cast<double>(workload.batch)) * penalty;
}

// Digits [N, 784] in the middle of larger images, paper and ink each of a colour of its own.
Tensor in_colour(const Tensor& digits, const Shape& shape) {
  const std::int64_t count = digits.shape()[0], channels = shape[0], side = shape[1];
  const std::int64_t times = side / kSide, margin = (side - times * kSide) / 2;
  const Tensor colours = uniform(key_of(kSeed), "colours", 0, Shape{count, 2, channels}, 0, 1);
  Tensor images(Shape{count, shape.elements()}, DType::kF32);
  float* to = images.data<float>();
  const float* digit = digits.data<float>();
  const float* colour = colours.data<float>();
  for (std::int64_t i = 0; i < count; ++i, digit += kPixels, colour += 2 * channels) {
    for (std::int64_t at = 0; at < shape.elements(); ++at) {
      const std::int64_t c = at / (side * side);
      const std::int64_t y = at / side % side - margin, x = at % side - margin;
      const bool inside = std::min(y, x) >= 0 && std::max(y, x) < times * kSide;
      const float ink = inside ? digit[y / times * kSide + x / times] : 0;
      *to++ = colour[c] + ink * (colour[channels + c] - colour[c]);
    }
  }
  return images;
}

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

const Workload& find_workload(std::string_view name) {
  std::string known;
  for (const Workload& workload : kWorkloads) {
    if (workload.name == name) return workload;
    known += (known.empty() ? "" : ", ") + std::string(workload.name);
  }
  throw Error(fmt::format("workload: there is none named {}: expected one of {}", name, known));
}

Model make_model(const Workload& workload, Noise noise, DType dtype) {
  Model model;
  model.step = make_step(kSeed);
  const std::int64_t width = workload.spec().input_width();
  model.inputs = {input(Shape{workload.batch, width}, dtype).named("x")};
  const ae::Autoencoder net = make_net(model, workload);
  if (workload.task == Task::kEncode) {
    model.output = net.encode(model.inputs[0]).code;
  } else if (workload.task == Task::kReconstruct) {
    model.output = output_of(net, net.encode(model.inputs[0]));
  } else if (workload.task == Task::kLaplacian) {
    const Var x = model.inputs[0];
    model.output = trace(batch_jacobian(grad(sum(net.encode(x).code), x), x));
  } else if (net.spec.gaussian()) {
    add_vae(model, net, workload, noise);
  } else if (workload.name.starts_with("W6")) {
    add_contractive(model, net, workload, noise);
  } else {
    add_autoencoder(model, net);
  }
  return model;
}

Program make_training(const Workload& workload, CompileOptions options) {
  Model model = make_model(workload, Noise::kDrawn, workload.dtype);
  nn::Adam adam;
  adam.update(model.step, model.parameters, grad(model.loss, model.parameters), kLearningRate);
  options.inputs = model.inputs;
  options.watch = {model.loss};
  return compile(model.step, {model.loss}, options);
}

Tensor make_images(const Workload& workload) {
  Tensor images = nn::digits(kBatches * workload.batch, kSeed).rows().tensor().cast(DType::kF32);
  float* x = images.data<float>();
  for (std::int64_t i = 0; i < images.elements(); ++i) x[i] /= 255;
  const Shape shape = workload.spec().example_shape();
  return shape.elements() == kPixels ? images : in_colour(images, shape);
}

Tensor make_noise(const Workload& workload, std::uint32_t step) {
  const Shape shape{workload.batch, workload.noise_width};
  if (workload.spec().gaussian()) return normal(key_of(kSeed), kNoise, step, shape);
  Tensor signs = uniform(key_of(kSeed), kNoise, step, shape, -1, 1);
  float* x = signs.data<float>();
  for (std::int64_t i = 0; i < signs.elements(); ++i) x[i] = x[i] < 0 ? -1.0F : 1.0F;
  return signs;
}

}  // namespace hourglass::bench
