// Chains of cheap lanes in one pass: what lies between stays in registers, in groups of vectors, so
// that deciding what a link does costs little beside doing it. Each operation rounds as its lane
// would alone, so a chain has the bits of its lanes one after the other.

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

// Vectors in a group: two registers of so many, and what is loaded, fill half of those there are.
constexpr std::size_t kGroup = HWY_TARGET <= HWY_AVX3 ? 8 : 4;

template <class T>
using VectorOf = hn::Vec<hn::ScalableTag<T>>;

template <ChainOp op, class V>
HWY_INLINE V join(V x, [[maybe_unused]] V operand) {
  const hn::DFromV<V> d;
  if constexpr (op == ChainOp::kLoad) {
    return operand;
  } else if constexpr (op == ChainOp::kAdd) {
    return hn::Add(x, operand);
  } else if constexpr (op == ChainOp::kSubtract) {
    return hn::Sub(x, operand);
  } else if constexpr (op == ChainOp::kSubtractFrom) {
    return hn::Sub(operand, x);
  } else if constexpr (op == ChainOp::kMultiply) {
    return hn::Mul(x, operand);
  } else if constexpr (op == ChainOp::kDivide) {
    return hn::Div(x, operand);
  } else if constexpr (op == ChainOp::kDivideInto) {
    return hn::Div(operand, x);
  } else if constexpr (op == ChainOp::kSqrt) {
    return hn::Sqrt(x);
  } else if constexpr (op == ChainOp::kSquare) {
    return hn::Mul(x, x);
  } else {
    return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
  }
}

// A group of vectors [u...] of elements from `first` on, and the links that run over it. Its members
// unroll by sequences in place of loops: what a loop has indexed does not stay in registers.
template <class T, std::size_t... u>
struct Group {
  using V = VectorOf<T>;
  static constexpr std::size_t kCount = sizeof...(u);

  const void* const* inputs;
  std::size_t first;
  V main[kCount], aside[kCount];

  template <ChainOp op>
  HWY_INLINE void apply(const ChainLink& link, V (&to)[kCount]) {
    const hn::ScalableTag<T> d;
    const T* const x = static_cast<const T*>(inputs[link.operand]);
    if (link.source == ChainSource::kArray) {
      ((to[u] = join<op>(to[u], hn::LoadU(d, x + first + u * hn::Lanes(d)))), ...);
    } else if (link.source == ChainSource::kScalar) {
      const V everywhere = hn::Set(d, *x);
      ((to[u] = join<op>(to[u], everywhere)), ...);
    } else {  // aside, or nothing that is looked at
      ((to[u] = join<op>(to[u], aside[u])), ...);
    }
  }

  template <ChainOp op>
  HWY_INLINE void apply(const ChainLink& link) {
    link.aside ? apply<op>(link, aside) : apply<op>(link, main);
  }

  HWY_INLINE void run(std::span<const ChainLink> links, T* y) {
    const hn::ScalableTag<T> d;
    ((main[u] = aside[u] = hn::Zero(d)), ...);
    for (const ChainLink& link : links) {
      switch (link.op) {
        case ChainOp::kLoad:
          apply<ChainOp::kLoad>(link);
          break;
        case ChainOp::kAdd:
          apply<ChainOp::kAdd>(link);
          break;
        case ChainOp::kSubtract:
          apply<ChainOp::kSubtract>(link);
          break;
        case ChainOp::kSubtractFrom:
          apply<ChainOp::kSubtractFrom>(link);
          break;
        case ChainOp::kMultiply:
          apply<ChainOp::kMultiply>(link);
          break;
        case ChainOp::kDivide:
          apply<ChainOp::kDivide>(link);
          break;
        case ChainOp::kDivideInto:
          apply<ChainOp::kDivideInto>(link);
          break;
        case ChainOp::kSqrt:
          apply<ChainOp::kSqrt>(link);
          break;
        case ChainOp::kSquare:
          apply<ChainOp::kSquare>(link);
          break;
        case ChainOp::kRelu:
          apply<ChainOp::kRelu>(link);
          break;
      }
    }
    (hn::StoreU(main[u], d, y + first + u * hn::Lanes(d)), ...);
  }
};

template <class T, std::size_t... u>
HWY_INLINE std::size_t run_groups(std::span<const ChainLink> links, const void* const* inputs, T* y,
                                  std::size_t first, std::size_t n, std::index_sequence<u...>) {
  const std::size_t step = sizeof...(u) * hn::Lanes(hn::ScalableTag<T>());
  for (; first + step <= n; first += step) {
    Group<T, u...> group;
    group.inputs = inputs;
    group.first = first;
    group.run(links, y);
  }
  return first;
}

// The elements from `done` to n, fewer than a vector has, through buffers and the same code.
template <class T>
void run_rest(std::span<const ChainLink> links, const void* const* inputs, T* y, std::size_t done,
              std::size_t n) {
  const hn::ScalableTag<T> d;
  HWY_ALIGN T buffers[kMostChainInputs + 1][HWY_MAX_BYTES / sizeof(T)];
  const void* from[kMostChainInputs];
  for (const ChainLink& link : links) {
    const std::size_t k = link.operand;
    if (link.source == ChainSource::kScalar) from[k] = inputs[k];
    if (link.source != ChainSource::kArray) continue;
    hn::Store(load_first(d, static_cast<const T*>(inputs[k]) + done, n - done), d, buffers[k]);
    from[k] = buffers[k];
  }
  T* const result = buffers[kMostChainInputs];
  run_groups(links, from, result, 0, hn::Lanes(d), std::make_index_sequence<1>());
  store_first(d, hn::Load(d, result), n - done, y + done);
}

template <class T>
void run_chain(std::span<const ChainLink> links, const void* const* inputs, void* y,
               std::size_t n) {
  T* const to = static_cast<T*>(y);
  std::size_t done = run_groups(links, inputs, to, 0, n, std::make_index_sequence<kGroup>());
  done = run_groups(links, inputs, to, done, n, std::make_index_sequence<1>());
  if (done < n) run_rest(links, inputs, to, done, n);
}

ChainFunction find_chain(DType dtype) {
  if (dtype == DType::kF32) return &run_chain<float>;
  if (dtype == DType::kF64) return &run_chain<double>;
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_chain);
ChainFunction lane_chain(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_chain)(dtype); }

}  // namespace hourglass::kernels
#endif
