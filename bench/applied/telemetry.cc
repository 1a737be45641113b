// Anomalies in the telemetry of a pump: each recording's first 400 steps are learnt from, the rest is
// judged, and the alarms of all recordings are counted together. SKAB's own rules, of its notebooks, are
// windows of 60 steps, a limit of 4/3 of the 0.999 quantile of the errors of the windows learnt from, and
// an alarm at a step all of whose windows are above it; of the statistics of principal components, a
// running median of 5 steps. Whether another rule serves better is chosen by a recording without
// anomalies, to which faults are added.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

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
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kLearntSteps = 400, kWindow = 60;
constexpr int kTelemetrySeeds = 3, kMedian = 5, kFaults = 4;
constexpr double kQuantile = 0.999, kPcaShare = 0.85;
constexpr double kMargins[] = {4.0 / 3, 1.5, 1.7, 2};

struct Recording {
  Tensor steps;  // f64 [T, C], in deviations of the first 400
  std::vector<bool> anomaly;
  Tensor learnt() const { return steps.rows(0, kLearntSteps); }
};

struct Alarms {
  double hits = 0, false_alarms = 0, misses = 0, silent = 0;

  double f1() const { return 2 * hits / (2 * hits + false_alarms + misses); }
  void add(const Recording& recording, const std::vector<bool>& alarm, std::size_t from) {
    for (std::size_t i = from; i < alarm.size(); ++i) {
      double& count =
          recording.anomaly[i] ? (alarm[i] ? hits : misses) : (alarm[i] ? false_alarms : silent);
      count += 1;
    }
  }
};

// Of the learnt steps.
Tensor in_deviations(const nn::Rows& steps) {
  return ae::Standardised(steps.range(0, kLearntSteps))(steps).tensor().cast(DType::kF64);
}

Recording read_recording(const std::string& path) {
  const nn::RawData raw =
      nn::read_data(path, {.drop = {"datetime", "changepoint"}, .label = "anomaly"});
  return {in_deviations(raw.all.rows()), ae::labelled_anomalies(raw.all)};
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

// A recording without anomalies, whose steps after the learnt ones have been given a fault several times
// over: the same learnt steps, another fault.
using Faulty = std::vector<Recording>;

// For 50 to 250 steps one to four sensors are off by one to four deviations.
Recording with_fault(const Tensor& steps, std::uint64_t draw) {
  const Tensor u = uniform(key_of(1), "telemetry: fault", draw, {11}, 0, 1, DType::kF64);
  const std::int64_t count = steps.shape()[0], channels = steps.shape()[1];
  const auto drawn = [&](std::int64_t i, std::int64_t n) {
    return static_cast<std::int64_t>(u.at(i) * static_cast<double>(n));
  };
  const std::int64_t length = 50 + drawn(0, 201);
  const std::int64_t first = kLearntSteps + drawn(1, count - kLearntSteps - length + 1);
  Recording faulty{steps.clone(), std::vector<bool>(static_cast<std::size_t>(count))};
  for (std::int64_t k = 0; k <= drawn(2, 4); ++k) {
    const std::int64_t sensor = drawn(3 + k, channels);
    const double size = 2 * u.at(7 + k) - 1, by = 3 * size + (size < 0 ? -1 : 1);
    for (std::int64_t t = first; t < first + length; ++t) {
      faulty.steps.data<double>()[t * channels + sensor] += by;
      faulty.anomaly[static_cast<std::size_t>(t)] = true;
    }
  }
  return faulty;
}

// SKAB's recording without anomalies in pieces of twice the learnt steps, half over one another.
std::vector<Faulty> read_faulty(const RowSetting& setting) {
  const nn::RawData raw = nn::read_data(data_path(setting, "skab/anomaly-free/anomaly-free.csv"),
                                        {.drop = {"datetime"}});
  std::vector<Faulty> all;
  for (std::int64_t from = 0; from + 2 * kLearntSteps <= raw.all.count(); from += kLearntSteps) {
    const nn::Rows x = raw.all.rows().range(from, from + 2 * kLearntSteps);
    const Tensor steps = in_deviations(x);
    Faulty piece;
    for (int i = 0; i < kFaults; ++i) {
      piece.push_back(with_fault(steps, all.size() * kFaults + static_cast<std::size_t>(i)));
    }
    all.push_back(piece);
  }
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
  const PcaMonitor monitor = PcaMonitor::explaining(recording.learnt(), kPcaShare);
  const MonitorStatistics found = monitor(recording.steps);
  std::vector<bool> alarm = above(running_median(found.t2), monitor.t2_limit(kQuantile));
  const std::vector<bool> q = above(running_median(found.q), monitor.q_limit(kQuantile));
  for (std::size_t i = 0; i < q.size(); ++i) alarm[i] = alarm[i] || q[i];
  return alarm;
}

// From the errors of windows to alarms.
struct Rule {
  bool squared = false;  // errors are mean squares, not mean absolute differences
  bool mean = false;     // a step's error is the mean of its windows', not the least
  double margin = kMargins[0];
};
const Rule kSkabs;

struct ScoredSteps {
  std::vector<double> steps;
  double limit = 0;
  std::vector<bool> alarms() const { return above(steps, limit); }
};

ScoredSteps kernel_scores(const Recording& recording, const KernelPca& pca, double margin) {
  return {running_median(pca(recording.steps)),
          margin * ae::quantile(pca(recording.learnt()), kQuantile)};
}

nn::DataSet windows_of(const Tensor& steps) {
  const nn::DataSet series{.kind = nn::DataKind::kSeries, .examples = steps};
  return nn::windows({.all = series, .recordings = {steps.shape()[0]}}, kWindow, 1);
}

// Errors of each window.
struct WindowErrors {
  std::vector<double> absolute, squared;  // means

  const std::vector<double>& by(const Rule& rule) const {
    return rule.squared ? squared : absolute;
  }
};
WindowErrors window_errors(const ae::Autoencoder& model, const nn::DataSet& windows) {
  const Tensor x = windows.rows(), y = ae::reconstructions(model, {x});
  const auto count = static_cast<std::size_t>(windows.count());
  const auto width = static_cast<double>(windows.width());
  WindowErrors errors{std::vector<double>(count), std::vector<double>(count)};
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const double difference = x.at(i) - y.at(i);
    const auto window = static_cast<std::size_t>(i / windows.width());
    errors.absolute[window] += std::abs(difference) / width;
    errors.squared[window] += difference * difference / width;
  }
  return errors;
}

