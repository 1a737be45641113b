#pragma once

#include <cstdint>
#include <vector>

#include "nn/data/rows.h"
#include "tensor/enum_names.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// How far two rows are from one another.
enum class Metric : std::uint8_t {
  kEuclidean,
  kCosine  // 1 - the cosine of the angle between them; 1 where one of them is all zeros
};
const EnumNames<Metric>& names_of(Metric);  // "euclid", "cosine"
using hourglass::name_of;

// Of each of M queries k items, the nearest first, of equally near ones the one that comes first.
struct Neighbours {
  Tensor indices;    // i32 [M, k]: places among the items
  Tensor distances;  // f64 [M, k]
};

// The k items [N, D] nearest to each query [M, D], exactly: candidates are found by products of f32,
// with a bound of their rounding, and their distances taken anew in f64, so that a copy has distance
// 0; one that is not a number counts as infinite. u8 counts as pixels / 255; rows may be of any dtype,
// and the items more than fit in memory. The bits do not depend on threads(). Throws Error unless both have rows of one width and 1 <= k <= N.
Neighbours k_nearest(const nn::Rows& queries, const nn::Rows& items, std::int64_t k,
                     Metric metric = Metric::kEuclidean);

// The mean over queries of the share of their neighbours that have the query's class: labels i32 [M] and
// [N]; what a query lacks (index -1) counts as of another class. Throws Error unless there is a label
// a query and one for every neighbour.
double precision(const Neighbours& found, const Tensor& query_labels, const Tensor& item_labels);

// k_nearest among items in memory that are searched again and again: their norms are taken once.
class NearestNeighbours {
 public:
  // Items [N, D] of any dtype, shared. Throws Error without rows.
  explicit NearestNeighbours(const Tensor& items, Metric metric = Metric::kEuclidean);

  Neighbours find(const nn::Rows& queries, std::int64_t k) const;  // as k_nearest

  std::int64_t count() const { return items_.shape()[0]; }
  std::int64_t width() const { return items_.shape()[1]; }

 private:
  Metric metric_;
  Tensor items_;    // as they were given
  Tensor numbers_;  // the same in f32
  // A lower bound of an item's distance, up to what is the query's own, is offset + slope times the
  // product of both.
  std::vector<float> offsets_, slopes_;

  friend class NeighbourLists;
};

}  // namespace hourglass::ae
