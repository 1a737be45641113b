#pragma once

#include "ae/model/autoencoder.h"

namespace hourglass::ae {

// What a denoising autoencoder knows about its data: (r(x) - x) / sigma^2 of each row of x [B, D],
// r the reconstruction and sigma the deviation of the Gaussian noise it was trained under. It
// approximates the score d log p(x) / dx of the data with that noise added; the best r of all gives
// it exactly. Throws Error unless the model's only corruption is Gaussian and its loss squared
// error (or gaussian or learnt-gaussian, which are the same up to scale).
Var denoising_score(const Autoencoder& model, const Var& x);

}  // namespace hourglass::ae
