#include "nn/data/rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/memory.h"

namespace hourglass::nn {
namespace {

constexpr std::int64_t kMostRows = std::numeric_limits<std::int32_t>::max();

void check_range(std::int64_t first, std::int64_t last, const Shape& shape) {
  if (0 <= first && first <= last && last <= shape[0]) return;
  throw Error(
      fmt::format("rows: rows {} to {} of {}: out of range", first, last, to_string(shape)));
}

Shape of_rows(const Shape& shape, std::int64_t count) {
  return shape.without_axis(0).with_axis(0, count);
}

}  // namespace

Rows::Rows(const Tensor& rows) : shape_(rows.shape()), dtype_(rows.dtype()), memory_(rows) {}

Rows::Rows(const MappedArray& rows) : shape_(rows.shape()), dtype_(rows.dtype()), mapped_(rows) {}

Rows::Rows(std::shared_ptr<const CsrMatrix> rows, DType dtype)
    : shape_{rows->rows(), rows->width}, dtype_(dtype), sparse_(std::move(rows)) {}

Rows::Rows(Shape shape, DType dtype, Gather gather)
    : shape_(std::move(shape)), dtype_(dtype), gather_(std::move(gather)) {
  if (shape_.rank() == 0 || count() > kMostRows) {
    throw Error(fmt::format("rows: expected [N, ...], at most {} of them: got {}", kMostRows,
                            to_string(shape_)));
  }
}

std::vector<std::int32_t> Rows::ids_of(std::int64_t first, std::int64_t last) const {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(last - first));
  std::iota(ids.begin(), ids.end(), static_cast<std::int32_t>(first));
  return ids;
}

// In what the rows are of.
std::vector<std::int32_t> Rows::places_of(const std::int32_t* ids, std::int64_t count) const {
  std::vector<std::int32_t> places(ids, ids + count);
  for (std::int32_t& id : places) {
    const std::int64_t at = first_ + id;
    id = order_ ? order_->at(static_cast<std::size_t>(at)) : static_cast<std::int32_t>(at);
  }
  return places;
}

bool Rows::is_whole() const {
  const Shape& all = memory_.defined() ? memory_.shape() : mapped_ ? mapped_->shape() : shape_;
  return !order_ && first_ == 0 && count() == all[0];
}

Tensor Rows::gather(const std::int32_t* ids, std::int64_t count) const {
  const std::vector<std::int32_t> places = places_of(ids, count);
  ids = places.data();
  const Shape shape = of_rows(shape_, count);
  if (mapped_) return mapped_->gather(ids, count).reshape(shape);
  if (sparse_) return sparse_->dense(places, dtype_).reshape(shape);
  if (gather_) return gather_(ids, count).reshape(shape);
  Tensor result = Tensor::uninitialized(shape, dtype_);
  kernels::take(dtype_, memory_.raw(), 1, memory_.shape()[0], width(), ids, count, result.raw());
  return result;
}

CsrBatch Rows::sparse(const std::int32_t* ids, std::int64_t count, std::int64_t capacity) const {
  return sparse_->batch(places_of(ids, count), capacity);
}

std::int64_t Rows::most_entries(std::int64_t count) const {
  std::vector<std::int32_t> all = ids_of(0, this->count());
  all = places_of(all.data(), this->count());
  return sparse_->most_entries(all, count);
}

Tensor Rows::rows(std::int64_t first, std::int64_t last) const {
  check_range(first, last, shape_);
  if (memory_.defined() && !order_) {
    return memory_.rows(first_ + first, first_ + last).reshape(of_rows(shape_, last - first));
  }
  const std::vector<std::int32_t> ids = ids_of(first, last);
  return gather(ids.data(), last - first);
}

Tensor Rows::tensor() const {
  if (!defined()) return {};
  if (memory_.defined() && is_whole()) return memory_.reshape(shape_);
  internal::check_memory("data", "the examples",
                         static_cast<std::size_t>(shape_.elements()) * size_of(dtype_));
  Tensor all = Tensor::uninitialized(shape_, dtype_);
  auto* to = static_cast<char*>(all.raw());
  for_chunks(*this, [&](const Tensor& part, std::int64_t) {
    to = std::copy_n(static_cast<const char*>(part.raw()), part.bytes(), to);
  });
  return all;
}

