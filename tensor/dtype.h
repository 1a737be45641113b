#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hourglass {

// The element type of a tensor, a run-time value: the same binary trains in f32 and checks
// gradients in f64. i32 is for indices, steps and random keys; u8 for stored images.
enum class DType : std::uint8_t { kF32, kF64, kI32, kU8 };

std::size_t size_of(DType dtype);       // bytes an element
std::string_view name_of(DType dtype);  // "f32", "f64", "i32", "u8"

constexpr bool is_real(DType dtype) { return dtype == DType::kF32 || dtype == DType::kF64; }

template <class T>
constexpr DType dtype_of() {
  using U = std::remove_const_t<T>;
  if constexpr (std::is_same_v<U, float>) {
    return DType::kF32;
  } else if constexpr (std::is_same_v<U, double>) {
    return DType::kF64;
  } else if constexpr (std::is_same_v<U, std::int32_t>) {
    return DType::kI32;
  } else {
    static_assert(std::is_same_v<U, std::uint8_t>, "tensors hold f32, f64, i32 or u8");
    return DType::kU8;
  }
}

// Calls f with a zero of the dtype's C++ type: visit(dtype, [&](auto zero) { using T =
// decltype(zero); }).
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kF32:
      return std::forward<F>(f)(float{});
    case DType::kF64:
      return std::forward<F>(f)(double{});
    case DType::kI32:
      return std::forward<F>(f)(std::int32_t{});
    case DType::kU8:
      break;
  }
  return std::forward<F>(f)(std::uint8_t{});
}

// The same of f32 and f64 alone: for any other dtype f is called with a double.
template <class F>
decltype(auto) visit_real(DType dtype, F&& f) {
  return dtype == DType::kF32 ? std::forward<F>(f)(float{}) : std::forward<F>(f)(double{});
}

}  // namespace hourglass
