#include "ae/measure/binary_codes.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <span>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kCodes = 4096;   // of a block: their distances stay in cache
constexpr std::int64_t kTogether = 16;  // queries that share a pass over the items

void check_codes(const Tensor& codes) {
  if (codes.dtype() == DType::kF32 && codes.shape().rank() == 2 && codes.shape()[0] > 0) return;
  throw Error(fmt::format("codes: expected f32 [N, H]: got {} {}", name_of(codes.dtype()),
                          to_string(codes.shape())));
}

void check_pair(const BinaryCodes& queries, const BinaryCodes& items, std::int64_t k) {
  if (queries.bits != items.bits) {
    throw Error(fmt::format("k_nearest: needs codes of as many bits: queries={}, items={}",
                            queries.bits, items.bits));
  }
  if (k < 1 || k > items.count) {
    throw Error(fmt::format("k_nearest: k: expected 1 to {}, as many as there are items: got {}",
                            items.count, k));
  }
}

// f(query, first item, bits in which it and those that follow differ) of queries [from, to), for each in
// order of the items: a block of items is in cache for all of them.
template <class F>
void for_distances(const BinaryCodes& queries, std::int64_t from, std::int64_t to,
                   const BinaryCodes& items, F&& f) {
  const auto count = static_cast<std::size_t>(queries.count);
  std::vector<std::uint64_t> query(static_cast<std::size_t>(queries.words_each()));
  std::vector<std::int32_t> distances(kCodes);
  for (std::int64_t first = 0; first < items.count; first += kCodes) {
    const std::int64_t n = std::min(kCodes, items.count - first);
    for (std::int64_t q = from; q < to; ++q) {
      for (std::size_t w = 0; w < query.size(); ++w) {
        query[w] = queries.words[w * count + static_cast<std::size_t>(q)];
      }
      kernels::hamming_distances(query.data(), items.words.data() + first, items.words_each(), n,
                                 items.count, distances.data());
      f(q, first, std::span(distances).first(static_cast<std::size_t>(n)));
    }
  }
}

void check_reals(const BinaryCodes& queries, const Tensor& real_queries, const BinaryCodes& items,
                 const Tensor& reals) {
  check_codes(real_queries);
  check_codes(reals);
  if (real_queries.shape()[0] == queries.count && reals.shape()[0] == items.count) return;
  throw Error(fmt::format("k_nearest: needs a row a code: {} rows of {} queries, {} of {} items",
                          real_queries.shape()[0], queries.count, reals.shape()[0], items.count));
}

// The items that differ from a query in at most `radius` bits, in their order.
std::vector<std::int32_t> ball_of(const BinaryCodes& queries, std::int64_t query,
                                  const BinaryCodes& items, std::int64_t radius) {
  std::vector<std::int32_t> ball;
  for_distances(queries, query, query + 1, items,
                [&](std::int64_t, std::int64_t first, std::span<const std::int32_t> bits) {
                  for (const std::int32_t distance : bits) {
                    if (distance <= radius) ball.push_back(static_cast<std::int32_t>(first));
                    ++first;
                  }
                });
  return ball;
}

// The k nearest items by their whole distances, offered in order of the items.
class Buckets {
 public:
  Buckets(std::int64_t bits, std::int64_t k)
      : k_(static_cast<std::size_t>(k)),
        at_(static_cast<std::size_t>(bits) + 1),
        most_(at_.size() - 1) {}

  void offer(std::int64_t item, std::int32_t distance) {
    const auto d = static_cast<std::size_t>(distance);
    if (d > most_ || (d == most_ && held_ >= k_)) return;
    at_[d].push_back(static_cast<std::int32_t>(item));
    ++held_;
    for (; most_ > 0 && held_ - at_[most_].size() >= k_; --most_) held_ -= at_[most_].size();
  }

  void write(std::int32_t* items, double* distances) const {
    std::size_t place = 0;
    for (std::size_t d = 0; d <= most_; ++d) {
      for (std::size_t i = 0; i < at_[d].size() && place < k_; ++i, ++place) {
        items[place] = at_[d][i];
        distances[place] = static_cast<double>(d);
      }
    }
  }

 private:
  std::size_t k_;
  std::vector<std::vector<std::int32_t>> at_;  // items at each distance
  std::size_t most_;                           // what is farther is not among the k
  std::size_t held_ = 0;                       // items that are not
};

}  // namespace

