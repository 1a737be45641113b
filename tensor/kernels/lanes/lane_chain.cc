// Chains of cheap lanes in one pass: what lies between stays in registers, in groups of vectors, so
// that deciding what a link does costs little beside doing it. Each operation rounds as its lane
// would alone, so a chain has the bits of its lanes one after the other.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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

// Vectors in a group: three registers of so many, and what is loaded, fill those there are.
constexpr std::size_t kGroup = HWY_TARGET <= HWY_AVX3 ? 8 : 4;

// What every hidden layer of ReLUs begins with.
constexpr std::array<ChainLink, 3> kBiasAndRelu = {
    {{.op = ChainOp::kLoad},
     {.op = ChainOp::kAdd, .operand = 1},
     {.op = ChainOp::kRelu, .source = ChainSource::kNone}}};

// What a link does, as one number.
constexpr unsigned code_of(const ChainLink& link) {
  return (static_cast<unsigned>(link.source) * 16 + static_cast<unsigned>(link.op)) * 2 +
         link.aside;
}

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

// How a vector is read and written: whole, or its first lanes alone.
template <class T>
struct Whole {
  HWY_INLINE VectorOf<T> load(const T* x) const { return hn::LoadU(hn::ScalableTag<T>(), x); }
  HWY_INLINE void store(VectorOf<T> v, T* y) const { hn::StoreU(v, hn::ScalableTag<T>(), y); }
};
template <class T>
struct First {
  std::int64_t count;

  HWY_INLINE VectorOf<T> load(const T* x) const {
    return load_first(hn::ScalableTag<T>(), x, count);
  }
  HWY_INLINE void store(VectorOf<T> v, T* y) const {
    store_first(hn::ScalableTag<T>(), v, count, y);
  }
};

// A group of vectors [u...] of elements from `first` on, and the links that run over it. Its members
// unroll by sequences in place of loops: what a loop has indexed does not stay in registers.
template <class T, bool kKeeps, class Lanes, std::size_t... u>
struct Group {
  using V = VectorOf<T>;
  static constexpr std::size_t kCount = sizeof...(u);

  const void* const* inputs;
  std::size_t first;
  std::size_t kept;  // with kKeeps the array that `keep` holds, loaded once for all links
  Lanes lanes;
  V main[kCount], aside[kCount], keep[kKeeps ? kCount : 1];  // not filled ahead of the links

  HWY_INLINE Group(const void* const* inputs_of_it, std::size_t first_of_it, std::size_t kept_of_it,
                   Lanes lanes_of_it)
      : inputs(inputs_of_it), first(first_of_it), kept(kept_of_it), lanes(lanes_of_it) {}

  HWY_INLINE V load(const T* x, std::size_t v) const {
    return lanes.load(x + first + v * hn::Lanes(hn::ScalableTag<T>()));
  }

  template <ChainOp op, ChainSource source>
  HWY_INLINE void apply(const ChainLink& link, V (&to)[kCount]) {
    const T* const x = static_cast<const T*>(inputs[link.operand]);
    if constexpr (source == ChainSource::kKept && kKeeps) {
      ((to[u] = join<op>(to[u], keep[u])), ...);
    } else if constexpr (source == ChainSource::kArray || source == ChainSource::kKept) {
      ((to[u] = join<op>(to[u], load(x, u))), ...);
    } else if constexpr (source == ChainSource::kScalar) {
      const V everywhere = hn::Set(hn::ScalableTag<T>(), *x);
      ((to[u] = join<op>(to[u], everywhere)), ...);
    } else {  // aside, or nothing that is looked at
      ((to[u] = join<op>(to[u], aside[u])), ...);
    }
  }

  // One jump a link: a few branches more, each to another place, take as long as what it computes.
  HWY_INLINE void apply(const ChainLink& link) {
#define HOURGLASS_LINK(op, source)                              \
  case code_of({ChainOp::op, ChainSource::source, false}):      \
    return apply<ChainOp::op, ChainSource::source>(link, main); \
  case code_of({ChainOp::op, ChainSource::source, true}):       \
    return apply<ChainOp::op, ChainSource::source>(link, aside)
#define HOURGLASS_LINKS(op)    \
  HOURGLASS_LINK(op, kArray);  \
  HOURGLASS_LINK(op, kKept);   \
  HOURGLASS_LINK(op, kScalar); \
  HOURGLASS_LINK(op, kAside)
    switch (code_of(link)) {
      HOURGLASS_LINKS(kLoad);
      HOURGLASS_LINKS(kAdd);
      HOURGLASS_LINKS(kSubtract);
      HOURGLASS_LINKS(kSubtractFrom);
      HOURGLASS_LINKS(kMultiply);
      HOURGLASS_LINKS(kDivide);
      HOURGLASS_LINKS(kDivideInto);
      HOURGLASS_LINK(kSqrt, kNone);
      HOURGLASS_LINK(kSquare, kNone);
      HOURGLASS_LINK(kRelu, kNone);
    }
#undef HOURGLASS_LINKS
#undef HOURGLASS_LINK
  }

  HWY_INLINE void run(std::span<const ChainLink> links, T* y) {
    const hn::ScalableTag<T> d;
    if constexpr (kKeeps) ((keep[u] = load(static_cast<const T*>(inputs[kept]), u)), ...);
    for (const ChainLink& link : links) apply(link);
    (lanes.store(main[u], y + first + u * hn::Lanes(d)), ...);
  }
};

