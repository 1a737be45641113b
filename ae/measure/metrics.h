#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "ae/model/trainer.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Reconstruction errors over the rows of the images ([N, D], u8 or f32), by name: mse and bce are
// means per pixel, sse_per_image and bce_per_image sums over pixels and means over images. bce is
// there only where every reconstruction is in [0, 1].
std::vector<NamedValue> reconstruction_metrics(const Autoencoder& model, const Examples& examples,
                                               std::int64_t batch = 500);
inline std::vector<NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                      const Tensor& images,
                                                      std::int64_t batch = 500) {
  return reconstruction_metrics(model, Examples{images}, batch);
}

// The objective over the examples as it is outside of training: no corruption, full weights. Means
// over batches by their size, which is the mean over examples for terms that are.
struct ObjectiveMeans {
  double loss = 0;
  std::vector<NamedValue> terms;
  std::vector<NamedValue> parts;  // what each term adds to the loss
};
ObjectiveMeans objective_means(const Autoencoder& model, const Examples& examples,
                               std::uint64_t seed = 0, std::int64_t batch = 100);

// A function of a batch of stored pixels run over all rows: [N, D] -> [N, ...].
Tensor map_rows(const std::function<Var(const Var& stored)>& f, const Tensor& images,
                std::int64_t batch = 500);
// The same of images and labels.
Tensor map_examples(const std::function<Var(const Batch& batch)>& f, const Examples& examples,
                    std::int64_t batch = 500);

// reconstruct() of every image.
Tensor reconstructions(const Autoencoder& model, const Examples& examples);

}  // namespace hourglass::ae
