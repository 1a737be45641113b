#include "nn/train/data_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "nn/data/batches.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

constexpr std::int64_t kDefaultBatch = 128;

void check_rows(const std::vector<Rows>& tensors) {
  if (tensors.empty()) throw Error("train: there are no examples");
  const Shape& first = tensors[0].shape();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Rows& t = tensors[i];
    if (t.defined() && t.shape().rank() > 0 && t.shape()[0] > 0 && t.shape()[0] == first[0]) {
      continue;
    }
    throw Error(fmt::format("train: expected tensors [N, ...] of equal N, at least 1: {}: {}", i,
                            t.defined() ? to_string(t.shape()) : "none"));
  }
}

// The order of one epoch, kept while that epoch's batches are asked for.
class ShuffledRows {
 public:
  ShuffledRows(std::vector<Rows> tensors, std::optional<std::int64_t> batch, std::uint64_t seed)
      : tensors_(std::move(tensors)), seed_(seed) {
    check_rows(tensors_);
    batch_ = batch_size(batch, tensors_[0].shape()[0]);
    order(1);
  }

  std::int64_t count() const { return order_->count(); }

  const Batches& epoch(int epoch) {
    order(epoch);
    return *order_;
  }

  std::vector<Tensor> batch(int epoch, std::int64_t index) {
    order(epoch);
    std::vector<Tensor> rows = {order_->batch(index)};
    for (std::size_t i = 1; i < tensors_.size(); ++i) {
      rows.push_back(order_->batch(index, tensors_[i]));
    }
    return rows;
  }

 private:
  void order(int epoch) {
    if (epoch == epoch_) return;
    order_.emplace(tensors_[0], batch_, seed_, epoch);
    epoch_ = epoch;
  }

  std::vector<Rows> tensors_;
  std::int64_t batch_ = 0;
  std::uint64_t seed_;
  std::optional<Batches> order_;
  int epoch_ = 0;
};

}  // namespace

std::int64_t batch_size(std::optional<std::int64_t> batch, std::int64_t examples) {
  if (!batch) return std::min(kDefaultBatch, examples);
  if (*batch >= 1 && *batch <= examples) return *batch;
  throw Error(
      fmt::format("batch: expected 1 to {}, the number of examples: got {}", examples, *batch));
}

DataSource shuffled_rows(std::vector<Rows> tensors, std::optional<std::int64_t> batch,
                         std::uint64_t seed) {
  const auto rows = std::make_shared<ShuffledRows>(std::move(tensors), batch, seed);
  return {rows->count(),
          [rows](int epoch, std::int64_t index) { return rows->batch(epoch, index); }};
}

DataSource shuffled_sparse_rows(const Rows& all, std::optional<std::int64_t> batch,
                                std::uint64_t seed) {
  const auto rows = std::make_shared<ShuffledRows>(std::vector<Rows>{all}, batch, seed);
  const std::int64_t capacity = all.most_entries(batch_size(batch, all.count()));
  return {rows->count(), [=](int epoch, std::int64_t index) {
            const Batches& order = rows->epoch(epoch);
            const CsrBatch entries = all.sparse(order.ids(index), order.size(index), capacity);
            return std::vector<Tensor>{order.batch(index), entries.values, entries.columns,
                                       entries.row_starts};
          }};
}

}  // namespace hourglass::nn
