#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/examples.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Reconstruction errors over the rows of the images ([N, D], u8 or f32), by name: mse and bce are
// means per pixel, sse_per_image and bce_per_image sums over pixels and means over images. bce is
// there only where every reconstruction is in [0, 1].
std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                   const Examples& examples,
                                                   std::int64_t batch = 500);
inline std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                          const Tensor& images,
                                                          std::int64_t batch = 500) {
  return reconstruction_metrics(model, Examples{images}, batch);
}

// reconstruct() of every image.
Tensor reconstructions(const Autoencoder& model, const Examples& examples);

}  // namespace hourglass::ae