// Of each step what the rule makes of the errors of the windows it is in.
std::vector<double> step_scores(const std::vector<double>& windows, std::size_t steps, bool mean) {
  std::vector<double> scores;
  for (std::size_t t = 0; t < steps; ++t) {
    const auto first = static_cast<std::ptrdiff_t>(t + 1 > kWindow ? t + 1 - kWindow : 0);
    const auto last = static_cast<std::ptrdiff_t>(std::min(t + 1, windows.size()));
    const auto begin = windows.begin() + first, end = windows.begin() + last;
    scores.push_back(mean ? std::accumulate(begin, end, 0.0) / static_cast<double>(last - first)
                          : *std::min_element(begin, end));
  }
  return scores;
}

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

// What was learnt of a recording.
struct Learnt {
  ae::Autoencoder model;
  WindowErrors errors;
};
Learnt learnt_from(const Recording& recording, const ae::Spec& preset, std::uint64_t seed) {
  const nn::DataSet windows = windows_of(recording.learnt());
  const ae::Spec spec = ae::fit_to(preset, ae::form_of(windows));
  const ae::Autoencoder model = stopped_early(spec, windows.rows(), seed);
  return {model, window_errors(model, windows)};
}

// The margin is there because the errors of the limit are those of the very windows that were learnt from.
ScoredSteps scored(const Learnt& learnt, const WindowErrors& errors, std::size_t steps,
                   const Rule& rule) {
  const double margin = rule.squared ? rule.margin * rule.margin : rule.margin;
  return {step_scores(errors.by(rule), steps, rule.mean),
          margin * ae::quantile(learnt.errors.by(rule), kQuantile)};
}

// Two strided convolutions along the time, as SKAB's own has them.
ae::Spec convolutional_series() {
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
  return {{"1-d convolutions", convolutional_series()},
          {"dense", dense},
          {"denoising", denoising},
          {"VAE", variational}};
}

// The alarms of all recordings, judged after the steps learnt from, and, as SKAB counts, over all.
struct Judged {
  Alarms after, all;

  void add(const Recording& recording, const std::vector<bool>& alarm) {
    after.add(recording, alarm, kLearntSteps);
    all.add(recording, alarm, 0);
  }
};

void report(Json& method, const Judged& judged) {
  const auto add = [&](Json& into, const Alarms& a) {
    into["f1"].push_back(a.f1());
    into["false_alarms"].push_back(a.false_alarms / (a.false_alarms + a.silent));
    into["misses"].push_back(a.misses / (a.misses + a.hits));
  };
  add(method, judged.after);
  add(method["all_steps"], judged.all);
}

