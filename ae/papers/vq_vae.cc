#include "ae/papers/vq_vae.h"

#include <fmt/core.h>

#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr double kDecay = 0.99;
// Vectors that are taken less than this part of an even share start anew: Dhariwal et al.,
// "Jukebox", 2020, restart those below a number.
constexpr double kDead = 0.03;

}  // namespace

Quantisation quantise(const Var& h, const Var& codebook) {
  const std::int64_t rows = h.size(0), width = codebook.size(1);
  if (h.size(1) % width != 0) {
    throw Error(
        fmt::format("quantise: the codebook's width must divide the code's: h={}, "
                    "codebook={}: {} vs {}",
                    to_string(h.shape()), to_string(codebook.shape()), h.size(1), width));
  }
  const std::int64_t vectors = h.size(1) / width;
  // In f64, in which vectors that differ in f32 are apart.
  const Var v = reshape(h, Shape{rows * vectors, width});
  const Var distance = squared_distances(cast(v, DType::kF64), cast(codebook, DType::kF64));
  Quantisation q;
  q.indices = reshape(argmin(distance, {1}), Shape{rows, vectors});
  q.nearest = reshape(embedding(codebook, q.indices), h.shape());
  q.straight = h + stop_gradient(q.nearest - h);
  const double images = static_cast<double>(rows);
  q.codebook_loss = sum(square(stop_gradient(h) - q.nearest)) / images;
  q.commitment_loss = sum(square(h - stop_gradient(q.nearest))) / images;
  return q;
}

std::vector<Update> codebook_averages(const Quantisation& q, const Var& h, const Var& codebook,
                                      const Var& uses, const RandomKey& key, const Stream& stream) {
  const std::int64_t entries = codebook.size(0), vectors = q.indices.elements();
  const Var v = reshape(h, Shape{vectors, codebook.size(1)});
  const Var taken = one_hot(reshape(q.indices, Shape{vectors}), entries, h.dtype());
  const Var now = kDecay * uses + (1 - kDecay) * sum(taken, {0});
  const Var sums = kDecay * expand_dims(uses, 1) * codebook + (1 - kDecay) * matmul(taken, v, true);
  const double share = static_cast<double>(vectors) / static_cast<double>(entries);
  const Var dead = less(now, full(now.shape(), kDead * share, h.dtype()));
  const Var place =
      random_uniform(key, stream, Shape{entries}, 0, static_cast<double>(vectors), h.dtype());
  const Var anew =
      embedding(v, cast(clip(place, 0, static_cast<double>(vectors - 1)), DType::kI32));
  const Var means = sums / expand_dims(clip(now, 1e-6, 1e30), 1);
  const Var mask = broadcast_to(expand_dims(dead, 1), codebook.shape());
  return {{uses, where(dead, full(now.shape(), share, h.dtype()), now)},
          {codebook, where(mask, anew, means)}};
}

const std::vector<Field<Quantised>>& Quantised::fields() {
  static const std::vector<Field<Quantised>> fields = {
      field("entries", "", "Vectors of the codebook", &Quantised::entries, at_least(1)),
      field("entry_width", "", "How wide they are", &Quantised::entry_width, at_least(1)),
      field("commitment", "commitment", "Weight of the commitment term", &Quantised::commitment,
            at_least(0))};
  return fields;
}

void Quantised::check(std::int64_t code_width) const {
  if (code_width % entry_width == 0) return;
  throw Error(fmt::format("the codebook's vectors must divide the code: width {} of {}",
                          entry_width, code_width));
}

}  // namespace hourglass::ae
