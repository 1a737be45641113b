// A variational autoencoder as ordinary graph code (Kingma & Welling 2014): a normal posterior, the
// reparameterised draw, binary cross-entropy plus KL. `variational FILE.png` also draws digits.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main(int argc, char** argv) {
  const Tensor digits = nn::digits(3000, 1).rows();
  const ae::Spec spec{.encoder = {784, 200, 10}, .rule = ae::Gaussian{}};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step& step) {
    const Var x = ae::pixels(batch[0]);
    const ae::Posterior q = model.encode(x).posterior;
    const Var z = ae::reparameterise(q, step.key, step.stream("posterior"));
    const Var errors = nn::binary_cross_entropy_with_logits(model.decode_linear({.code = z}), x,
                                                            nn::Reduce::kNone);
    const double images = static_cast<double>(x.size(0));
    return nn::make_objective(
        {{"bce_per_image", sum(errors) / images}, {"kl_per_image", sum(ae::kl_by_dimension(q))}});
  };
  nn::TrainCallbacks print;
  print.on_epoch = [](const nn::EpochReport& r) {
    std::printf("epoch %d: -ELBO %.1f nats an image, of which KL %.2f\n", r.epoch, r.loss,
                r.terms[1].value);
  };
  nn::check_trained(nn::train(objective, model.parameters(), {digits},
                              {.epochs = 4, .batch = 50, .learning_rate = 2e-3}, print));
  const Tensor drawn = model.sample(random_key(7), 40).value();
  if (argc > 1) write_png(argv[1], image_grid(to_u8_image(drawn.reshape({40, 28, 28}))));
}
