// A convolutional_digits encoder that has learnt from all training digits without labels, fine-tuned as a
// classifier of few labelled ones, beside the same network from fresh weights. Both are trained alike;
// nothing is chosen.
#include <algorithm>

#include "ae/measure/classifier.h"
#include "ae/model/train.h"
#include "bench/applied/rows.h"
#include "nn/data/read_data.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr int kTransferSeeds = 5;

ae::Spec convolutional_digits() {
  ae::Spec spec{.encoder = {784, 64}, .input = {1, 28, 28}};
  spec.conv = {{.channels = 16, .stride = 2}, {.channels = 32, .stride = 2}};
  spec.code = nn::Activation::kRelu;
  spec.loss = ae::Loss::kBce;
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  return spec;
}

// As many of each class, drawn from the seed.
nn::DataSet few_of_each(const nn::DataSet& data, std::int64_t count, std::uint64_t seed) {
  std::vector<std::int64_t> left(10, count / 10);
  std::vector<std::int32_t> chosen;
  for (const std::int32_t i : permutation(key_of(seed), "transfer: labels", 0, data.count())) {
    std::int64_t& of_class = left[static_cast<std::size_t>(data.labels.at(i))];
    if (of_class-- > 0) chosen.push_back(i);
  }
  return data.select(chosen);
}

// The share of test digits taken for another class after about 600 steps, or 4 epochs.
double fine_tuned(const ae::Autoencoder& start, const nn::DataSet& few, const nn::DataSet& test,
                  std::uint64_t seed) {
  ae::Autoencoder model = ae::make_autoencoder(start.spec, seed);
  const std::vector<Var> from = ae::Autoencoder(start).parameters({ae::Part::kEncoder});
  std::vector<Var> parameters = model.parameters({ae::Part::kEncoder});
  for (std::size_t i = 0; i < from.size(); ++i) parameters[i].assign(from[i].tensor().clone());
  // From zeros, so that features of any size are begun with alike.
  const nn::Linear top{parameter(Tensor(Shape{10, 64}, DType::kF32)),
                       parameter(Tensor(Shape{10}, DType::kF32))};
  parameters.insert(parameters.end(), {top.weight, top.bias});
  const auto logits = [&](const Var& x) { return top(model.encode(model.scaled(x)).code); };
  const std::int64_t an_epoch = (few.count() + 49) / 50;
  const auto epochs = static_cast<int>(std::max<std::int64_t>(4, 600 / an_epoch));
  nn::check_trained(nn::train(
      ae::classification_objective(logits), parameters, {few.rows(), few.labels},
      {.epochs = epochs, .batch = 50, .schedule = {nn::Schedule::kCosine}, .seed = seed}));
  return ae::classification_error(logits, test.rows(), test.labels);
}

}  // namespace

Json transfer(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kTransferSeeds;
  const nn::RawData digits = nn::read_data(data_path(setting, "mnist"));
  Json found = {{"images", digits.all.count()}, {"test", digits.test->count()}, {"seeds", seeds}};
  for (int s = 1; s <= seeds; ++s) {
    const auto seed = static_cast<std::uint64_t>(s);
    const ae::Autoencoder fresh = ae::make_autoencoder(convolutional_digits(), seed);
    const ae::Autoencoder model =
        learnt(convolutional_digits(), {digits.all.rows()},
               {.epochs = 2, .batch = 100, .schedule = {nn::Schedule::kCosine}, .seed = seed});
    for (const std::int64_t count : {100, 500, 1000, 10000}) {
      const nn::DataSet few = few_of_each(digits.all, count, seed);
      Json& at = found["error"][std::to_string(count)];
      at["transferred"].push_back(fine_tuned(model, few, *digits.test, seed));
      at["scratch"].push_back(fine_tuned(fresh, few, *digits.test, seed));
    }
  }
  return found;
}

}  // namespace hourglass::bench
