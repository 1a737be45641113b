// A saved model used: `hourglass train dense --out run`, then `load_model run`.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main(int argc, char** argv) {
  const ae::Autoencoder model = ae::load_run(argc > 1 ? argv[1] : "run");
  const Var x = ae::pixels(constant(nn::digits(5, 1).rows()));
  const ae::Encoded encoded = model.encode(x);
  const Var error = mean(square(model.decode(encoded) - x));
  std::printf("code %s, mean squared error %.4f\n", to_string(encoded.code.shape()).c_str(),
              error.value().item());
}
