// Every loss, head and penalty is a function of Vars: here they are taken of layers of one's own,
// without a Spec.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

void print(const char* name, const Var& value) {
  std::printf("%-24s %.4f\n", name, value.value().item());
}

}  // namespace

int main() {
  nn::InitSource source(1);
  const nn::Linear encoder = nn::make_linear(784, 12, nn::Init::kTorch, source);
  const nn::Linear decoder = nn::make_linear(12, 784, nn::Init::kTorch, source);
  const nn::Linear spread = nn::make_linear(784, 12, nn::Init::kTorch, source);
  const RandomKey key = random_key(1);
  const Var x = ae::pixels(constant(nn::digits(20, 1).rows()));
  const ae::Encoder encode = [&](const Var& v) { return sigmoid(encoder(v)); };

  const Var seen = ae::corrupt(x, {ae::Noise::kMasking, 0.25}, key, "masking");
  const Var h = encode(seen), logits = decoder(h), y = sigmoid(logits);
  constexpr auto kPerImage = nn::Reduce::kSumFeaturesMeanExamples;
  print("squared error", nn::squared_error(y, x, kPerImage));
  print("cross-entropy", nn::binary_cross_entropy_with_logits(logits, x, kPerImage));
  print("correntropy", mean(ae::correntropy_loss(y, x, 0.5)));
  print("-log N(x; y, 0.25)", -mean(log_normal_density(x, y, full(x.shape(), -1.386))));

  print("l1", ae::l1_penalty(h));
  print("kl", ae::kl_sparsity(h, 0.05));
  print("contractive", ae::contractive_penalty(h, seen));
  print("hutchinson", ae::hutchinson_penalty(h, seen, key, "probe"));
  print("caeh", ae::caeh_penalty(encode, x, 0.3, key, "neighbour"));
  print("mmd", ae::mmd_penalty(h, random_normal(key, "prior", h.shape())));

  const ae::Posterior q{encoder(x), spread(x)};
  print("a draw's square", mean(square(ae::reparameterise(q, key, "posterior"))));
  print("KL to N(0, 1)", ae::kl_with_free_bits(q, 0));
  print("the 3 largest", sum(ae::keep_largest(h, 3)));
  const Var codebook = random_normal(key, "codebook", {8, 4});
  print("commitment", ae::quantise(h, codebook).commitment_loss);
}