// Groups of so many vectors from `first` on, as many as there are; where the next one would begin.
template <bool kKeeps, class T, std::size_t... u>
HWY_INLINE std::size_t run_groups(std::span<const ChainLink> links, const void* const* inputs, T* y,
                                  std::size_t first, std::size_t n, std::size_t kept,
                                  std::index_sequence<u...>) {
  const std::size_t step = sizeof...(u) * hn::Lanes(hn::ScalableTag<T>());
  for (; first + step <= n; first += step) {
    Group<T, kKeeps, Whole<T>, u...>(inputs, first, kept, {}).run(links, y);
  }
  return first;
}

// How many of n elements lie ahead of the first whole vector's place in y, of many alone: a store
// that lies in two lines of a cache takes twice as long, and rows begin where they will.
template <class T>
HWY_INLINE std::size_t ahead_of_vectors(const T* y, std::size_t n) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(y) / sizeof(T) % lanes;
  return beyond == 0 || n < 8 * lanes ? 0 : lanes - beyond;
}

// Rows begin and end where they will: what lies ahead of y's first whole vector is part of one, and
// what is left is half a group, single vectors and part of one.
template <class T>
void run_chain(const LaneChain& chain, const void* const* inputs, void* y, std::size_t n) {
  T* const to = static_cast<T*>(y);
  const std::span<const ChainLink> links = chain.links;
  const std::size_t kept = chain.kept;
  constexpr auto all = std::make_index_sequence<kGroup>();
  constexpr auto half = std::make_index_sequence<kGroup / 2>();
  constexpr auto one = std::make_index_sequence<1>();
  const auto part = [&](std::size_t first, std::size_t count) {
    const First<T> lanes{static_cast<std::int64_t>(count)};
    Group<T, false, First<T>, 0>(inputs, first, kept, lanes).run(links, to);
  };
  std::size_t done = ahead_of_vectors(to, n);
  if (done != 0) part(0, done);
  done = kept == kMostChainInputs ? run_groups<false>(links, inputs, to, done, n, kept, all)
                                  : run_groups<true>(links, inputs, to, done, n, kept, all);
  done = run_groups<false>(links, inputs, to, done, n, kept, half);
  done = run_groups<false>(links, inputs, to, done, n, kept, one);
  if (done != n) part(done, n - done);
}

// A chain that is known when this is compiled, so that nothing is decided as it runs.
template <class T, const auto& links, class Lanes>
struct Known {
  using V = VectorOf<T>;

  const void* const* inputs;
  std::size_t first;
  Lanes lanes;

  template <std::size_t i>
  HWY_INLINE void apply(V& main, V& aside) const {
    constexpr ChainLink link = links[i];
    const T* const x = static_cast<const T*>(inputs[link.operand]);
    V operand = aside;
    if constexpr (link.source == ChainSource::kArray) operand = lanes.load(x + first);
    if constexpr (link.source == ChainSource::kScalar) operand = hn::Set(hn::DFromV<V>(), *x);
    V& to = link.aside ? aside : main;
    to = join<link.op>(to, operand);
  }

  template <std::size_t... i>
  HWY_INLINE V number(std::index_sequence<i...>) const {
    V main = hn::Zero(hn::ScalableTag<T>()), aside = main;
    (apply<i>(main, aside), ...);
    return main;
  }
};

template <class T, const auto& links>
void run_known(const LaneChain&, const void* const* inputs, void* y, std::size_t n) {
  constexpr auto all = std::make_index_sequence<links.size()>();
  constexpr std::size_t arrays = std::ranges::max(links, {}, &ChainLink::operand).operand + 1U;
  const void* from[arrays];  // not read again after each store, which might have changed them
  std::copy_n(inputs, arrays, from);
  T* const to = static_cast<T*>(y);
  const std::size_t step = hn::Lanes(hn::ScalableTag<T>());
  const auto part = [&](std::size_t first, std::size_t count) {
    const First<T> lanes{static_cast<std::int64_t>(count)};
    lanes.store(Known<T, links, First<T>>{from, first, lanes}.number(all), to + first);
  };
  std::size_t i = ahead_of_vectors(to, n);
  if (i != 0) part(0, i);
  for (const Whole<T> whole; i + step <= n; i += step) {
    whole.store(Known<T, links, Whole<T>>{from, i, whole}.number(all), to + i);
  }
  if (i != n) part(i, n - i);
}

template <class T>
ChainFunction find_chain_of(std::span<const ChainLink> links) {
  if (std::ranges::equal(links, kBiasAndRelu)) return &run_known<T, kBiasAndRelu>;
  return &run_chain<T>;
}

ChainFunction find_chain(DType dtype, std::span<const ChainLink> links) {
  if (dtype == DType::kF32) return find_chain_of<float>(links);
  if (dtype == DType::kF64) return find_chain_of<double>(links);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

// Loads are what a chain of few operations waits for.
LaneChain::LaneChain(std::vector<ChainLink> links_of_it) : links(std::move(links_of_it)) {
  std::array<int, kMostChainInputs> reads = {};
  for (const ChainLink& link : links) {
    if (link.source == ChainSource::kArray) ++reads[link.operand];
  }
  const auto most = std::max_element(reads.begin(), reads.end());
  if (*most < 2) return;
  kept = static_cast<std::size_t>(most - reads.begin());
  for (ChainLink& link : links) {
    if (link.source == ChainSource::kArray && link.operand == kept)
      link.source = ChainSource::kKept;
  }
}

HWY_EXPORT(find_chain);
ChainFunction lane_chain(DType dtype, std::span<const ChainLink> links) {
  return HWY_DYNAMIC_DISPATCH(find_chain)(dtype, links);
}

}  // namespace hourglass::kernels
#endif
