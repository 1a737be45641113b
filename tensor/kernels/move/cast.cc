// Conversions. The loops are plain C++, which the compiler vectorises once a target; a conversion
// rounds (to nearest) or truncates exactly, so all targets give the same bits.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/move/cast.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

// Truncates and saturates; NaN gives 0. In selects instead of branches, so that the loop becomes
// vectors.
template <class To, class From>
HWY_INLINE To saturate(From x) {
  using Limits = std::numeric_limits<To>;
  if constexpr (std::is_floating_point_v<From>) {
    constexpr From low = static_cast<From>(Limits::min());
    constexpr From beyond = static_cast<From>(std::int64_t{Limits::max()} + 1);
    const bool inside = x > low && x < beyond;
    const To y = static_cast<To>(static_cast<std::int32_t>(inside ? x : From{0}));
    const To outside = x >= beyond ? Limits::max() : x <= low ? Limits::min() : To{0};
    return inside ? y : outside;
  } else {
    constexpr From low{Limits::min()}, high{Limits::max()};
    return static_cast<To>(x < low ? low : x > high ? high : x);
  }
}

template <class From, class To>
void convert(const void* from, void* to, std::int64_t n) {
  const From* HWY_RESTRICT x = static_cast<const From*>(from);
  To* HWY_RESTRICT y = static_cast<To*>(to);
  // To a real number or a wider integer every value converts; the others saturate.
  constexpr bool all_convert =
      std::is_floating_point_v<To> || (std::is_integral_v<From> && sizeof(From) < sizeof(To));
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (all_convert) {
      y[i] = static_cast<To>(x[i]);
    } else {
      y[i] = saturate<To>(x[i]);
    }
  }
}

using Convert = void (*)(const void* x, void* y, std::int64_t n);

template <class From>
Convert convert_to(DType to) {
  switch (to) {
    case DType::kF32:
      return &convert<From, float>;
    case DType::kF64:
      return &convert<From, double>;
    case DType::kI32:
      return &convert<From, std::int32_t>;
    case DType::kU8:
      break;
  }
  return &convert<From, std::uint8_t>;
}

Convert find_convert(DType from, DType to) {
  switch (from) {
    case DType::kF32:
      return convert_to<float>(to);
    case DType::kF64:
      return convert_to<double>(to);
    case DType::kI32:
      return convert_to<std::int32_t>(to);
    case DType::kU8:
      break;
  }
  return convert_to<std::uint8_t>(to);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_convert);
void cast(DType from, DType to, const void* x, void* y, std::int64_t n) {
  constexpr std::int64_t grain = 1 << 15;
  const auto* bytes = static_cast<const std::byte*>(x);
  auto* out = static_cast<std::byte*>(y);
  const auto x_size = static_cast<std::int64_t>(size_of(from));
  const auto y_size = static_cast<std::int64_t>(size_of(to));
  const auto run = HWY_DYNAMIC_DISPATCH(find_convert)(from, to);
  parallel_ranges(n, grain, [&](std::int64_t first, std::int64_t last) {
    const std::byte* source = bytes + first * x_size;
    std::byte* target = out + first * y_size;
    if (from == to) {
      std::memmove(target, source, static_cast<std::size_t>((last - first) * x_size));
    } else {
      run(source, target, last - first);
    }
  });
}

}  // namespace hourglass::kernels
#endif