Rows Rows::range(std::int64_t first, std::int64_t last) const {
  check_range(first, last, shape_);
  Rows part = *this;
  part.first_ += first;
  part.shape_ = of_rows(shape_, last - first);
  return part;
}

Rows Rows::select(std::vector<std::int32_t> ids) const {
  Rows part = *this;
  part.shape_ = of_rows(shape_, static_cast<std::int64_t>(ids.size()));
  for (std::int32_t& id : ids) {
    if (id < 0 || id >= count()) {
      throw Error(fmt::format("rows: there is no row {} of {}", id, count()));
    }
    const std::int64_t at = first_ + id;
    id = order_ ? (*order_)[static_cast<std::size_t>(at)] : static_cast<std::int32_t>(at);
  }
  part.order_ = std::make_shared<const std::vector<std::int32_t>>(std::move(ids));
  part.first_ = 0;
  return part;
}

Rows Rows::reshape(const Shape& shape) const {
  const bool same_rows = shape.rank() > 0 && shape[0] == count();
  if (!same_rows && is_whole() && memory_.defined()) return memory_.reshape(shape);
  if (!same_rows && is_whole() && mapped_) return mapped_->reshape(shape);
  if (!same_rows || shape.elements() != shape_.elements()) {
    throw Error(fmt::format("rows: reshape: {} is not as many rows of as many numbers as {}",
                            to_string(shape), to_string(shape_)));
  }
  Rows same = *this;
  same.shape_ = shape;
  return same;
}

Rows Rows::map(const std::function<Tensor(const Tensor& rows)>& f) const {
  if (memory_.defined()) return f(tensor());
  const Tensor one = f(rows(0, 1));
  return {of_rows(one.shape(), count()), one.dtype(),
          [from = *this, f](const std::int32_t* ids, std::int64_t n) {
            return f(from.gather(ids, n));
          }};
}

Rows Rows::cast(DType dtype) const {
  if (!sparse_) return map([dtype](const Tensor& rows) { return rows.cast(dtype); });
  Rows all = *this;
  all.dtype_ = dtype;
  return all;
}

namespace {

// Which of the rows that are asked for are of one part, and where they go.
struct Share {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> places;
};

std::vector<Share> shares_of(const std::vector<std::int64_t>& starts, const std::int32_t* ids,
                             std::int64_t count) {
  std::vector<Share> shares(starts.size() - 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto part = std::upper_bound(starts.begin(), starts.end(), std::int64_t{ids[i]}) - 1;
    Share& share = shares[static_cast<std::size_t>(part - starts.begin())];
    share.ids.push_back(static_cast<std::int32_t>(ids[i] - *part));
    share.places.push_back(i);
  }
  return shares;
}

}  // namespace

Rows concatenated(const std::vector<Rows>& parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<std::int64_t> starts = {0};
  for (const Rows& part : parts) starts.push_back(starts.back() + part.count());
  const Shape shape = of_rows(parts.at(0).shape(), starts.back());
  const DType dtype = parts[0].dtype();
  const auto row = static_cast<std::size_t>(parts[0].width()) * size_of(dtype);
  return {shape, dtype, [=](const std::int32_t* ids, std::int64_t count) {
            Tensor result = Tensor::uninitialized(of_rows(shape, count), dtype);
            const std::vector<Share> shares = shares_of(starts, ids, count);
            for (std::size_t p = 0; p < shares.size(); ++p) {
              const std::vector<std::int64_t>& places = shares[p].places;
              const Tensor rows =
                  parts[p].gather(shares[p].ids.data(), static_cast<std::int64_t>(places.size()));
              for (std::size_t i = 0; i < places.size(); ++i) {
                std::memcpy(
                    static_cast<char*>(result.raw()) + static_cast<std::size_t>(places[i]) * row,
                    static_cast<const char*>(rows.raw()) + i * row, row);
              }
            }
            return result;
          }};
}

void for_chunks(const Rows& rows,
                const std::function<void(const Tensor& part, std::int64_t first)>& f) {
  constexpr std::int64_t kMost = 4096, kNumbers = std::int64_t{1} << 22;
  const std::int64_t n = rows.count();
  const std::int64_t chunk =
      std::clamp<std::int64_t>(kNumbers / std::max<std::int64_t>(rows.width(), 1), 1, kMost);
  for (std::int64_t first = 0; first < n; first += chunk) {
    f(rows.rows(first, std::min(first + chunk, n)), first);
  }
}

}  // namespace hourglass::nn
