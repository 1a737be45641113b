// A training step on counts that are stored sparse, beside the same in full: 20,000 words of which a
// document has one in a hundred, batches of 512, 256 hidden units.

#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/train.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "nn/train/data_source.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kWords = 20000, kUnits = 256, kCode = 32, kBatch = 512, kBatches = 4,
                       kEvery = 100;

struct Arguments {
  int threads = 1, epochs = 4;
};

nn::Rows make_counts() {
  auto counts = std::make_shared<nn::CsrMatrix>();
  counts->width = kWords;
  for (std::int64_t i = 0; i < kBatch * kBatches; ++i) {
    const Tensor draws =
        uniform(key_of(5), "counts", static_cast<std::uint32_t>(i), Shape{kWords}, 0, kEvery);
    for (std::int64_t j = 0; j < kWords; ++j) {
      const double draw = draws.at(j);
      if (draw >= 1) continue;
      counts->values.push_back(static_cast<float>(1 + static_cast<int>(4 * draw)));
      counts->columns.push_back(static_cast<std::int32_t>(j));
    }
    counts->row_starts.push_back(counts->entries());
  }
  return {counts, DType::kI32};
}

ae::Spec spec_of(bool gaussian) {
  ae::Spec spec{.encoder = {kWords, kUnits, kCode},
                .scale = ae::Scale::kLog1p,
                .output = nn::Activation::kIdentity,
                .loss = ae::Loss::kMultinomial};
  if (gaussian) spec.rule = ae::Gaussian{};
  return spec;
}

// Milliseconds of each step but for the first epoch's, which compiles.
Spread steps_of(const ae::Spec& spec, const nn::Rows& counts, const Arguments& a) {
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  std::vector<double> times;
  double last = 0;
  nn::check_trained(ae::train(model, {counts},
                              {.epochs = a.epochs, .batch = kBatch, .threads = a.threads},
                              {.on_step = [&](const nn::StepReport& report) {
                                const double now = seconds_now();
                                if (report.epoch > 1 && report.step > 1) {
                                  times.push_back(1e3 * (now - last));
                                }
                                last = now;
                                return true;
                              }}));
  return spread_of(times);
}

// Milliseconds that a batch takes to be put together.
double batch_time(const nn::DataSource& data) {
  std::vector<double> times = time_calls(0.5, [&] { data.batch(1, 0); });
  return 1e3 * spread_of(times).min;
}

void run(const Arguments& a) {
  const ThreadScope scope(a.threads);
  const nn::Rows sparse = make_counts();
  const nn::Rows full = sparse.tensor();
  fmt::print("{:<8} {:>12} {:>12} {:>8}\n", "ms", "in full", "sparse", "ratio");
  const auto print = [](const char* name, double in_full, double by_entries) {
    fmt::print("{:<8} {:>12.1f} {:>12.1f} {:>8.2f}\n", name, in_full, by_entries,
               in_full / by_entries);
  };
  print("batch", batch_time(nn::shuffled_rows({full}, kBatch, 1)),
        batch_time(nn::shuffled_sparse_rows(sparse, kBatch, 1)));
  for (const bool gaussian : {false, true}) {
    const ae::Spec spec = spec_of(gaussian);
    const double in_full = steps_of(spec, full, a).min;
    print(gaussian ? "vae" : "dense", in_full, steps_of(spec, sparse, a).min);
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("--threads", a.threads, "Threads").show_default();
  program.add_option("--epochs", a.epochs, "Epochs of 4 steps, the first not counted")
      .show_default();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "counts",
       .about = "A training step on sparse counts beside the same counts in full."},
      argc, argv, hourglass::bench::add_options);
}
