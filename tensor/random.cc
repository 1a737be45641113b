#include "tensor/random.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass {
namespace {

constexpr std::int64_t kGrain = std::int64_t{1} << 14;  // elements that a thread takes at a time

// offset + scale z, for z drawn in f64.
template <class T>
void scaled(kernels::DrawFunction draw, const kernels::RandomStream& random, double offset,
            double scale, Tensor& y) {
  T* numbers = y.data<T>();
  parallel_ranges(y.elements(), kGrain, [&](std::int64_t first, std::int64_t last) {
    std::array<double, 256> z;
    while (first < last) {
      const std::int64_t count = std::min(last - first, static_cast<std::int64_t>(z.size()));
      draw(DType::kF64, random, first, z.data(), count);
      for (std::int64_t i = 0; i < count; ++i) {
        numbers[first + i] = static_cast<T>(offset + scale * z[static_cast<std::size_t>(i)]);
      }
      first += count;
    }
  });
}

Tensor draw_scaled(const char* who, kernels::DrawFunction draw, const kernels::RandomStream& random,
                   const Shape& shape, double offset, double scale, DType dtype) {
  if (!is_real(dtype)) {
    throw Error(fmt::format("{}: draws are f32 or f64: got {}", who, name_of(dtype)));
  }
  Tensor y = Tensor::uninitialized(shape, dtype);
  if (dtype == DType::kF32) {
    scaled<float>(draw, random, offset, scale, y);
  } else {
    scaled<double>(draw, random, offset, scale, y);
  }
  return y;
}

// The words of a stream, one after the other.
class WordReader {
 public:
  explicit WordReader(const kernels::RandomStream& random) : random_(random) {}

  std::uint32_t next() {
    if (place_ == words_.size()) {
      kernels::philox_words(random_, first_, words_.data(),
                            static_cast<std::int64_t>(words_.size()));
      first_ += static_cast<std::int64_t>(words_.size());
      place_ = 0;
    }
    return words_[place_++];
  }

  // Each of 0 to limit - 1 is as likely as the others.
  std::uint32_t below(std::uint32_t limit) {
    std::uint64_t product = std::uint64_t{next()} * limit;
    if (static_cast<std::uint32_t>(product) < limit) {
      const std::uint32_t passed_over = (0u - limit) % limit;  // 2^32 mod limit
      while (static_cast<std::uint32_t>(product) < passed_over) {
        product = std::uint64_t{next()} * limit;
      }
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  kernels::RandomStream random_;
  std::int64_t first_ = 0;
  std::array<std::uint32_t, 1024> words_;
  std::size_t place_ = words_.size();
};

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 0x811C9DC5;
  for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193;
  return hash;
}

}  // namespace

Stream::Stream(std::string name) : name_(std::move(name)), number_(fnv1a(name_)) {}

Key key_of(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

Tensor uniform(Key key, const Stream& stream, std::uint32_t step, const Shape& shape, double low,
               double high, DType dtype) {
  if (!(low <= high) || !std::isfinite(high - low)) {
    throw Error(fmt::format("uniform: needs finite low <= high: {} vs {}", low, high));
  }
  return draw_scaled("uniform", kernels::random_uniform, {key.low, key.high, step, stream.number()},
                     shape, low, high - low, dtype);
}

Tensor normal(Key key, const Stream& stream, std::uint32_t step, const Shape& shape, double mean,
              double stddev, DType dtype) {
  if (!std::isfinite(mean) || !std::isfinite(stddev) || stddev < 0) {
    throw Error(fmt::format("normal: needs a finite mean and stddev >= 0: mean {}, stddev {}", mean,
                            stddev));
  }
  return draw_scaled("normal", kernels::random_normal, {key.low, key.high, step, stream.number()},
                     shape, mean, stddev, dtype);
}

std::vector<std::int32_t> permutation(Key key, const Stream& stream, std::uint32_t step,
                                      std::int64_t n) {
  if (n < 0 || n > std::numeric_limits<std::int32_t>::max()) {
    throw Error(fmt::format("permutation: size out of range: {}: expected 0 to 2^31 - 1", n));
  }
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  WordReader words({key.low, key.high, step, stream.number()});
  for (auto places = static_cast<std::uint32_t>(n); places > 1; --places) {
    std::swap(order[places - 1], order[words.below(places)]);
  }
  return order;
}

}  // namespace hourglass
