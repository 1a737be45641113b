// A variational autoencoder of word counts: `words [FILE]`, SVMlight, Matrix Market or texts; without
// a file, documents of three topics. Perplexity: between how many words it is as good as a guess.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

// 600 documents of 40 words out of 30, three in four of their topic's ten.
nn::RawData documents() {
  const Tensor draws = uniform(key_of(1), "words", 0, {600, 80});
  Tensor counts(Shape{600, 30}, DType::kI32);
  for (std::int64_t i = 0; i < 600 * 40; ++i) {
    const std::int64_t document = i / 40;
    const double any = draws.at(2 * i + 1);
    const std::int64_t word = draws.at(2 * i) < 0.75
                                  ? 10 * (document % 3) + static_cast<std::int64_t>(9.99 * any)
                                  : static_cast<std::int64_t>(29.99 * any);
    ++counts.data<std::int32_t>()[30 * document + word];
  }
  return {.all = {.kind = nn::DataKind::kCounts, .examples = counts}};
}

// exp of minus the mean log share that a word had: shares [N, D] or [1, D], of any scale.
double perplexity(const Tensor& counts, const Tensor& shares) {
  const Var x = constant(counts.cast(DType::kF64)), p = constant(shares.cast(DType::kF64));
  const Var log_share = log(p / sum(p, {1}, true));
  return std::exp(-(sum(x * log_share) / sum(x)).value().item());
}

}  // namespace

int main(int argc, char** argv) {
  const nn::RawData data = argc > 1 ? nn::read_data(argv[1]) : documents();
  const nn::DataParts parts = nn::split(data, {});
  const ae::Spec preset{.encoder = {784, 100, 5}, .rule = ae::Gaussian{}};
  ae::Autoencoder model = ae::make_autoencoder(ae::fit_to(preset, ae::form_of(parts.train)), 1);
  nn::check_trained(ae::train(model, {parts.train.rows()}, {.epochs = 60, .learning_rate = 1e-2}));
  const Tensor seen = parts.test.rows(), train = parts.train.rows();
  const Var often = sum(constant(train.cast(DType::kF64)), {0}, true) + 1;
  std::printf("perplexity %.1f of %td words; by how often each is used, %.1f\n",
              perplexity(seen, ae::reconstructions(model, {seen})),
              static_cast<std::ptrdiff_t>(seen.shape()[1]), perplexity(seen, often.value()));
}
