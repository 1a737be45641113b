#include "ae/measure/neighbours.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::ae {

const EnumNames<Metric>& names_of(Metric) {
  static const EnumNames<Metric> table{
      "metric", {{"euclid", Metric::kEuclidean}, {"cosine", Metric::kCosine}}};
  return table;
}

namespace {

constexpr std::int64_t kQueriesAtOnce = 256;  // that share a pass over the items
constexpr std::int64_t kFew = 4;             // for which items are read faster than they are packed
constexpr std::int64_t kProducts = 1 << 19;  // numbers of a block of products: it stays in cache
constexpr double kLargest = 1e37;            // squares below it and their sums are finite in f32
constexpr float kLeast = std::numeric_limits<float>::min();  // more than what underflows

template <class T>
double number(T x) {
  return std::is_same_v<T, std::uint8_t> ? static_cast<double>(x) / 255 : static_cast<double>(x);
}

// The relative error of a product of f32 rows, each rounded to f32 at first, and of what is made of
// it: D + 2 roundings, and some more.
double rounding(std::int64_t width) { return static_cast<double>(width + 32) * 0x1p-24; }

float round_up(double x) {
  return std::nextafter(static_cast<float>(x), std::numeric_limits<float>::infinity());
}

// Sums of f(i) for i below n as four sums, joined by one tree.
template <class F>
double sum_of(std::int64_t n, F&& f) {
  double sums[4] = {0, 0, 0, 0};
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int s = 0; s < 4; ++s) sums[s] += f(i + s);
  }
  for (; i < n; ++i) sums[i % 4] += f(i);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

Tensor numbers_of(const Tensor& rows) {
  if (rows.dtype() == DType::kF32) return rows;
  Tensor numbers = rows.cast(DType::kF32);
  if (rows.dtype() != DType::kU8) return numbers;
  float* x = numbers.data<float>();
  for (std::int64_t i = 0; i < numbers.elements(); ++i) x[i] /= 255;
  return numbers;
}

template <class T>
double squared_norm(const T* x, std::int64_t width) {
  return sum_of(width, [&](std::int64_t i) { return number(x[i]) * number(x[i]); });
}

void check_search(const Shape& queries, const Shape& items, std::int64_t k) {
  if (queries.rank() != 2 || items.rank() != 2 || queries[1] != items[1]) {
    throw Error(fmt::format("k_nearest: needs rows of one width: queries={}, items={}",
                            to_string(queries), to_string(items)));
  }
  if (k < 1 || k > items[0]) {
    throw Error(fmt::format("k_nearest: k: expected 1 to {}, as many as there are items: got {}",
                            items[0], k));
  }
}

}  // namespace

// The nearest items so far of some queries.
class NeighbourLists {
 public:
  NeighbourLists(const Tensor& queries, std::int64_t k, Metric metric)
      : k_(static_cast<std::size_t>(k)),
        metric_(metric),
        width_(queries.shape()[1]),
        numbers_(numbers_of(queries)),
        rows_(queries.cast(DType::kF64)) {
    const std::int64_t count = queries.shape()[0];
    lists_.resize(static_cast<std::size_t>(count));
    double* x = rows_.data<double>();
    for (std::int64_t i = 0; queries.dtype() == DType::kU8 && i < rows_.elements(); ++i)
      x[i] /= 255;
    for (std::int64_t q = 0; q < count; ++q) norms_.push_back(squared_norm(row(q), width_));
  }

  // Items, of which the first is number `base`.
  void search(const NearestNeighbours& items, std::int64_t base) {
    const std::int64_t queries = numbers_.shape()[0];
    const std::int64_t size =
        std::min(items.count(), std::max(kProducts / queries, kQueriesAtOnce));
    std::vector<float> products(static_cast<std::size_t>(queries * size));
    for (std::int64_t first = 0; first < items.count(); first += size) {
      const std::int64_t n = std::min(size, items.count() - first);
      multiply(items.numbers_.data<float>() + first * width_, n, products.data());
      visit(items.items_.dtype(), [&](auto zero) {
        parallel_for(queries, [&](std::int64_t q) {
          look_at<decltype(zero)>(items, q, first, n, base, products.data() + q * n);
        });
      });
    }
  }

