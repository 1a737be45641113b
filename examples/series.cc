// What a recording's windows do not explain: `series [FILE.csv]`; without a file, two sensors of a
// pump that stutters once. One-dimensional convolutions learn windows of 32 steps.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kWindow = 32;

nn::RawData pump() {
  const Tensor noise = normal(key_of(1), "noise", 0, {2000, 2}, 0, 0.1);
  Tensor steps(Shape{2000, 2}, DType::kF64);
  for (std::int64_t t = 0; t < 2000; ++t) {
    const bool stutters = t >= 1900 && t < 1910;
    const double phase = 0.3 * static_cast<double>(stutters ? 1900 : t);
    steps.data<double>()[2 * t] = 10 + std::sin(phase) + noise.at(2 * t);
    steps.data<double>()[2 * t + 1] = 200 + 5 * (std::cos(phase) + noise.at(2 * t + 1));
  }
  return {.all = {.kind = nn::DataKind::kSeries, .examples = steps}, .recordings = {2000}};
}

}  // namespace

int main(int argc, char** argv) {
  const nn::RawData series = argc > 1 ? nn::read_data(argv[1], {.series = true}) : pump();
  const nn::DataParts parts = nn::split(series, {.window = kWindow});  // cut by time
  ae::Spec preset{.encoder = {784, 16}};
  preset.conv = {{.channels = 16, .stride = 2}, {.channels = 16, .stride = 2}};
  ae::Autoencoder model = ae::make_autoencoder(ae::fit_to(preset, ae::form_of(parts.train)), 1);
  nn::check_trained(ae::train(model, {parts.train.rows()}, {.epochs = 20, .learning_rate = 3e-3}));

  const nn::DataSet windows = nn::windows(series, kWindow, 1);
  const Tensor y = ae::reconstructions(model, {windows.rows()}).reshape(windows.examples.shape());
  const Tensor x = series.all.examples, back = nn::overlaid(y, series, 1);
  const Tensor deviation = model.input.deviation.tensor();
  double mean = 0, most = 0;
  std::int64_t worst = 0;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const double error = std::abs(back.at(i) - x.at(i)) / deviation.at(i % x.shape()[1]);
    mean += error / static_cast<double>(x.elements());
    if (error > most) worst = i / x.shape()[1];
    most = std::max(most, error);
  }
  std::printf("%td steps of %td channels: off by %.3f deviations, at most %.2f, at step %td\n",
              static_cast<std::ptrdiff_t>(x.shape()[0]), static_cast<std::ptrdiff_t>(x.shape()[1]),
              mean, most, static_cast<std::ptrdiff_t>(worst));
}
