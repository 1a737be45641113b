#include "autograd/certificate/sample.h"

#include <algorithm>
#include <cmath>

#include "autograd/check/random.h"

namespace hourglass::check {
namespace {

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
    numbers.push_back(std::round(x / Random::kGrid) * Random::kGrid);
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
