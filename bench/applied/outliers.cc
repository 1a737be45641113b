// Outliers in tables: the default autoencoder of a table beside principal components, kernel principal
// components and an isolation forest. All learn from the training rows, outliers among them, without
// labels; no number below was chosen by a label.
#include <algorithm>
#include <array>

#include "ae/measure/anomaly.h"
#include "ae/measure/features.h"
#include "ae/measure/ranking.h"
#include "ae/model/fit_to.h"
#include "bench/applied/rows.h"
#include "bench/baselines/isolation_forest.h"
#include "bench/baselines/kernel_pca.h"
#include "bench/baselines/pca_monitor.h"
#include "nn/data/read_data.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr int kSplits = 10;
constexpr int kMembers = 5;                // of an ensemble
constexpr std::int64_t kKernelRows = 500;  // that kernel PCA learns from
constexpr double kShare = 0.9;             // of the variance, for both PCAs

struct Split {
  Tensor train, test;  // f64, z-scores of the training rows
  std::vector<bool> outlier;
};

// 60 % of the rows to learn from, drawn from the seed.
Split split_rows(const nn::DataSet& data, std::uint64_t seed) {
  std::vector<std::int32_t> order = permutation(key_of(seed), "outliers: split", 0, data.count());
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(order.size() * 6 / 10);
  const nn::DataSet train = data.select({order.begin(), border});
  const nn::DataSet test = data.select({border, order.end()});
  const ae::Standardised z(train.rows());
  return {z(train.rows()).tensor().cast(DType::kF64), z(test.rows()).tensor().cast(DType::kF64),
          ae::labelled_anomalies(test)};
}

// Of each member the errors of the test rows; the first is the autoencoder alone.
std::vector<std::vector<double>> autoencoders(const Split& split, std::uint64_t seed) {
  const nn::DataSet data{.kind = nn::DataKind::kRow, .examples = split.train};
  const ae::Spec spec = ae::fit_to({.encoder = {784, 32}}, ae::form_of(data));
  nn::TrainOptions options = ae::fit_training({.schedule = {nn::Schedule::kCosine}},
                                              nn::DataKind::kRow, split.train.shape()[0]);
  options.threads = 1;
  std::vector<std::vector<double>> scores;
  for (int member = 0; member < kMembers; ++member) {
    options.seed = seed * 100 + static_cast<std::uint64_t>(member);
    scores.push_back(ae::anomaly_scores(learnt(spec, {split.train}, options), {split.test}));
  }
  return scores;
}

std::vector<double> mean_of(const std::vector<std::vector<double>>& all) {
  std::vector<double> mean(all.front().size());
  for (const std::vector<double>& each : all) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += each[i];
  }
  return mean;
}

std::vector<double> kernel_scores(const Split& split) {
  const std::int64_t rows = std::min(kKernelRows, split.train.shape()[0]);  // in random order
  return KernelPca(split.train.rows(0, rows), kShare)(split.test);
}

Json measure(const nn::DataSet& data, int splits) {
  Json found = {{"rows", data.count()}, {"columns", data.width()}};
  const auto add = [&](const char* method, const std::vector<double>& scores, const Split& split) {
    found["roc_auc"][method].push_back(ae::roc_auc(scores, split.outlier));
  };
  for (int s = 1; s <= splits; ++s) {
    const auto seed = static_cast<std::uint64_t>(s);
    const Split split = split_rows(data, seed);
    add("PCA, T2", PcaMonitor(split.train, data.width())(split.test).t2, split);
    add("PCA, Q", PcaMonitor::explaining(split.train, kShare)(split.test).q, split);
    add("kernel PCA", kernel_scores(split), split);
    add("isolation forest", IsolationForest(split.train, {.seed = seed})(split.test), split);
    const std::vector<std::vector<double>> members = autoencoders(split, seed);
    add("AE", members.front(), split);
    add("ensemble", mean_of(members), split);
  }
  return found;
}

}  // namespace

Json outliers(const RowSetting& setting) {
  const int splits = setting.seeds > 0 ? setting.seeds : kSplits;
  Json found = {{"splits", splits}};
  for (const char* name :
       {"cardio", "mnist", "musk", "optdigits", "pendigits", "satellite", "shuttle", "vowels"}) {
    const std::string path = data_path(setting, std::string("odds/") + name + ".csv.gz");
    const nn::RawData raw = nn::read_data(path, {.header = HeaderRow::kNo, .label = "last"});
    found["sets"][name] = measure(raw.all, splits);
  }
  return found;
}

}  // namespace hourglass::bench