  void write(std::int64_t first, Neighbours& found) {
    for (std::vector<Neighbour>& list : lists_) {
      std::sort(list.begin(), list.end());
      for (std::size_t i = 0; i < k_; ++i) {
        const std::int64_t at =
            first * static_cast<std::int64_t>(k_) + static_cast<std::int64_t>(i);
        found.distances.data<double>()[at] =
            metric_ == Metric::kEuclidean ? std::sqrt(list[i].first) : list[i].first;
        found.indices.data<std::int32_t>()[at] = static_cast<std::int32_t>(list[i].second);
      }
      ++first;
    }
  }

 private:
  using Neighbour = std::pair<double, std::int64_t>;  // distance (squared, if Euclidean), item

  // [queries, n] of n items.
  void multiply(const float* items, std::int64_t n, float* products) const {
    const std::int64_t queries = numbers_.shape()[0];
    const float* x = numbers_.data<float>();
    if (queries > kFew) {
      const kernels::Gemm shape{.m = queries, .n = n, .k = width_, .transpose_b = true};
      return kernels::gemm(DType::kF32, shape, x, items, products);
    }
    constexpr std::int64_t kGrain = 4096;
    parallel_ranges(n, kGrain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t q = 0; q < queries; ++q) {
        kernels::row_products(x + q * width_, items + first * width_, last - first, width_,
                              products + q * n + first);
      }
    });
  }

  const double* row(std::int64_t q) const { return rows_.data<double>() + q * width_; }

  // What an item's bound must not be above to be nearer than the farthest of a full list.
  float limit(std::int64_t q) const {
    const std::vector<Neighbour>& list = lists_[static_cast<std::size_t>(q)];
    const double norm = norms_[static_cast<std::size_t>(q)];
    if (list.size() < k_ || !(norm < kLargest)) return std::numeric_limits<float>::infinity();
    const double farthest = list.front().first;
    return kLeast + round_up(metric_ == Metric::kEuclidean
                                 ? farthest - norm * (1 - rounding(width_))
                                 : (farthest - 1 + rounding(width_)) * std::sqrt(norm));
  }

  template <class T>
  Neighbour neighbour(std::int64_t q, const T* item, std::int64_t number) const {
    const double d = distance(q, item);
    return {std::isnan(d) ? std::numeric_limits<double>::infinity() : d, number};
  }

  template <class T>
  double distance(std::int64_t q, const T* item) const {
    const double* query = row(q);
    if (metric_ == Metric::kEuclidean) {
      return sum_of(width_, [&](std::int64_t i) {
        const double d = query[i] - number(item[i]);
        return d * d;
      });
    }
    const double norms = squared_norm(item, width_) * norms_[static_cast<std::size_t>(q)];
    if (norms == 0) return 1;
    const double product =
        sum_of(width_, [&](std::int64_t i) { return query[i] * number(item[i]); });
    return std::max(0.0, 1 - product / std::sqrt(norms));
  }

  // A max-heap of k: what is nearer, or as near and ahead, takes the place of its top.
  void offer(std::int64_t q, const Neighbour& one) {
    std::vector<Neighbour>& list = lists_[static_cast<std::size_t>(q)];
    if (list.size() == k_) {
      if (!(one < list.front())) return;
      std::pop_heap(list.begin(), list.end());
      list.pop_back();
    }
    list.push_back(one);
    std::push_heap(list.begin(), list.end());
  }

  template <class T>
  void look_at(const NearestNeighbours& items, std::int64_t q, std::int64_t first, std::int64_t n,
               std::int64_t base, const float* products) {
    constexpr std::int64_t kStep =
        16;  // bounds that are compared at once; most are above the limit
    const float* offsets = items.offsets_.data() + first;
    const float* slopes = items.slopes_.data() + first;
    const T* rows = items.items_.data<T>();
    float most = limit(q);
    const auto may_be_near = [&](std::int64_t j) {  // NaN may
      return !(offsets[j] + slopes[j] * products[j] > most);
    };
    const auto check = [&](std::int64_t j) {
      if (!may_be_near(j)) return;
      offer(q, neighbour(q, rows + (first + j) * width_, base + first + j));
      most = limit(q);
    };
    std::int64_t j = 0;
    for (; j + kStep <= n; j += kStep) {
      int near = 0;
      for (std::int64_t i = 0; i < kStep; ++i) near |= may_be_near(j + i) ? 1 : 0;
      for (std::int64_t i = 0; near != 0 && i < kStep; ++i) check(j + i);
    }
    for (; j < n; ++j) check(j);
  }

  std::size_t k_;
  Metric metric_;
  std::int64_t width_;
  Tensor numbers_, rows_;      // the queries in f32 and in f64
  std::vector<double> norms_;  // squared
  std::vector<std::vector<Neighbour>> lists_;
};

