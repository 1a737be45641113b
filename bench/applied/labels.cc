// Text of which few documents have labels: all of the training part is read, a share of it has groups.
// A linear classifier of codes, and codes and classifier learnt together, beside linear classifiers of
// TF-IDF and of latent semantic analysis. What every method chooses, when to stop, it chooses by the same
// validation documents.
#include <algorithm>

#include "ae/measure/classifier.h"
#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/ops/ops.h"
#include "bench/applied/text.h"
#include "bench/baselines/projections.h"
#include "nn/layers/losses.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kLabelCode = 128;

// So many per cent of each group's documents, drawn from the seed; at least one.
std::vector<std::int32_t> labelled(const Documents& documents, int percent, std::uint64_t seed) {
  std::vector<std::vector<std::int32_t>> groups(kGroups);
  for (const std::int32_t i : permutation(key_of(seed), "labels: drawn", 0, documents.count())) {
    groups[static_cast<std::size_t>(documents.labels.at(i))].push_back(i);
  }
  std::vector<std::int32_t> chosen;
  for (const std::vector<std::int32_t>& group : groups) {
    const std::size_t count = std::max<std::size_t>(1, group.size() * percent / 100);
    chosen.insert(chosen.end(), group.begin(), group.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return chosen;
}

// Features of the three parts, each of length 1.
struct Features {
  Tensor fitting, validation, test;
};
Features features_of(const News& news, const std::function<Tensor(const Documents&)>& f) {
  return {unit_rows(f(news.fitting)), unit_rows(f(news.validation)), unit_rows(f(news.test))};
}

// The documents over and over, in turn, so that there are at least so many: an epoch of few is long
// enough to be worth judging.
std::vector<std::int32_t> repeated(const std::vector<std::int32_t>& ids, std::size_t count) {
  std::vector<std::int32_t> all;
  for (std::size_t i = 0; i < std::max(count, ids.size()); ++i) all.push_back(ids[i % ids.size()]);
  return all;
}

double error_of(const std::function<Var(const Var&)>& logits, const Tensor& rows,
                const Tensor& labels) {
  return ae::classification_error(logits, rows, labels);
}

// A softmax regression with the squares of its weights weighed by 1 / (2 C n), n how many documents it
// learns from, at the epoch that is best for the validation documents: its error on these and the test's.
struct Errors {
  double validation = 1, test = 1;
};
Errors regression(const Features& features, const News& news, const std::vector<std::int32_t>& ids,
                  double c, std::uint64_t seed) {
  const std::vector<std::int32_t> taught = repeated(ids, 2048);
  nn::Linear top{parameter(Tensor(Shape{kGroups, features.fitting.shape()[1]}, DType::kF32)),
                 parameter(Tensor(Shape{kGroups}, DType::kF32))};
  const nn::TrainCallbacks judging{.judge = [&](const nn::EpochReport&) {
    return error_of(top, features.validation, news.validation.labels);
  }};
  const auto objective = [&, errors = ae::classification_objective(top)](const nn::Batch& batch,
                                                                         Step& step) {
    nn::Objective whole = errors(batch, step);
    const double weight = 1 / (2 * c * static_cast<double>(ids.size()));
    whole.terms.push_back({"squares", sum(square(top.weight)) * weight});
    return nn::make_objective(whole.terms);
  };
  const nn::TrainOptions options{.epochs = 40,
                                 .batch = 128,
                                 .learning_rate = 0.03,
                                 .schedule = {nn::Schedule::kCosine},
                                 .seed = seed,
                                 .keep_best = true};
  const Tensor rows = nn::Rows(features.fitting).select(taught);
  const nn::TrainResult trained =
      nn::train(objective, {top.weight, top.bias}, {rows, news.fitting.select(taught).labels},
                options, judging);
  nn::check_trained(trained);
  return {trained.best, error_of(top, features.test, news.test.labels)};
}

// The share of the test documents that the regression puts in their group, C chosen by the validation
// documents, too.
double by_regression(const Features& features, const News& news,
                     const std::vector<std::int32_t>& ids, std::uint64_t seed) {
  Errors best;
  for (const double c : {0.3, 3.0, 30.0}) {
    const Errors found = regression(features, news, ids, c, seed);
    if (found.validation < best.validation) best = found;
  }
  return 1 - best.test;
}

// Reconstruction of any documents and classes of the labelled ones, which are masked like the others:
// each step takes as many of both.
double jointly(const ae::Autoencoder& start, const News& news, const std::vector<std::int32_t>& ids,
               std::uint64_t seed) {
  ae::Autoencoder model = ae::make_autoencoder(start.spec, seed);
  std::vector<Var> from = ae::Autoencoder(start).parameters(), to = model.parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].assign(from[i].tensor().clone());
  nn::InitSource source{seed};
  const nn::Linear top = nn::make_linear(kLabelCode, kGroups, nn::Init::kTorch, source);
  const auto logits = [&](const Var& x) { return 4 * top(model.encode(model.scaled(x)).code); };
  const auto objective = [&](const nn::Batch& batch, Step& step) {
    nn::Objective whole = ae::objective(model, batch[0], step);
    const LabelScope scope("taught");
    const Var masked = ae::corrupt(batch[1], model.spec.corruption, step);
    whole.terms.push_back(
        {"cross_entropy",
         nn::softmax_cross_entropy(logits(masked), batch[2], nn::Reduce::kMeanOverElements)});
    return nn::make_objective(whole.terms);
  };
  const Documents taught =
      news.fitting.select(repeated(ids, static_cast<std::size_t>(news.fitting.count())));
  std::vector<Var> parameters = model.trained_parameters();
  parameters.insert(parameters.end(), {top.weight, top.bias});
  nn::TrainOptions options = word_training(seed, 10);
  options.keep_best = true;
  const nn::TrainCallbacks judging{.judge = [&](const nn::EpochReport&) {
    return error_of(logits, news.validation.tf_idf, news.validation.labels);
  }};
  nn::check_trained(nn::train(objective, parameters,
                              {news.fitting.tf_idf, taught.tf_idf, taught.labels}, options,
                              judging));
  return 1 - error_of(logits, news.test.tf_idf, news.test.labels);
}

}  // namespace

