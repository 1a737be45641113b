// A whole process: start, read an IDX file of images, train W1 for one epoch, exit. With --write it
// makes such a file of built-in digits.

#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>

#include "ae/model/autoencoder.h"
#include "ae/model/train.h"
#include "bench/common/main.h"
#include "nn/data/digits.h"
#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::string file;
  int threads = 1, write = 0;
  bool vae = false;
};

// Of W1, or pythae's VAE by its defaults, which it trains in batches of 64.
ae::Spec spec_of(std::int64_t width, bool vae) {
  if (!vae) return {.encoder = {width, 36}, .code = nn::Activation::kTanh};
  return {.encoder = {width, 512, 10}, .rule = ae::Gaussian{}};
}

void run(const Arguments& arguments) {
  const auto& [file, threads, write, vae] = arguments;
  const ThreadScope scope(threads);
  if (write > 0) {  // as MNIST's files are: without the axis of channels
    return write_idx(file, nn::digits(write, 1).examples.reshape(Shape{write, 28, 28}));
  }
  const Tensor images = nn::read_data(file).all.examples;
  const Tensor rows = images.reshape(Shape{images.shape()[0], images.shape().product(1, 4)});
  ae::Autoencoder model = ae::make_autoencoder(spec_of(rows.shape()[1], vae), 5);
  double loss = 0;
  nn::check_trained(
      ae::train(model, {rows}, {.epochs = 1, .batch = vae ? 64 : 128, .threads = threads},
                {.on_epoch = [&](const nn::EpochReport& report) { loss = report.loss; }}));
  fmt::print("{} images, mean loss {:.4f}\n", rows.shape()[0], loss);
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("file", a.file, "The file").required();
  program.add_option("--threads", a.threads, "Threads").show_default();
  program.add_flag("--vae", a.vae, "Train a VAE, 784-512-10, in place of 784-36");
  program.add_option("--write", a.write, "Write so many built-in digits to the file instead");
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "epoch",
       .about =
           "Reads an IDX file of images and trains 784-36-784, or a VAE, on it for one epoch."},
      argc, argv, hourglass::bench::add_options);
}
