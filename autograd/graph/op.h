#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/graph/attributes.h"
#include "autograd/graph/rules.h"
#include "autograd/graph/var.h"
#include "tensor/kernels.h"

namespace hourglass {

struct TensorType {
  Shape shape;
  DType dtype = DType::kF32;
};

// One application of an op, as its rules see it.
struct Call {
  const Op& op;
  std::span<const Var> inputs;
  const Attributes& attributes;
  Var output;        // the result; undefined while its type is being found
  int argument = 0;  // in a derivative rule: which input the derivative is taken for

  const Var& operator[](int i) const { return inputs[static_cast<std::size_t>(i)]; }
};

// What a kernel sees: raw numbers, to read and to write. The output never overlaps an input.
struct ArrayRef {
  const void* data = nullptr;
  const Shape* shape = nullptr;
  DType dtype = DType::kF32;

  template <class T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
};
struct OutputRef {
  void* data = nullptr;
  const Shape* shape = nullptr;
  DType dtype = DType::kF32;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};
struct KernelCall {
  std::span<const ArrayRef> inputs;
  OutputRef output;
  const Attributes& attributes;

  std::int64_t elements() const { return output.shape->elements(); }
};

// The derivative of an op for one argument, as a vector-Jacobian product: given the cotangent g of
// the output, the cotangent of the input, in terms of Vars. A rule must be linear in g. kZero: the
// function does not depend on the argument smoothly (masks, indices) and its derivative is zero.
// kNone, the default, throws when it is asked for, so a forgotten rule is never a silent zero.
using VjpRule = Var (*)(const Call& call, const Var& g);
enum class NoRule : std::uint8_t { kNone, kZero };
struct Derivative {
  constexpr Derivative() = default;
  constexpr Derivative(NoRule kind) : kind(kind) {}
  template <class F>
  requires std::convertible_to<F, VjpRule>
  constexpr Derivative(F f) : rule(f) {}

  VjpRule rule = nullptr;
  NoRule kind = NoRule::kNone;
};
inline constexpr NoRule kZero = NoRule::kZero;
inline constexpr NoRule kNone = NoRule::kNone;

// A call of which some inputs gained a leading axis of `size` elements (vmap).
struct BatchCall {
  const Call& call;                       // the call for one element
  std::span<const Var> inputs;            // the new inputs
  std::span<const std::uint8_t> batched;  // which of them have the leading axis
  std::int64_t size = 0;
};

inline constexpr int kMaxArguments = 8;
inline constexpr int kMixed = -1;

// An op, defined once in one place: `const Op& tanh_op = define({.name = "tanh", ...})`. An
// aggregate of constants and captureless functions, so it has no order of initialisation to get
// wrong.
struct Op {
  std::string_view name;
  kernels::Lane lane = kernels::Lane::kNone;  // elementwise: everything below but vjp is derived
  TensorType (*type)(const Call& call) = nullptr;  // checks the inputs, finds the result's type
  void (*kernel)(const KernelCall& call) = nullptr;
  Derivative vjp[kMaxArguments] = {};
  bool variadic = false;  // any number of inputs, vjp[0] serves each
  bool leaf = false;
  kernels::DrawFunction draw = nullptr;  // of the random ops: numbers of (key, step, stream)
  bool linear = false;                   // in each differentiable argument, others held
  // The result of the call on a batch: [size, output...], or [output...] where the batch does not
  // reach it. Without a rule vmap loops over the batch.
  Var (*batch)(const BatchCall& call) = nullptr;
  // Which axis of the output carries `axis` of input `argument`: the output at index i of it
  // depends on the input at index i of `axis` alone; kMixed where the op mixes it. Lanes keep every
  // axis; without a rule all are mixed.
  int (*follow)(const Call& call, int argument, int axis) = nullptr;

  // What passes ask of an op. What is not said is the careful answer: an op of which nothing is
  // known stays as it is, and nothing is moved past it.
  CostRule cost = nullptr;          // without: by its kind (graph/cost.h)
  SimplifyRule simplify = nullptr;  // local rules (graph/simplify_call.h)
  FormRule form = {};               // as a sum of products (graph/term.h)
  bool commutes = false;            // f(a, b) = f(b, a)
  bool folds = false;               // of small constants it is worked out; lanes always are
  bool is_view = false;             // input 0's bytes under another name: needs no kernel
  bool repeats = false;  // where input 0 is one number everywhere, the result is that number too
  // An error of the inputs that is small beside them is small beside the result, whose terms may
  // have either sign: sums, products, moves.
  bool keeps_small_errors = false;
  bool product = false;          // of arrays: a profile lists its time among the products
  bool for_derivatives = false;  // input 0 to all but derivatives: compile looks through it
  bool orders = false;           // inputs but the first are not read: they only come before

  const Derivative& derivative(int argument) const { return vjp[variadic ? 0 : argument]; }
  bool is_random() const { return draw != nullptr; }
  bool is_lane() const { return lane != kernels::Lane::kNone; }
};

// Registers the op and returns it at its permanent place. Throws Error if the name is taken, or if
// the op has neither a lane nor a type rule and a kernel (or is_view).
const Op& define(const Op& op);
std::vector<const Op*> all_ops();          // by name
const Op* find_op(std::string_view name);  // nullptr if there is none

// Records one application: checks that the inputs are defined and of a number the op takes, finds
// the type.
Var apply(const Op& op, std::vector<Var> inputs, Attributes attributes = {});
// The same application with other inputs, its label and scope kept; the node itself if nothing
// changed.
Var reapply(const Var& node, std::vector<Var> inputs);
Var reapply(const Var& node, std::vector<Var> inputs, Attributes attributes);

Call call_of(const Var& node);
// Which axis of the node's output carries `axis` of input `argument`, or kMixed (see Op::follow).
int follow_axis(const Var& node, int argument, int axis);
int arity(const Op& op);  // for lanes; -1 where any number of inputs is checked by the type rule

// Runs an op's kernel (or its lane) on numbers.
void run_kernel(const Op& op, const KernelCall& call);
void copy_kernel(const KernelCall& call);  // for ops whose result has the bytes of input 0

// --- for type rules: each throws Error in the house form `op: what: a=[..], b=[..]`
// -----------------
std::string inputs_text(const Call& call);  // "a=[32, 784], b=[512, 256]"
[[noreturn]] void fail(const Call& call, std::string_view what, std::string_view detail = "");
void check_arity(const Call& call, int inputs);
void check_real(const Call& call, int argument);  // f32 or f64
void check_same_dtype(const Call& call);
TensorType same_as_first(const Call& call);  // all inputs of one real type, and the output

}  // namespace hourglass