namespace {

Neighbours no_neighbours(const nn::Rows& queries, std::int64_t k) {
  return {Tensor(Shape{queries.count(), k}, DType::kI32),
          Tensor(Shape{queries.count(), k}, DType::kF64)};
}

// f(the place of the first, queries in memory) for some at a time.
template <class F>
void for_queries(const nn::Rows& queries, F&& f) {
  for (std::int64_t first = 0; first < queries.count(); first += kQueriesAtOnce) {
    f(first, queries.rows(first, std::min(first + kQueriesAtOnce, queries.count())));
  }
}

}  // namespace

NearestNeighbours::NearestNeighbours(const Tensor& items, Metric metric)
    : metric_(metric), items_(items) {
  if (items.shape().rank() != 2 || items.shape()[0] == 0) {
    throw Error(fmt::format("k_nearest: needs items [N, D]: got {}", to_string(items.shape())));
  }
  numbers_ = numbers_of(items);
  offsets_.resize(static_cast<std::size_t>(count()));
  slopes_.resize(offsets_.size());
  const double kept = 1 - rounding(width());
  visit(items_.dtype(), [&](auto zero) {
    const auto* rows = items_.data<decltype(zero)>();
    constexpr std::int64_t kGrain = 4096;
    parallel_ranges(count(), kGrain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double norm = squared_norm(rows + i * width(), width());
        const bool euclidean = metric_ == Metric::kEuclidean;
        const double slope = norm > 0 ? -1 / std::sqrt(norm) : 0;
        slopes_[at] = euclidean ? -2 : static_cast<float>(slope);
        offsets_[at] = euclidean ? static_cast<float>(norm * kept) : 0;
        if (!(norm < kLargest)) offsets_[at] = std::numeric_limits<float>::quiet_NaN();
      }
    });
  });
}

Neighbours NearestNeighbours::find(const nn::Rows& queries, std::int64_t k) const {
  check_search(queries.shape(), items_.shape(), k);
  Neighbours found = no_neighbours(queries, k);
  for_queries(queries, [&](std::int64_t first, const Tensor& some) {
    NeighbourLists lists(some, k, metric_);
    lists.search(*this, 0);
    lists.write(first, found);
  });
  return found;
}

Neighbours k_nearest(const nn::Rows& queries, const nn::Rows& items, std::int64_t k,
                     Metric metric) {
  check_search(queries.shape(), items.shape(), k);
  std::vector<NeighbourLists> lists;
  for_queries(queries,
              [&](std::int64_t, const Tensor& some) { lists.emplace_back(some, k, metric); });
  nn::for_chunks(items, [&](const Tensor& part, std::int64_t base) {
    const NearestNeighbours some(part, metric);
    for (NeighbourLists& each : lists) each.search(some, base);
  });
  Neighbours found = no_neighbours(queries, k);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    lists[i].write(static_cast<std::int64_t>(i) * kQueriesAtOnce, found);
  }
  return found;
}

double precision(const Neighbours& found, const Tensor& query_labels, const Tensor& item_labels) {
  const Shape& shape = found.indices.shape();
  if (query_labels.shape() != Shape{shape[0]}) {
    throw Error(fmt::format("precision: needs a label a query: neighbours={}, labels={}",
                            to_string(shape), to_string(query_labels.shape())));
  }
  double right = 0;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    const std::int32_t item = found.indices.data<std::int32_t>()[i];
    right += item >= 0 && item_labels.at(item) == query_labels.at(i / shape[1]) ? 1 : 0;
  }
  return right / static_cast<double>(shape.elements());
}

}  // namespace hourglass::ae