Json labels(const RowSetting& setting) {
  const News news = read_news(setting);
  const int seeds = setting.seeds > 0 ? setting.seeds : 3;
  Json found = {{"documents", news.fitting.count()},
                {"validation", news.validation.count()},
                {"test", news.test.count()},
                {"seeds", seeds}};
  const Tensor axes = latent_semantic_axes(news.train.tf_idf, kLabelCode);
  const Features words = features_of(news, [](const Documents& d) { return d.tf_idf; });
  const Features latent =
      features_of(news, [&](const Documents& d) { return projected(d.tf_idf, axes); });
  for (int s = 1; s <= seeds; ++s) {
    const auto seed = static_cast<std::uint64_t>(s);
    const ae::Autoencoder model =
        learnt(word_spec(news.train, kLabelCode), {news.train.tf_idf}, word_training(seed, 15));
    const Features codes =
        features_of(news, [&](const Documents& d) { return codes_of(model, d); });
    for (const int percent : {1, 5, 10, 100}) {
      const std::vector<std::int32_t> ids = labelled(news.fitting, percent, seed);
      Json& at = found["accuracy"][std::to_string(percent)];
      at["labels"] = ids.size();
      at["TF-IDF + LR"].push_back(by_regression(words, news, ids, seed));
      at["LSA + LR"].push_back(by_regression(latent, news, ids, seed));
      at["codes + LR"].push_back(by_regression(codes, news, ids, seed));
      at["joint"].push_back(jointly(model, news, ids, seed));
    }
  }
  return found;
}

}  // namespace hourglass::bench
