// A shuffled epoch of rows in memory, and of the same rows in a file that is mapped and in the page
// cache: the batches alone, and with training.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "ae/model/autoencoder.h"
#include "ae/model/train.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "nn/data/read_data.h"
#include "nn/train/data_source.h"
#include "tensor/files/npy.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::string folder = ".";
  std::int64_t rows = 100000, width = 784;
  int threads = 1, repeat = 5;
};

// All batches of an epoch, a number of each taken.
void gather(const nn::Rows& rows) {
  const nn::DataSource source = nn::shuffled_rows({rows}, 128, 1);
  double sum = 0;
  for (std::int64_t i = 0; i < source.batches; ++i) sum += source.batch(1, i)[0].at(0);
  if (sum < 0) fmt::print("?");  // so that it is not left out
}

void train(const nn::Rows& rows) {
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {rows.width(), 36}, .code = nn::Activation::kTanh}, 5);
  nn::check_trained(ae::train(model, {rows}, {.epochs = 1}));
}

// The least of several, the two in turn.
void compare(const std::string& name, const nn::Rows& memory, const nn::Rows& file, int repeat,
             const std::function<void(const nn::Rows&)>& f) {
  double a = HUGE_VAL, b = HUGE_VAL;
  for (int i = 0; i < repeat; ++i) {
    const double start = seconds_now();
    f(memory);
    const double between = seconds_now();
    f(file);
    a = std::min(a, between - start);
    b = std::min(b, seconds_now() - between);
  }
  fmt::print("{:<16} {:>12.1f} {:>12.1f} {:>8.2f}\n", name, 1e3 * a, 1e3 * b, b / a);
}

void run(const Arguments& a) {
  const ThreadScope scope(a.threads);
  fmt::print("{:<16} {:>12} {:>12} {:>8}\n", "epoch of", "memory, ms", "mapped, ms", "ratio");
  const Tensor grey = uniform(key_of(1), "bench", 0, Shape{a.rows, a.width}, 0, 255, DType::kF32);
  for (const DType dtype : {DType::kU8, DType::kF32}) {
    const std::string path = a.folder + "/bench-rows.npy";
    Tensor x = grey.cast(dtype);
    if (dtype == DType::kF32) x = uniform(key_of(1), "bench", 0, x.shape(), 0, 1, dtype);
    write_npy(path, x);
    const nn::Rows file = nn::read_data(path).all.examples;
    const std::string type(name_of(dtype));
    compare(type + " batches", x, file, a.repeat, gather);
    compare(type + " training", x, file, a.repeat, train);
    std::filesystem::remove(path);
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("--folder", a.folder, "Where the file is made").show_default();
  program.add_option("--rows", a.rows, "Rows; of 64 MB and more, so that they are mapped")
      .show_default();
  program.add_option("--width", a.width, "Numbers a row").show_default();
  program.add_option("--threads", a.threads, "Threads").show_default();
  program.add_option("--repeat", a.repeat, "Epochs of each, the fastest counts").show_default();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "rows",
       .about = "A shuffled epoch of rows of a mapped file beside the same in memory."},
      argc, argv, hourglass::bench::add_options);
}
