// Every pair of parts (layers or convolutions, code rule, corruption, penalty, tied, loss) in one
// model or another, each gradchecked in f64 after some training; a pair that makes no sense is
// refused in one line.

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <set>

#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::ae;

namespace {

constexpr std::array<int, 7> kChoices = {5, 4, 5, 7, 2, 5, 2};
using Choice = std::array<int, 7>;

// Dense: shallow or deep; convolutional: with strides, with pooling ahead of a dense code, or
// undone by repeated pixels.
void lay_out(int choice, Spec& spec) {
  spec.input = {1, 2, 4};
  spec.encoder = choice == 1 ? std::vector<std::int64_t>{8, 5, 4} : std::vector<std::int64_t>{8, 4};
  if (choice < 2) return;
  if (choice == 2) spec.encoder = {8};  // 2 channels of 1 by 2: a code of 4, too
  spec.conv = {{.channels = 2, .stride = 2}};
  if (choice == 3) spec.conv = {{.channels = 2, .pool = 2}};
  if (choice == 4) spec.upsampling = Upsampling::kNearest;
}

Spec spec_of(const Choice& c) {
  Spec spec;
  lay_out(c[0], spec);
  spec.hidden = nn::Activation::kTanh;
  const std::array<CodeRule, 4> rules = {CodeRule{}, ae::TopK{.active = 2},
                                         Gaussian{.beta = 2, .free_bits = 0.01, .samples = 2},
                                         Quantised{.entries = 3, .entry_width = 2}};
  spec.rule = rules[static_cast<std::size_t>(c[1])];
  if (!spec.gaussian()) spec.code = nn::Activation::kSigmoid;
  const std::array<const char*, 5> corruptions = {"", "gaussian:0.3", "masking:0.25",
                                                  "salt-and-pepper:0.2", "cauchy:0.1"};
  if (c[2] > 0) {
    spec.corruption = {Corruption::from_text(corruptions[static_cast<std::size_t>(c[2])])};
  }
  const std::array<const char*, 7> penalties = {
      "", "l1:0.1", "kl:0.2,0.5", "contractive:0.3", "hutchinson:0.3", "caeh:0.5,0.3", "mmd:2"};
  if (c[3] > 0) spec.penalties = {Penalty::from_text(penalties[static_cast<std::size_t>(c[3])])};
  spec.tied = c[4] == 1;
  spec.loss = std::array{Loss::kMse, Loss::kBce, Loss::kCorrentropy, Loss::kGaussian,
                         Loss::kLearntGaussian}[static_cast<std::size_t>(c[5])];
  spec.loss_scale = 0.5;
  if (c[6] == 1) spec.discriminator = {3};
  return spec;
}

std::optional<std::string> refusal(const Spec& spec) {
  try {
    check(spec);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

using Pair = std::array<int, 4>;  // factor, choice, factor, choice

std::vector<Pair> pairs_of(const Choice& c) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 7; ++i) {
    for (int j = i + 1; j < 7; ++j) {
      pairs.push_back({i, c[static_cast<std::size_t>(i)], j, c[static_cast<std::size_t>(j)]});
    }
  }
  return pairs;
}

std::vector<Choice> all_choices() {
  std::vector<Choice> all(1, Choice{});
  for (std::size_t f = 0; f < kChoices.size(); ++f) {
    std::vector<Choice> longer;
    for (Choice c : all) {
      for (c[f] = 0; c[f] < kChoices[f]; ++c[f]) longer.push_back(c);
    }
    all = std::move(longer);
  }
  return all;
}

// Few models that hold every pair: each time the one with the most pairs that are still missing.
std::vector<Choice> covering(const std::vector<Choice>& candidates) {
  std::set<Pair> missing;
  for (const Choice& c : candidates) {
    for (const Pair& p : pairs_of(c)) missing.insert(p);
  }
  std::vector<Choice> chosen;
  while (!missing.empty()) {
    std::size_t most = 0;
    Choice best{};
    for (const Choice& c : candidates) {
      std::size_t gain = 0;
      for (const Pair& p : pairs_of(c)) gain += missing.count(p);
      if (gain > most) best = c, most = gain;
    }
    chosen.push_back(best);
    for (const Pair& p : pairs_of(best)) missing.erase(p);
  }
  return chosen;
}

}  // namespace

TEST_CASE("every pair of parts trains, and has the right gradient at the trained weights") {
  std::vector<Choice> valid;
  int refused = 0;
  for (const Choice& c : all_choices()) {
    const std::optional<std::string> reason = refusal(spec_of(c));
    if (!reason) {
      valid.push_back(c);
      continue;
    }
    ++refused;
    CHECK(reason->starts_with("spec: "));
    CHECK(reason->find('\n') == std::string::npos);
  }
  CHECK(refused > 0);
  const std::vector<Choice> models = covering(valid);
  CHECK(models.size() < 60);
  const Tensor data = uniform(key_of(8), "images", 0, {40, 8}, 0, 1, DType::kF32);
  for (const Choice& c : models) {
    const Spec spec = spec_of(c);
    CAPTURE(to_json(spec));
    CHECK(spec_from_json(to_json(spec)) == spec);
    Autoencoder model = make_autoencoder(spec, 3);
    const nn::TrainResult result =
        train(model, {data}, {.epochs = 3, .batch = 20, .learning_rate = 1e-2});
    CHECK(result.outcome == nn::Outcome::kDone);
    Step step = make_step(1);
    const nn::Objective o = objective(model, constant(data.rows(0, 4)), step);
    const CheckReport report =
        gradcheck(o.loss, model.parameters(), {},
                  {.tolerance = 1e-6, .max_elements = 8, .directions = 6, .samples = 1});
    INFO(to_string(report));
    CHECK(report.passed);
  }
}