// What is drawn: a recording, and what the convolutions say of it.
Json drawn(const Recording& recording, const ScoredSteps& scored) {
  Json picture = {{"limit", scored.limit}, {"scores", Json::array()}, {"anomaly", Json::array()}};
  for (std::size_t t = kLearntSteps; t < scored.steps.size(); ++t) {
    picture["scores"].push_back(std::round(1e4 * scored.steps[t]) / 1e4);
    picture["anomaly"].push_back(recording.anomaly[t] ? 1 : 0);
  }
  return picture;
}

// Which has the highest F1, the first of several.
std::size_t best_of(const std::vector<Alarms>& alarms) {
  return static_cast<std::size_t>(
      std::max_element(alarms.begin(), alarms.end(),
                       [](const Alarms& a, const Alarms& b) { return a.f1() < b.f1(); }) -
      alarms.begin());
}

Rule best_rule(const std::vector<Faulty>& faulty, const ae::Spec& preset) {
  std::vector<Rule> rules;
  for (const bool squared : {false, true}) {
    for (const bool mean : {false, true}) {
      for (const double margin : kMargins) rules.push_back({squared, mean, margin});
    }
  }
  std::vector<Alarms> alarms(rules.size());
  for (const Faulty& piece : faulty) {
    const Learnt learnt = learnt_from(piece.front(), preset, 1);
    for (const Recording& each : piece) {
      const WindowErrors errors = window_errors(learnt.model, windows_of(each.steps));
      for (std::size_t i = 0; i < rules.size(); ++i) {
        const ScoredSteps found = scored(learnt, errors, each.anomaly.size(), rules[i]);
        alarms[i].add(each, found.alarms(), kLearntSteps);
      }
    }
  }
  return rules[best_of(alarms)];
}

void judge_kernel_pca(const std::vector<Recording>& recordings, const std::vector<Faulty>& faulty,
                      Json& method) {
  std::vector<Alarms> by_margin(std::size(kMargins));
  for (const Faulty& piece : faulty) {
    const KernelPca pca(piece.front().learnt(), kPcaShare);
    for (const Recording& each : piece) {
      for (std::size_t i = 0; i < by_margin.size(); ++i) {
        by_margin[i].add(each, kernel_scores(each, pca, kMargins[i]).alarms(), kLearntSteps);
      }
    }
  }
  const double margin = kMargins[best_of(by_margin)];
  method["rule"] = {{"margin", margin}};
  Judged alarms, by_skabs;
  for (const Recording& each : recordings) {
    const KernelPca pca(each.learnt(), kPcaShare);
    alarms.add(each, kernel_scores(each, pca, margin).alarms());
    by_skabs.add(each, kernel_scores(each, pca, kSkabs.margin).alarms());
  }
  report(method, alarms);
  report(method["skabs_rule"], by_skabs);
}

}  // namespace

Json telemetry(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kTelemetrySeeds;
  const std::vector<Recording> recordings = read_recordings(setting);
  const std::vector<Faulty> faulty = read_faulty(setting);
  Json found = {{"recordings", recordings.size()},
                {"pieces", faulty.size()},
                {"faults", kFaults},
                {"seeds", seeds}};
  Judged pca;
  for (const Recording& each : recordings) pca.add(each, pca_alarms(each));
  report(found["methods"]["PCA, T2 and Q"], pca);
  judge_kernel_pca(recordings, faulty, found["methods"]["kernel PCA"]);
  for (const auto& [name, preset] : presets()) {
    Json& method = found["methods"][name];
    const Rule rule = best_rule(faulty, preset);
    method["rule"] = {{"squared", rule.squared}, {"mean", rule.mean}, {"margin", rule.margin}};
    for (int seed = 1; seed <= seeds; ++seed) {
      Judged alarms, by_skabs;
      for (const Recording& each : recordings) {
        const Learnt learnt = learnt_from(each, preset, static_cast<std::uint64_t>(seed));
        const WindowErrors errors = window_errors(learnt.model, windows_of(each.steps));
        const ScoredSteps by_rule = scored(learnt, errors, each.anomaly.size(), rule);
        alarms.add(each, by_rule.alarms());
        by_skabs.add(each, scored(learnt, errors, each.anomaly.size(), kSkabs).alarms());
        if (!found.contains("drawn")) found["drawn"] = drawn(each, by_rule);
      }
      report(method, alarms);
      report(method["skabs_rule"], by_skabs);
    }
  }
  return found;
}

}  // namespace hourglass::bench
