#pragma once

#include <cstdint>
#include <vector>

#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Rows [N, ...], of a tensor or of what does not fit in memory, in batches, in an order drawn from (seed, epoch): each row once an
// epoch, the last batch smaller where N is not a multiple. The order is the same on every machine.
// `for (Tensor x : batches.epoch(2))` goes through the batches of an epoch.
class Batches {
 public:
  // Throws Error where there are no rows or batch < 1.
  Batches(const Rows& rows, std::int64_t batch, std::uint64_t seed, int epoch = 1);

  Batches epoch(int epoch) const { return {rows_, batch_, seed_, epoch}; }  // in another order

  // Of a whole batch, as a graph's input has it: [batch, ...], or [N, ...] where N is less.
  Shape shape() const;
  DType dtype() const { return rows_.dtype(); }

  std::int64_t count() const;
  std::int64_t size(std::int64_t index) const;  // rows of batch `index`
  Tensor batch(std::int64_t index) const;       // gathered, aligned; any dtype
  // The same examples of other rows [N, ...], such as their labels. Throws Error where it has
  // another number of rows.
  Tensor batch(std::int64_t index, const Rows& others) const;

  const std::int32_t* ids(std::int64_t index) const { return order_.data() + index * batch_; }

  class Iterator {
   public:
    Iterator(const Batches& batches, std::int64_t index) : batches_(&batches), index_(index) {}
    Tensor operator*() const { return batches_->batch(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Batches* batches_;
    std::int64_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, count()}; }

 private:
  Rows rows_;
  std::int64_t batch_;
  std::uint64_t seed_;
  std::vector<std::int32_t> order_;
};

}  // namespace hourglass::nn
