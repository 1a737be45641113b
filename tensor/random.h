#pragma once

// Draws on the host: initialisers, shuffling, built-in data. The same numbers as the random ops
// draw in a graph, from the same Philox streams (kernels.h).

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass {

// What a seed becomes: the two words of a Philox key.
struct Key {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  bool operator==(const Key&) const = default;
};

Key key_of(std::uint64_t seed);

// Which of a key's 2^32 streams of numbers a draw takes: a name, of which the 32 bits of its FNV-1a
// hash reach the counter. Equal names are one stream.
class Stream {
 public:
  Stream(std::string name);
  Stream(std::string_view name) : Stream(std::string(name)) {}
  Stream(const char* name) : Stream(std::string(name)) {}
  // A name that has had a number from before there were names, or one of streams that are counted.
  Stream(std::string name, std::uint32_t number) : name_(std::move(name)), number_(number) {}
  template <std::integral T>
  Stream(T) = delete;  // nobody chooses numbers

  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }

 private:
  std::string name_;
  std::uint32_t number_;
};

// Element i, row-major, is a function of (key, stream, step, i) and the two numbers alone. The
// arithmetic on a draw is that of f64; f32 tensors hold the f64 numbers, rounded. Both throw Error
// on a dtype other than f32 and f64, and unless low <= high and stddev >= 0, all finite.
//
// low + (high - low) u with u in (0, 1); rounding may reach either end.
Tensor uniform(Key key, const Stream& stream, std::uint32_t step, const Shape& shape,
               double low = 0, double high = 1, DType dtype = DType::kF32);
// mean + stddev z with z standard normal, |z| <= 5.77.
Tensor normal(Key key, const Stream& stream, std::uint32_t step, const Shape& shape,
              double mean = 0, double stddev = 1, DType dtype = DType::kF32);

// The numbers 0 to n - 1 in random order, every order as likely as the words of the stream allow:
// Fisher and Yates's exchanges from the last place down, each of a number below m taken from the
// next word w as the high half of w m, words whose low half is below 2^32 mod m being passed over
// (Lemire, "Fast random integer generation in an interval", 2019). The same on every machine.
// Throws Error unless 0 <= n < 2^31.
std::vector<std::int32_t> permutation(Key key, const Stream& stream, std::uint32_t step,
                                      std::int64_t n);

}  // namespace hourglass