bool BinaryCodes::bit(std::int64_t code, std::int64_t b) const {
  return (words[static_cast<std::size_t>(b / 64 * count + code)] >> (b % 64) & 1) != 0;
}

Tensor column_medians(const Tensor& codes) {
  check_codes(codes);
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  Tensor medians(Shape{width}, DType::kF32);
  std::vector<float> column(static_cast<std::size_t>(n));
  for (std::int64_t j = 0; j < width; ++j) {
    for (std::int64_t i = 0; i < n; ++i) {
      column[static_cast<std::size_t>(i)] = codes.data<float>()[i * width + j];
    }
    const auto middle = column.begin() + (n - 1) / 2;
    std::nth_element(column.begin(), middle, column.end());
    medians.data<float>()[j] = *middle;
  }
  return medians;
}

BinaryCodes binarised(const Tensor& codes, const Tensor& thresholds) {
  check_codes(codes);
  const std::int64_t width = codes.shape()[1];
  if (thresholds.shape() != Shape{width}) {
    throw Error(fmt::format("binarised: needs a threshold a column: codes={}, thresholds={}",
                            to_string(codes.shape()), to_string(thresholds.shape())));
  }
  BinaryCodes packed{codes.shape()[0], width, {}};
  packed.words.resize(static_cast<std::size_t>(packed.words_each() * packed.count));
  const float* x = codes.data<float>();
  for (std::int64_t i = 0; i < packed.count; ++i) {
    for (std::int64_t b = 0; b < width; ++b) {
      const std::uint64_t above = x[i * width + b] > thresholds.data<float>()[b] ? 1 : 0;
      packed.words[static_cast<std::size_t>(b / 64 * packed.count + i)] |= above << (b % 64);
    }
  }
  return packed;
}

Neighbours k_nearest(const BinaryCodes& queries, const BinaryCodes& items, std::int64_t k) {
  check_pair(queries, items, k);
  Neighbours found{Tensor(Shape{queries.count, k}, DType::kI32),
                   Tensor(Shape{queries.count, k}, DType::kF64)};
  parallel_ranges(queries.count, kTogether, [&](std::int64_t from, std::int64_t to) {
    std::vector<Buckets> buckets(static_cast<std::size_t>(to - from), Buckets(items.bits, k));
    for_distances(queries, from, to, items,
                  [&](std::int64_t q, std::int64_t first, std::span<const std::int32_t> bits) {
                    Buckets& own = buckets[static_cast<std::size_t>(q - from)];
                    for (const std::int32_t distance : bits) own.offer(first++, distance);
                  });
    for (std::int64_t q = from; q < to; ++q) {
      buckets[static_cast<std::size_t>(q - from)].write(found.indices.data<std::int32_t>() + q * k,
                                                        found.distances.data<double>() + q * k);
    }
  });
  return found;
}

Neighbours k_nearest_in_ball(const BinaryCodes& queries, const BinaryCodes& items,
                             std::int64_t radius, const Tensor& real_queries, const Tensor& reals,
                             std::int64_t k, Metric metric) {
  check_pair(queries, items, k);
  check_reals(queries, real_queries, items, reals);
  if (radius < 0) {
    throw Error(fmt::format("k_nearest: radius: must be at least 0: got {}", radius));
  }
  constexpr double kNowhere = std::numeric_limits<double>::infinity();
  Neighbours found{Tensor::full(Shape{queries.count, k}, -1, DType::kI32),
                   Tensor::full(Shape{queries.count, k}, kNowhere, DType::kF64)};
  parallel_for(queries.count, [&](std::int64_t q) {
    const std::vector<std::int32_t> ball = ball_of(queries, q, items, radius);
    if (ball.empty()) return;
    const std::int64_t most = std::min(k, static_cast<std::int64_t>(ball.size()));
    const Neighbours ranked =
        k_nearest(real_queries.rows(q, q + 1), nn::Rows(reals).select(ball), most, metric);
    for (std::int64_t i = 0; i < most; ++i) {
      const auto place = static_cast<std::size_t>(ranked.indices.data<std::int32_t>()[i]);
      found.indices.data<std::int32_t>()[q * k + i] = ball[place];
      found.distances.data<double>()[q * k + i] = ranked.distances.data<double>()[i];
    }
  });
  return found;
}

}  // namespace hourglass::ae
