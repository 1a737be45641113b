#include "autograd/check/random.h"

#include <algorithm>
#include <cmath>

namespace hourglass::check {

std::int64_t Random::below(std::int64_t n) {
  return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
}

double Random::grid(double low, double high) {
  const auto first = static_cast<std::int64_t>(std::ceil(low / kGrid));
  const auto last = static_cast<std::int64_t>(std::ceil(high / kGrid));
  return static_cast<double>(first + below(std::max<std::int64_t>(last - first, 1))) * kGrid;
}

Tensor Random::signs(const Shape& shape) {
  Tensor result(shape, DType::kF64);
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    result.data<double>()[i] = below(2) == 0 ? -1 : 1;
  }
  return result;
}

Tensor Random::weights(const Shape& shape) {
  Tensor result = signs(shape);
  for (std::int64_t i = 0; i < shape.elements(); ++i) result.data<double>()[i] *= grid(0.5, 1.5);
  return result;
}

void Random::shuffle(std::vector<double>& values) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
  }
}

}  // namespace hourglass::check
