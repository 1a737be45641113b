#include "nn/data/batches.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"
#include "tensor/random.h"

namespace hourglass::nn {
namespace {

// The stream that orders are drawn from, far from those of weights, which count from 0.
const Stream kOrder{"order", 0xFFFF0001};

}  // namespace

Batches::Batches(const Rows& rows, std::int64_t batch, std::uint64_t seed, int epoch)
    : rows_(rows), batch_(batch), seed_(seed) {
  if (batch < 1) throw Error(fmt::format("batch: must be at least 1: got {}", batch));
  if (!rows.defined() || rows.shape().rank() == 0 || rows.shape()[0] == 0) {
    throw Error("batch: there are no examples");
  }
  order_ = permutation(key_of(seed), kOrder, static_cast<std::uint32_t>(epoch), rows.shape()[0]);
}

Shape Batches::shape() const {
  std::vector<std::int64_t> sizes = rows_.shape().sizes();
  sizes[0] = size(0);
  return Shape(std::move(sizes));
}

std::int64_t Batches::count() const {
  return 1 + (static_cast<std::int64_t>(order_.size()) - 1) / batch_;
}

std::int64_t Batches::size(std::int64_t index) const {
  return std::min(batch_, static_cast<std::int64_t>(order_.size()) - index * batch_);
}

Tensor Batches::batch(std::int64_t index) const { return rows_.gather(ids(index), size(index)); }

Tensor Batches::batch(std::int64_t index, const Rows& others) const {
  if (!others.defined() || others.shape().rank() == 0 ||
      others.shape()[0] != static_cast<std::int64_t>(order_.size())) {
    throw Error(fmt::format("batch: rows differ: {} vs {}", order_.size(),
                            others.defined() ? to_string(others.shape()) : "none"));
  }
  return others.gather(ids(index), size(index));
}

}  // namespace hourglass::nn
