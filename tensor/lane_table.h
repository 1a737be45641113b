#pragma once

// The lanes: elementwise functions that are one loop over vectors (tensor/kernels/lanes has a
// struct of each), what each takes, and how accurate it is.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hourglass::kernels {

// The elementwise functions. A mask is 1 or 0 in the dtype of what it masks.
enum class Lane : std::uint8_t {
  kNone,
  // one input
  kExp,
  kExpm1,
  kLog,
  kLog1p,
  kSqrt,
  kRsqrt,
  kReciprocal,
  kTanh,
  kSigmoid,
  kSoftplus,
  kRelu,
  kAbs,
  kSign,
  kSquare,
  kNegate,
  kSin,
  kCos,
  kErf,
  kLgamma,
  kDigamma,
  kPolygamma,  // parameters: order
  kLeakyRelu,  // slope
  kElu,        // alpha
  kSelu,
  kSilu,
  kGelu,
  kGeluTanh,
  kSoftsign,
  kLogit,
  kClip,       // low, high
  kPowScalar,  // exponent
  // two inputs
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kMaximum,
  kMinimum,
  kPow,
  kXlogy,
  kLogisticLoss,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,  // masks: a == b, a != b, a < b, a <= b (greater swaps)
  kGate,       // a where b > 0, else 0
  // three inputs
  kWhere,  // mask, a, b: a where mask != 0, else b
  kCount
};

struct LaneInfo {
  std::string_view name;  // "tanh"
  int inputs = 0;         // 1, 2 or 3
  int parameters = 0;
  bool integers = false;  // also for i32
  double ulp_f32 = 0;     // the worst error against the exact function over the stated range
  double ulp_f64 = 0;
  std::string_view range;  // where that holds, and what happens outside: "all; |x| > 20 gives 1"
};

// In the order of Lane. ULP figures: the worst error that dense sweeps of the range show on any
// target, rounded up; the tests hold them.
inline constexpr auto kLaneInfos = std::to_array<LaneInfo>({
    // name, inputs, parameters, integers, ULP f32, ULP f64, range
    {"none", 0, 0, false, 0, 0, ""},
    {"exp", 1, 0, false, 1.2, 0.9, "all; overflow gives inf, underflow is gradual"},
    {"expm1", 1, 0, false, 1.7, 1.7, "all"},
    {"log", 1, 0, false, 0.9, 0.9, "all; 0 gives -inf, x < 0 NaN"},
    {"log1p", 1, 0, false, 1.5, 1.5, "all; -1 gives -inf, x < -1 NaN"},
    {"sqrt", 1, 0, false, 0.5, 0.5, "all; x < 0 gives NaN"},
    {"rsqrt", 1, 0, false, 1.5, 1.5, "all; 0 gives inf, x < 0 NaN"},
    {"reciprocal", 1, 0, false, 0.5, 0.5, "all"},
    {"tanh", 1, 0, false, 4.8, 1.4, "all"},
    {"sigmoid", 1, 0, false, 2.5, 1.8, "all, denormal results included"},
    {"softplus", 1, 0, false, 2.1, 1.8, "all, denormal results included"},
    {"relu", 1, 0, true, 0, 0, "all"},
    {"abs", 1, 0, true, 0, 0, "all; i32 wraps at the least"},
    {"sign", 1, 0, true, 0, 0, "all; 0, -0 and NaN stay"},
    {"square", 1, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"negate", 1, 0, true, 0, 0, "all; i32 wraps at the least"},
    {"sin", 1, 0, false, 1.6, 1.6, "all; inf gives NaN"},
    {"cos", 1, 0, false, 1.6, 1.6, "all; inf gives NaN"},
    {"erf", 1, 0, false, 1.3, 1.3, "all"},
    {"lgamma", 1, 0, false, 0.6, 6.5, "x >= 0; below, of its largest term; inf at 0, -1, -2, ..."},
    {"digamma", 1, 0, false, 0.6, 4, "x >= 0; below, of its largest term; NaN at -1, -2, ..."},
    {"polygamma", 1, 1, false, 0.6, 12, "x >= 0, orders 1 to 5; below, of its largest term"},
    {"leaky_relu", 1, 1, false, 0.5, 0.5, "all, for a slope exact in the dtype"},
    {"elu", 1, 1, false, 1.7, 1.7, "all, for an alpha exact in the dtype"},
    {"selu", 1, 0, false, 1.9, 1.9, "all"},
    {"silu", 1, 0, false, 2.5, 1.8, "all, denormal results included"},
    {"gelu", 1, 0, false, 5.4, 1.6, "all, denormal results included"},
    {"gelu_tanh", 1, 0, false, 2.1, 1.7, "all, denormal results included"},
    {"softsign", 1, 0, false, 1.5, 1.5, "all"},
    {"logit", 1, 0, false, 1.7, 1.7, "all; 0 gives -inf, 1 inf, outside NaN"},
    {"clip", 1, 2, false, 0, 0, "all; NaN stays"},
    {"pow_scalar", 1, 1, false, 1.5, 1.5, "all, as std::pow"},
    {"add", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"subtract", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"multiply", 2, 0, true, 0.5, 0.5, "all; i32 wraps"},
    {"divide", 2, 0, false, 0.5, 0.5, "all"},
    {"maximum", 2, 0, true, 0, 0, "all; a NaN wins, of equals the second"},
    {"minimum", 2, 0, true, 0, 0, "all; a NaN wins, of equals the second"},
    {"pow", 2, 0, false, 1.1, 1, "all, as std::pow"},
    {"xlogy", 2, 0, false, 1.5, 1.5, "all; a = 0 gives 0"},
    {"logistic_loss", 2, 0, false, 3, 2.5, "0 <= b <= 1; elsewhere terms may cancel"},
    {"equal", 2, 0, true, 0, 0, "all; NaN equals nothing"},
    {"not_equal", 2, 0, true, 0, 0, "all; NaN differs from everything"},
    {"less", 2, 0, true, 0, 0, "all; false for NaN"},
    {"less_equal", 2, 0, true, 0, 0, "all; false for NaN"},
    {"gate", 2, 0, false, 0, 0, "all; shut for NaN"},
    {"where", 3, 0, true, 0, 0, "all; a NaN is a mask other than 0"},
});
static_assert(kLaneInfos.size() == static_cast<std::size_t>(Lane::kCount));

constexpr const LaneInfo& lane_info(Lane lane) {
  return kLaneInfos[static_cast<std::size_t>(lane)];
}

}  // namespace hourglass::kernels
