// Anomalies in the telemetry of a pump: each recording's first 400 steps are learnt from, the rest is
// judged, and the alarms of all recordings are counted together. The rules are those of SKAB's own
// notebooks, so that nothing was chosen here: windows of 60 steps, a limit of 4/3 of the 0.999
// quantile of the errors of the windows learnt from, and an alarm at a step all of whose windows are
// above it; of the statistics of principal components, a running median of 5 steps.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "ae/measure/anomaly.h"
#include "ae/measure/features.h"
#include "ae/measure/metrics.h"
#include "ae/measure/ranking.h"
#include "ae/model/fit_to.h"
#include "ae/model/train.h"
#include "bench/applied/rows.h"
#include "bench/baselines/kernel_pca.h"
#include "bench/baselines/pca_monitor.h"
#include "nn/data/read_data.h"
#include "nn/data/windows.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kLearnt = 400, kWindow = 60;
constexpr int kSeeds = 3, kMedian = 5;
constexpr double kQuantile = 0.999, kMargin = 4.0 / 3, kShare = 0.85;

struct Recording {
  Tensor steps;  // f64 [T, C], in deviations of the first 400
  std::vector<bool> anomaly;
  Tensor learnt() const { return steps.rows(0, kLearnt); }
};

struct Alarms {
  double hits = 0, false_alarms = 0, misses = 0, silent = 0;

  void add(const Recording& recording, const std::vector<bool>& alarm, std::size_t from) {
    for (std::size_t i = from; i < alarm.size(); ++i) {
      double& count =
          recording.anomaly[i] ? (alarm[i] ? hits : misses) : (alarm[i] ? false_alarms : silent);
      count += 1;
    }
  }
};

Recording read_recording(const std::string& path) {
  const nn::RawData raw =
      nn::read_data(path, {.drop = {"datetime", "changepoint"}, .label = "anomaly"});
  const nn::Rows x = raw.all.rows();
  const Tensor steps = ae::Standardised(x.range(0, kLearnt))(x).tensor();
  return {steps.cast(DType::kF64), ae::labelled_anomalies(raw.all)};
}

std::vector<Recording> read_recordings(const RowSetting& setting) {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"skab/valve1", "skab/valve2", "skab/other"}) {
    for (const auto& entry : std::filesystem::directory_iterator(data_path(setting, folder))) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Recording> all;
  for (const auto& file : files) all.push_back(read_recording(file.string()));
  return all;
}

// The median of each step's number and those of the four before it, where there are four.
std::vector<double> running_median(const std::vector<double>& x) {
  std::vector<double> y(x.size(), 0);
  for (std::size_t i = kMedian - 1; i < x.size(); ++i) {
    const auto end = x.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    std::vector<double> last(end - kMedian, end);
    std::nth_element(last.begin(), last.begin() + kMedian / 2, last.end());
    y[i] = last[kMedian / 2];
  }
  return y;
}

std::vector<bool> above(const std::vector<double>& scores, double limit) {
  std::vector<bool> alarm;
  for (const double score : scores) alarm.push_back(score > limit);
  return alarm;
}

std::vector<bool> pca_alarms(const Recording& recording) {
  const PcaMonitor monitor = PcaMonitor::explaining(recording.learnt(), kShare);
  const MonitorStatistics found = monitor(recording.steps);
  std::vector<bool> alarm = above(running_median(found.t2), monitor.t2_limit(kQuantile));
  const std::vector<bool> q = above(running_median(found.q), monitor.q_limit(kQuantile));
  for (std::size_t i = 0; i < q.size(); ++i) alarm[i] = alarm[i] || q[i];
  return alarm;
}

// The margin is there because these scores are of the very rows that were learnt from.
double limit_of(const std::vector<double>& learnt) {
  return kMargin * ae::quantile(learnt, kQuantile);
}

std::vector<bool> kernel_alarms(const Recording& recording) {
  const KernelPca pca(recording.learnt(), kShare);
  return above(running_median(pca(recording.steps)), limit_of(pca(recording.learnt())));
}

nn::DataSet windows_of(const Tensor& steps) {
  const nn::DataSet series{.kind = nn::DataKind::kSeries, .examples = steps};
  return nn::windows({.all = series, .recordings = {steps.shape()[0]}}, kWindow, 1);
}

// The mean absolute error of each window.
std::vector<double> window_errors(const ae::Autoencoder& model, const nn::DataSet& windows) {
  const Tensor x = windows.rows(), y = ae::reconstructions(model, {x});
  std::vector<double> errors(static_cast<std::size_t>(windows.count()));
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    errors[static_cast<std::size_t>(i / windows.width())] +=
        std::abs(x.at(i) - y.at(i)) / static_cast<double>(windows.width());
  }
  return errors;
}

