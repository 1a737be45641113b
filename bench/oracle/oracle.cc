// Writes what a workload starts from and what we make of it, for anybody to compute again: images,
// noise, weights, losses of training steps, and in f64 the output, the loss and its
// gradient; of inference the model as ONNX, beside the file.

#include <fmt/core.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/transform/transform.h"
#include "bench/common/main.h"
#include "bench/common/workloads.h"
#include "nn/onnx/onnx.h"
#include "nn/train/optimizers.h"
#include "tensor/error.h"
#include "tensor/files/safetensors.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::string workload, out;
  int steps = 0, threads = 1;
};

// The inputs of a step, in the order in which the model lists them.
std::vector<Tensor> feed(const Workload& workload, const Tensor& images, std::uint32_t step) {
  const std::int64_t first = step % kBatches * workload.batch;
  std::vector<Tensor> inputs = {images.rows(first, first + workload.batch)};
  if (workload.noise_width > 0) inputs.push_back(make_noise(workload, step));
  return inputs;
}

// The noise of all steps, [steps, batch, noise_width].
Tensor all_noise(const Workload& workload, std::int64_t steps) {
  Tensor all(Shape{steps, workload.batch, workload.noise_width}, DType::kF32);
  char* next = static_cast<char*>(all.raw());
  for (std::int64_t step = 0; step < steps; ++step) {
    const Tensor noise = make_noise(workload, static_cast<std::uint32_t>(step));
    std::memcpy(next, noise.raw(), noise.bytes());
    next += noise.bytes();
  }
  return all;
}

// Output, and of training loss and gradient, at the first weights, all in f64.
void add_results(const Workload& workload, const Arguments& arguments,
                 const std::vector<Tensor>& inputs, std::vector<NamedTensor>& file) {
  const Model model = make_model(workload, Noise::kFed, DType::kF64);
  std::vector<Var> outputs = {model.output};
  std::vector<std::string> names = {"output"};
  if (workload.task == Task::kTrain) {
    outputs.push_back(model.loss);
    names.emplace_back("loss");
    for (const Var& g : grad(model.loss, model.parameters)) outputs.push_back(g);
    for (const Var& p : model.parameters) names.push_back("gradient:" + p.label());
  }
  Program program = compile(outputs, {.inputs = model.inputs, .threads = arguments.threads});
  std::vector<Tensor> wide;
  for (const Tensor& x : inputs) wide.push_back(x.cast(DType::kF64));
  const std::vector<Tensor>& results = program.run(wide);
  for (std::size_t i = 0; i < names.size(); ++i) file.push_back({names[i], results[i]});
}

// The loss of each of the training steps, f32 [steps]; the model's weights change.
Tensor train(Model& model, const Workload& workload, const Arguments& arguments,
             const Tensor& images) {
  nn::Adam adam;
  adam.update(model.step, model.parameters, grad(model.loss, model.parameters), kLearningRate);
  Program program =
      compile(model.step, {model.loss}, {.inputs = model.inputs, .threads = arguments.threads});
  std::vector<float> losses;
  for (int step = 0; step < arguments.steps; ++step) {
    const auto inputs = feed(workload, images, static_cast<std::uint32_t>(step));
    losses.push_back(static_cast<float>(program.run(inputs)[0].item()));
  }
  return Tensor::from(losses, Shape{arguments.steps});
}

void run(const Arguments& arguments) {
  const Workload& workload = find_workload(arguments.workload);
  const ThreadScope scope(arguments.threads);
  check_range("steps", arguments.steps, 0, 1 << 20);
  const Tensor images = make_images(workload).cast(workload.dtype);
  Model model = make_model(workload, Noise::kFed, workload.dtype);
  std::vector<NamedTensor> file = {{"images", images}};
  for (const Var& p : model.parameters) {
    file.push_back({"parameter:" + p.label(), p.tensor().clone()});
  }
  if (workload.noise_width > 0) {
    file.push_back({"noise", all_noise(workload, std::max(1, arguments.steps))});
  }
  add_results(workload, arguments, feed(workload, images, 0), file);
  if (workload.task == Task::kEncode || workload.task == Task::kReconstruct) {
    const std::string model_path =
        std::filesystem::path(arguments.out).replace_extension(".onnx").string();
    nn::write_onnx(model_path, nn::onnx({model.output.named("y")}, model.inputs));
  } else if (arguments.steps > 0) {
    file.push_back({"losses", train(model, workload, arguments, images)});
  }
  write_safetensors(arguments.out, file, {{"workload", arguments.workload}});
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("workload", a.workload, "See `train --help`").required();
  program.add_option("-o,--out", a.out, "The file").required();
  program.add_option("--steps", a.steps, "Training steps").show_default();
  program.add_option("--threads", a.threads, "Threads").show_default();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "oracle", .about = "Writes a workload and what we make of it as safetensors."}, argc,
      argv, hourglass::bench::add_options);
}
