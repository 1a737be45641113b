// Pairs of cheap lanes of which the second is dearer than those of lane_chain.cc, and sums of two
// products, in one pass. Each lane rounds as it would alone, so the bits are those of the lanes one
// after the other.

#include "tensor/kernels/lanes/lane_families.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/lane_pairs.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Add {
  template <class V>
  static HWY_INLINE V of(V a, V b) {
    return hn::Add(a, b);
  }
};
struct Subtract {
  template <class V>
  static HWY_INLINE V of(V a, V b) {
    return hn::Sub(a, b);
  }
};
struct Multiply {
  template <class V>
  static HWY_INLINE V of(V a, V b) {
    return hn::Mul(a, b);
  }
};
struct Divide {
  template <class V>
  static HWY_INLINE V of(V a, V b) {
    return hn::Div(a, b);
  }
};
struct DivideInto {
  template <class V>
  static HWY_INLINE V of(V a, V b) {
    return hn::Div(b, a);
  }
};
struct Sqrt {
  template <class V>
  static HWY_INLINE V of(V a) {
    return hn::Sqrt(a);
  }
};
struct Square {
  template <class V>
  static HWY_INLINE V of(V a) {
    return hn::Mul(a, a);
  }
};
struct Relu {
  template <class V>
  static HWY_INLINE V of(V a) {
    const hn::DFromV<V> d;
    return hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Zero(d), a);
  }
};

// second(first(a, b), c)
template <class First, class Second>
struct Pair {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b, V c) {
    (void)d;
    return Second::of(First::of(a, b), c);
  }
};

// second(first(a, b))
template <class First, class Second>
struct Then {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b) {
    (void)d;
    return Second::of(First::of(a, b));
  }
};

// join(a b, c e)
template <class Join>
struct Products {
  template <class D, class V>
  static HWY_INLINE V call(D d, V a, V b, V c, V e) {
    (void)d;
    return Join::of(hn::Mul(a, b), hn::Mul(c, e));
  }
};

template <class First>
LaneFunction find_second(Lane second, bool swapped, DType dtype) {
  switch (second) {
    case Lane::kDivide:
      return swapped ? lane_of<Pair<First, DivideInto>, 3>(dtype)
                     : lane_of<Pair<First, Divide>, 3>(dtype);
    case Lane::kSqrt:
      return lane_of<Then<First, Sqrt>, 2>(dtype);
    case Lane::kSquare:
      return lane_of<Then<First, Square>, 2>(dtype);
    case Lane::kRelu:
      return lane_of<Then<First, Relu>, 2>(dtype);
    default:
      return nullptr;
  }
}

LaneFunction find_pair(Lane first, Lane second, bool swapped, DType dtype) {
  switch (first) {
    case Lane::kAdd:
      return find_second<Add>(second, swapped, dtype);
    case Lane::kSubtract:
      return find_second<Subtract>(second, swapped, dtype);
    case Lane::kMultiply:
      return find_second<Multiply>(second, swapped, dtype);
    default:
      return nullptr;
  }
}

LaneFunction find_products(Lane join, DType dtype) {
  if (join == Lane::kAdd) return lane_of<Products<Add>, 4>(dtype);
  if (join == Lane::kSubtract) return lane_of<Products<Subtract>, 4>(dtype);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_pair);
HWY_EXPORT(find_products);

LaneFunction lane_pair(Lane first, Lane second, bool swapped, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_pair)(first, second, swapped, dtype);
}
LaneFunction lane_products(Lane join, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_products)(join, dtype);
}

}  // namespace hourglass::kernels
#endif
