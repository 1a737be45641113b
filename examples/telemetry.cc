// Alarms of a recording whose beginning is normal: `telemetry [FILE.csv [LABEL]]`; without a file, two
// sensors of a pump that stutters. The first 40 % are learnt from; a step is an alarm where every window
// it is in is reconstructed worse than the windows learnt from are.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kWindow = 32;

// Steps 700 to 760 are a stutter.
nn::DataSet pump() {
  const Tensor noise = normal(key_of(1), "noise", 0, {1000, 2}, 0, 0.1);
  Tensor steps(Shape{1000, 2}, DType::kF64), labels(Shape{1000}, DType::kI32);
  for (std::int64_t t = 0; t < 1000; ++t) {
    const bool stutters = t >= 700 && t < 760;
    const double phase = 0.3 * static_cast<double>(stutters ? t - t % 12 : t);
    steps.data<double>()[2 * t] = 10 + std::sin(phase) + noise.at(2 * t);
    steps.data<double>()[2 * t + 1] = 200 + 5 * (std::cos(phase) + noise.at(2 * t + 1));
    labels.data<std::int32_t>()[t] = stutters;
  }
  return {.kind = nn::DataKind::kSeries, .examples = steps, .labels = labels};
}

nn::DataSet windows_of(const nn::DataSet& series) {
  return nn::windows({.all = series, .recordings = {series.count()}}, kWindow, 1);
}

// The error of the best reconstructed window that a step is in.
std::vector<double> of_steps(const std::vector<double>& windows, std::int64_t steps) {
  std::vector<double> scores;
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto first = windows.begin() + std::max<std::int64_t>(0, t + 1 - kWindow);
    const auto last = windows.begin() + std::min(t + 1, static_cast<std::int64_t>(windows.size()));
    scores.push_back(*std::min_element(first, last));
  }
  return scores;
}

}  // namespace

int main(int argc, char** argv) {
  nn::ReadOptions options{.series = true};
  if (argc > 2) options.label = argv[2];
  const nn::DataSet series = argc > 1 ? nn::read_data(argv[1], options).all : pump();
  const std::int64_t border = series.count() * 2 / 5;
  const nn::DataSet normal = windows_of(series.range(0, border)), all = windows_of(series);

  ae::Spec preset{.encoder = {784}};
  preset.conv = {{.channels = 32, .kernel = 7, .stride = 2, .padding = 3},
                 {.channels = 8, .kernel = 7, .stride = 2, .padding = 3}};
  ae::Autoencoder model = ae::make_autoencoder(ae::fit_to(preset, ae::form_of(normal)), 1);
  nn::check_trained(ae::train(model, {normal.rows()},
                              {.epochs = 30, .batch = 32, .schedule = {nn::Schedule::kCosine}}));

  const double limit = 4.0 / 3 * ae::quantile(ae::anomaly_scores(model, {normal.rows()}), 0.999);
  const std::vector<double> scores =
      of_steps(ae::anomaly_scores(model, {all.rows()}), series.count());
  const auto judged = scores.begin() + border;
  std::printf("%td alarms in %td steps after the %td that were learnt from\n",
              std::count_if(judged, scores.end(), [&](double s) { return s > limit; }),
              scores.end() - judged, static_cast<std::ptrdiff_t>(border));
  if (!series.labels.defined()) return 0;
  std::vector<bool> anomaly;
  for (std::int64_t t = border; t < series.count(); ++t) {
    anomaly.push_back(series.labels.at(t) != 0);
  }
  std::printf("F1 of the alarms: %.3f\n", ae::f1({judged, scores.end()}, anomaly, limit));
}
