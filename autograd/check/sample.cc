#include "autograd/check/sample.h"

#include <algorithm>
#include <cmath>

namespace hourglass::check {
namespace {

constexpr double kGrid = 1.0 / 4096;
constexpr double kDistance = 1.0 / 32;

// As many different numbers as the distinct arguments have elements, evenly spaced over the first
// one's range, in random order.
std::vector<double> distinct_numbers(const std::vector<Argument>& arguments, Random& random) {
  std::int64_t count = 0;
  const Argument* first = nullptr;
  for (const Argument& argument : arguments) {
    if (!argument.distinct) continue;
    if (first == nullptr) first = &argument;
    count += argument.shape.elements();
  }
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < count; ++i) {
    const double part = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const double x = first->low + part * (first->high - first->low);
    numbers.push_back(std::round(x / kGrid) * kGrid);
  }
  random.shuffle(numbers);
  return numbers;
}

double smooth_sample(const Argument& argument, Random& random) {
  while (true) {
    const double x = random.grid(argument.low, argument.high);
    const bool near = std::any_of(argument.kinks.begin(), argument.kinks.end(),
                                  [x](double kink) { return std::abs(x - kink) < kDistance; });
    if (!near) return x;
  }
}

}  // namespace

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

std::vector<Tensor> sample(const std::vector<Argument>& arguments, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> distinct = distinct_numbers(arguments, random);
  std::vector<Tensor> result;
  for (const Argument& argument : arguments) {
    std::vector<double> values = argument.values;
    while (static_cast<std::int64_t>(values.size()) < argument.shape.elements()) {
      if (argument.distinct) {
        values.push_back(distinct.back());
        distinct.pop_back();
      } else if (argument.indices) {
        values.push_back(std::floor(random.grid(argument.low, argument.high)));
      } else {
        values.push_back(smooth_sample(argument, random));
      }
    }
    const Tensor numbers = Tensor::from(values, argument.shape);
    result.push_back(argument.indices ? numbers.cast(DType::kI32) : numbers);
  }
  return result;
}

}  // namespace hourglass::check
