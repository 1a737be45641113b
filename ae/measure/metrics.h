#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Reconstruction errors over the rows of the images ([N, D], as stored) in the model's numbers, by
// name: mse and bce are means per pixel, sse_per_image and bce_per_image sums over pixels and means
// over images; what is missing is left out. bce is there only where pixels, and every
// reconstruction, are in [0, 1].
std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                   const Examples& examples,
                                                   std::int64_t batch = 500);
inline std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                          const nn::Rows& images,
                                                          std::int64_t batch = 500) {
  return reconstruction_metrics(model, Examples{images}, batch);
}

// reconstruct() of every example, [N, D], in the units that it is stored in (pixels: 0 to 1); f64
// where the examples are, else f32.
Tensor reconstructions(const Autoencoder& model, const Examples& examples);

}  // namespace hourglass::ae
