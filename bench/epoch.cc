// A whole process: start, read an IDX file of images, train W1 for one epoch, exit. With --write it
// makes such a file of built-in digits.

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

#include "ae/model/autoencoder.h"
#include "ae/model/trainer.h"
#include "bench/common/process.h"
#include "nn/data/digits.h"
#include "nn/data/images.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

void run(const std::string& file, int threads, int write) {
  const ThreadScope scope(threads);
  if (write > 0) return write_idx(file, nn::digits(write, 1).images);
  const Tensor images = nn::load_images(file);
  const Tensor rows = images.reshape(Shape{images.shape()[0], images.shape().product(1, 3)});
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {rows.shape()[1], 36}, .code = nn::Activation::kTanh}, 5);
  double loss = 0;
  const auto objective = [&](const ae::Batch& batch, Step& step) {
    return ae::objective(model, batch, step);
  };
  ae::train(objective, model.parameters(), rows, {.epochs = 1, .threads = threads},
            {.on_epoch = [&](const ae::EpochReport& report) { loss = report.loss; }});
  fmt::print("{} images, mean loss {:.4f}\n", rows.shape()[0], loss);
}

int parse_and_run(int argc, char** argv) {
  std::string file;
  int threads = 1, write = 0;
  CLI::App app("Reads an IDX file of images and trains 784-36-784 on it for one epoch.", "epoch");
  app.add_option("file", file, "The file")->required();
  app.add_option("--threads", threads, "Threads")->capture_default_str();
  app.add_option("--write", write, "Write so many built-in digits to the file instead");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    throw Error(error.what());
  }
  run(file, threads, write);
  return 0;
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::guarded("epoch",
                                   [&] { return hourglass::bench::parse_and_run(argc, argv); });
}
