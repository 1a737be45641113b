#include "ae/vq_vae.h"

#include <fmt/core.h>

#include "autograd/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Quantised quantise(const Var& h, const Var& codebook) {
  const std::int64_t rows = h.size(0), width = codebook.size(1);
  if (h.size(1) % width != 0) {
    throw Error(
        fmt::format("quantise: the codebook's width must divide the code's: h={}, "
                    "codebook={}: {} vs {}",
                    to_string(h.shape()), to_string(codebook.shape()), h.size(1), width));
  }
  const std::int64_t vectors = h.size(1) / width;
  // |v - e|^2 = |v|^2 - 2 v e' + |e|^2; the first is the same for every e.
  const Var v = reshape(h, Shape{rows * vectors, width});
  const Var distance = sum(square(codebook), {1}) - 2 * matmul(v, codebook, false, true);
  Quantised q;
  q.indices = reshape(argmin(distance, {1}), Shape{rows, vectors});
  q.nearest = reshape(embedding(codebook, q.indices), h.shape());
  q.straight = h + stop_gradient(q.nearest - h);
  const double images = static_cast<double>(rows);
  q.codebook_loss = sum(square(stop_gradient(h) - q.nearest)) / images;
  q.commitment_loss = sum(square(h - stop_gradient(q.nearest))) / images;
  return q;
}

}  // namespace hourglass::ae