// Of each step the least error of the windows it is in.
std::vector<double> step_scores(const std::vector<double>& windows, std::size_t steps) {
  std::vector<double> scores;
  for (std::size_t t = 0; t < steps; ++t) {
    const std::size_t first = t + 1 > kWindow ? t + 1 - kWindow : 0;
    const std::size_t last = std::min(t + 1, windows.size());
    scores.push_back(*std::min_element(windows.begin() + static_cast<std::ptrdiff_t>(first),
                                       windows.begin() + static_cast<std::ptrdiff_t>(last)));
  }
  return scores;
}

struct Scored {
  std::vector<double> steps;
  double limit = 0;
};

// As SKAB's own: until the last tenth of the windows, which are not learnt from, has not been
// reconstructed better for five epochs.
ae::Autoencoder stopped_early(const ae::Spec& spec, const nn::Rows& windows, std::uint64_t seed) {
  const std::int64_t border = windows.count() * 9 / 10;
  const nn::Rows held_out = windows.range(border, windows.count()).tensor();
  ae::Autoencoder model = ae::make_autoencoder(spec, seed);
  const auto judge = [&](const nn::EpochReport&) {
    return ae::reconstruction_metrics(model, held_out).front().value;
  };
  nn::check_trained(ae::train(
      model, {windows.range(0, border).tensor()},
      {.epochs = 100, .batch = 32, .seed = seed, .threads = 1, .keep_best = true, .patience = 5},
      {.judge = judge}));
  return model;
}

Scored autoencoder_scores(const Recording& recording, const ae::Spec& preset, std::uint64_t seed) {
  const nn::DataSet learnt_from = windows_of(recording.learnt());
  const ae::Spec spec = ae::fit_to(preset, ae::form_of(learnt_from));
  const ae::Autoencoder model = stopped_early(spec, learnt_from.rows(), seed);
  return {step_scores(window_errors(model, windows_of(recording.steps)), recording.anomaly.size()),
          limit_of(window_errors(model, learnt_from))};
}

// Two strided convolutions along the time, as SKAB's own has them.
ae::Spec convolutional() {
  const ae::ConvLayer layer{.channels = 32, .kernel = 7, .stride = 2, .padding = 3};
  ae::ConvLayer narrow = layer;
  narrow.channels = 16;
  ae::Spec spec{.encoder = {784}};
  spec.conv = {layer, narrow};
  return spec;
}

std::vector<std::pair<const char*, ae::Spec>> presets() {
  const ae::Spec dense{.encoder = {784, 128, 16}};
  ae::Spec denoising = dense, variational = dense;
  denoising.corruption = {{ae::Noise::kGaussian, 0.3}};
  variational.rule = ae::Gaussian{};
  return {{"1-d convolutions", convolutional()},
          {"dense", dense},
          {"denoising", denoising},
          {"VAE", variational}};
}

// The alarms of all recordings, judged after the steps learnt from, and, as SKAB counts, over all.
struct Judged {
  Alarms after, all;

  void add(const Recording& recording, const std::vector<bool>& alarm) {
    after.add(recording, alarm, kLearnt);
    all.add(recording, alarm, 0);
  }
};

void report(Json& method, const Judged& judged) {
  const auto add = [&](Json& into, const Alarms& a) {
    into["f1"].push_back(2 * a.hits / (2 * a.hits + a.false_alarms + a.misses));
    into["false_alarms"].push_back(a.false_alarms / (a.false_alarms + a.silent));
    into["misses"].push_back(a.misses / (a.misses + a.hits));
  };
  add(method, judged.after);
  add(method["all_steps"], judged.all);
}

// What is drawn: a recording, and what the convolutions say of it.
Json drawn(const Recording& recording, const Scored& scored) {
  Json picture = {{"limit", scored.limit}, {"scores", Json::array()}, {"anomaly", Json::array()}};
  for (std::size_t t = kLearnt; t < scored.steps.size(); ++t) {
    picture["scores"].push_back(std::round(1e4 * scored.steps[t]) / 1e4);
    picture["anomaly"].push_back(recording.anomaly[t] ? 1 : 0);
  }
  return picture;
}

}  // namespace

Json telemetry(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kSeeds;
  const std::vector<Recording> recordings = read_recordings(setting);
  Json found = {{"recordings", recordings.size()}, {"seeds", seeds}};
  Judged pca, kernel;
  for (const Recording& each : recordings) {
    pca.add(each, pca_alarms(each));
    kernel.add(each, kernel_alarms(each));
  }
  report(found["methods"]["PCA, T2 and Q"], pca);
  report(found["methods"]["kernel PCA"], kernel);
  for (const auto& [name, preset] : presets()) {
    for (int seed = 1; seed <= seeds; ++seed) {
      Judged alarms;
      for (const Recording& each : recordings) {
        const Scored scored = autoencoder_scores(each, preset, static_cast<std::uint64_t>(seed));
        alarms.add(each, above(scored.steps, scored.limit));
        if (!found.contains("drawn")) found["drawn"] = drawn(each, scored);
      }
      report(found["methods"][name], alarms);
    }
  }
  return found;
}

}  // namespace hourglass::bench
