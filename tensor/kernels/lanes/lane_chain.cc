// Chains of two or three of the cheapest lanes in one pass: what lies between stays in a register,
// and so does an operand that is the same for all elements. Each operation rounds as its lane would
// alone, so a chain has the bits of its lanes one after the other.

#include <array>
#include <cstddef>
#include <utility>

#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_chain.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

template <ChainOp op, class V>
HWY_INLINE V join(V x, V operand) {
  if constexpr (op == ChainOp::kAdd) {
    return hn::Add(x, operand);
  } else if constexpr (op == ChainOp::kSubtract) {
    return hn::Sub(x, operand);
  } else if constexpr (op == ChainOp::kSubtractFrom) {
    return hn::Sub(operand, x);
  } else {
    return hn::Mul(x, operand);
  }
}

// What an operation joins to the elements from i on: those of an array, or one for all.
template <class T>
struct Operand {
  using V = hn::Vec<hn::ScalableTag<T>>;

  HWY_INLINE Operand(const void* array, bool scalar)
      : array(static_cast<const T*>(array)),
        scalar(scalar),
        everywhere(hn::Set(hn::ScalableTag<T>(), scalar ? *this->array : T{0})) {}

  // The branch goes the same way throughout: unlike a load it costs next to nothing.
  HWY_INLINE V at(std::size_t i) const {
    if (scalar) return everywhere;
    return hn::LoadU(hn::ScalableTag<T>(), array + i);
  }

  const T* array;
  bool scalar;
  V everywhere;
};

// The elements from `done` to n, fewer than a vector has, through buffers and the same code.
template <class T>
void run_rest(ChainFunction chain, std::size_t operands, const void* const* inputs,
              unsigned scalars, void* y, std::size_t done, std::size_t n) {
  const hn::ScalableTag<T> d;
  HWY_ALIGN T buffers[kLongestChain + 1][HWY_MAX_BYTES / sizeof(T)];
  const void* from[kLongestChain + 1];
  for (std::size_t k = 0; k <= operands; ++k) {
    from[k] = inputs[k];
    if ((scalars >> k & 1) != 0) continue;
    hn::Store(load_first(d, static_cast<const T*>(inputs[k]) + done, n - done), d, buffers[k]);
    from[k] = buffers[k];
  }
  chain(from, scalars, buffers[0], hn::Lanes(d));
  store_first(d, hn::Load(d, buffers[0]), n - done, static_cast<T*>(y) + done);
}

template <class T, ChainOp... ops, std::size_t... k>
HWY_INLINE std::size_t run_vectors(const void* const* inputs, unsigned scalars, T* y, std::size_t n,
                                   std::index_sequence<k...>) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const T* const x = static_cast<const T*>(inputs[0]);
  std::size_t i = 0;
  const auto loop = [&](const auto&... operands) HWY_ATTR {
    for (; i + lanes <= n; i += lanes) {
      auto a = hn::LoadU(d, x + i);
      ((a = join<ops>(a, operands.at(i))), ...);
      hn::StoreU(a, d, y + i);
    }
  };
  loop(Operand<T>(inputs[k + 1], (scalars >> (k + 1) & 1) != 0)...);
  return i;
}

template <class T, ChainOp... ops>
void run_chain(const void* const* inputs, unsigned scalars, void* y, std::size_t n) {
  constexpr std::size_t operands = sizeof...(ops);
  const std::size_t done = run_vectors<T, ops...>(inputs, scalars, static_cast<T*>(y), n,
                                                  std::make_index_sequence<operands>());
  if (done < n) run_rest<T>(&run_chain<T, ops...>, operands, inputs, scalars, y, done, n);
}

// Every chain of two, and those with a product at the end, numbered by the two as digits.
constexpr std::size_t kOps = 4;
constexpr ChainOp first_of(std::size_t number) { return static_cast<ChainOp>(number / kOps); }
constexpr ChainOp second_of(std::size_t number) { return static_cast<ChainOp>(number % kOps); }

template <class T, ChainOp... then, std::size_t... i>
constexpr std::array<ChainFunction, sizeof...(i)> all_chains(std::index_sequence<i...>) {
  return {&run_chain<T, first_of(i), second_of(i), then...>...};
}

template <class T>
ChainFunction find(std::span<const ChainOp> ops) {
  constexpr std::make_index_sequence<kOps * kOps> pairs;
  static constexpr auto of_two = all_chains<T>(pairs);
  static constexpr auto of_three = all_chains<T, ChainOp::kMultiply>(pairs);
  if (ops.size() < 2 || ops.size() > kLongestChain) return nullptr;
  const std::size_t number =
      kOps * static_cast<std::size_t>(ops[0]) + static_cast<std::size_t>(ops[1]);
  if (ops.size() == 2) return of_two[number];
  return ops[2] == ChainOp::kMultiply ? of_three[number] : nullptr;
}

ChainFunction find_chain(std::span<const ChainOp> ops, DType dtype) {
  if (dtype == DType::kF32) return find<float>(ops);
  if (dtype == DType::kF64) return find<double>(ops);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_chain);
ChainFunction lane_chain(std::span<const ChainOp> ops, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_chain)(ops, dtype);
}

}  // namespace hourglass::kernels
#endif
