#include "nn/onnx/ops.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <unordered_map>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

// The logarithm and the power that are accurate near 0 are worked out in f64, in which what is lost
// there cannot be seen in f32.
std::string in_f64(const OnnxCall& c, std::string (*f)(OnnxWriter& file, const std::string& x)) {
  if (c.dtype() == DType::kF64) return f(c.file, c.x[0]);
  return c.file.cast(f(c.file, c.file.cast(c.x[0], OnnxType::kF64)), onnx_type(c.dtype()));
}

std::string log1p_in_f64(OnnxWriter& f, const std::string& x) {
  return f.node("Log", {f.node("Add", {x, f.number(1, DType::kF64)})});
}

std::string expm1_in_f64(OnnxWriter& f, const std::string& x) {
  return f.node("Sub", {f.node("Exp", {x}), f.number(1, DType::kF64)});
}

std::string gelu(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  const std::string e = f.node("Erf", {f.node("Mul", {c.x[0], c.number(std::sqrt(0.5))})});
  const std::string half = f.node("Mul", {c.x[0], c.number(0.5)});
  return f.node("Mul", {half, f.node("Add", {e, c.number(1)})});
}

std::string gelu_tanh(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  const std::string& x = c.x[0];
  const std::string cube = f.node("Mul", {f.node("Mul", {x, x}), x});
  const std::string sum = f.node("Add", {x, f.node("Mul", {cube, c.number(0.044715)})});
  const std::string t =
      f.node("Tanh", {f.node("Mul", {sum, c.number(std::sqrt(2 / std::numbers::pi))})});
  const std::string half = f.node("Mul", {x, c.number(0.5)});
  return f.node("Mul", {half, f.node("Add", {t, c.number(1)})});
}

std::string xlogy(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  const std::string zero = c.number(0);
  return f.node("Where", {f.node("Equal", {c.x[0], zero}), zero,
                          f.node("Mul", {c.x[0], f.node("Log", {c.x[1]})})});
}

std::string logistic_loss(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  return f.node("Sub", {f.node("Softplus", {c.x[0]}), f.node("Mul", c.x)});
}

std::string gate(const OnnxCall& c) {
  const std::string zero = c.number(0);
  return c.file.node("Where", {c.file.node("Greater", {c.x[1], zero}), c.x[0], zero});
}

template <const char* type>
std::string comparison(const OnnxCall& c) {
  return c.file.mask(c.file.node(type, c.x), c.dtype());
}
constexpr char kEqual[] = "Equal", kLess[] = "Less", kLessOrEqual[] = "LessOrEqual";

constexpr std::int64_t kLast = -1;

template <const char* type>
std::string arg_reduce(const OnnxCall& c) {
  return c.file.cast(c.file.node(type, c.x, {{"axis", kLast}, {"keepdims", std::int64_t{0}}}),
                     OnnxType::kI32);
}
constexpr char kArgMax[] = "ArgMax", kArgMin[] = "ArgMin";

template <const char* type>
std::string reduce_last(const OnnxCall& c) {
  return c.file.node(type, c.x, {{"axes", std::vector{kLast}}, {"keepdims", std::int64_t{0}}});
}
constexpr char kReduceProd[] = "ReduceProd", kReduceLogSumExp[] = "ReduceLogSumExp";

std::string order_of(const OnnxCall& c, std::int64_t count, bool largest) {
  const std::string indices = c.file.node("TopK", {c.x[0], c.file.integers({count})},
                                          {{"largest", std::int64_t{largest}}}, 1);
  return c.file.cast(indices, OnnxType::kI32);
}

std::string same(const OnnxCall& c) { return c.x[0]; }

// The table of ops to ONNX's: those that compute numbers, then those that move them.
const OnnxOp kOps[] = {
    {"abs", "Abs"},
    {"add", "Add"},
    {"cos", "Cos"},
    {"divide", "Div"},
    {"erf", "Erf"},
    {"exp", "Exp"},
    {"flat_sqrt", "Sqrt"},
    {"log", "Log"},
    {"maximum", "Max"},
    {"minimum", "Min"},
    {"multiply", "Mul"},
    {"negate", "Neg"},
    {"pow", "Pow"},
    {"reciprocal", "Reciprocal"},
    {"relu", "Relu"},
    {"selu", "Selu"},
    {"sigmoid", "Sigmoid"},
    {"sign", "Sign"},
    {"sin", "Sin"},
    {"softplus", "Softplus"},
    {"softsign", "Softsign"},
    {"sqrt", "Sqrt"},
    {"subtract", "Sub"},
    {"tanh", "Tanh"},
    {"clip",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Clip", {c.x[0], c.number(c.real("low")), c.number(c.real("high"))});
     }},
    {"elu",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Elu", c.x, {{"alpha", c.real("alpha")}});
     }},
    {"leaky_relu",
     {},
     [](const OnnxCall& c) {
       return c.file.node("LeakyRelu", c.x, {{"alpha", c.real("slope")}});
     }},
    {"pow_scalar",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Pow", {c.x[0], c.number(c.real("exponent"))});
     }},
    {"square",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Mul", {c.x[0], c.x[0]});
     }},
    {"rsqrt",
     {},
     [](const OnnxCall& c) { return c.file.node("Reciprocal", {c.file.node("Sqrt", c.x)}); }},
    {"silu",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Mul", {c.x[0], c.file.node("Sigmoid", c.x)});
     }},
    {"logit",
     {},
     [](const OnnxCall& c) {
       return c.file.node(
           "Log", {c.file.node("Div", {c.x[0], c.file.node("Sub", {c.number(1), c.x[0]})})});
     }},
    {"log1p", {}, [](const OnnxCall& c) { return in_f64(c, log1p_in_f64); }},
    {"expm1", {}, [](const OnnxCall& c) { return in_f64(c, expm1_in_f64); }},
    {"gelu", {}, gelu},
    {"gelu_tanh", {}, gelu_tanh},
    {"xlogy", {}, xlogy},
    {"logistic_loss", {}, logistic_loss},
    {"equal", {}, comparison<kEqual>},
    {"less", {}, comparison<kLess>},
    {"less_equal", {}, comparison<kLessOrEqual>},
    {"not_equal",
     {},
     [](const OnnxCall& c) {
       return c.file.mask(c.file.node("Not", {c.file.node("Equal", c.x)}), c.dtype());
     }},
    {"gate", {}, gate},
    {"where",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Where", {c.file.truth(c.x[0]), c.x[1], c.x[2]});
     }},
    {"cast", {}, [](const OnnxCall& c) { return c.file.cast(c.x[0], onnx_type(c.dtype())); }},

    {"stop_gradient", {}, same},
    {"after", {}, same},
    {"checkpoint", {}, same},
    {"new_value", {}, same},

    {"argmax", {}, arg_reduce<kArgMax>},
    {"argmin", {}, arg_reduce<kArgMin>},
    {"prod", {}, reduce_last<kReduceProd>},
    {"logsumexp", {}, reduce_last<kReduceLogSumExp>},
    {"softmax", "Softmax"},  // along the last axis, as ONNX has it, too
    {"log_softmax", "LogSoftmax"},
    {"argsort",
     {},
     [](const OnnxCall& c) {
       if (c.shapes[0].back().open) c.throw_follows("size");
       return order_of(c, c.shapes[0].back().number, c.node.attributes().flag("descending"));
     }},
    {"top_k", {}, [](const OnnxCall& c) { return order_of(c, c.integer("k"), true); }},
    {"cumsum",
     {},
     [](const OnnxCall& c) {
       const Attributes& a = c.node.attributes();
       return c.file.node("CumSum", {c.x[0], c.file.integers({c.integer("axis")})},
                          {{"exclusive", std::int64_t{a.flag("exclusive")}},
                           {"reverse", std::int64_t{a.flag("reverse")}}});
     }},

    {"broadcast_to", {}, onnx_broadcast},
    {"sum_to", {}, onnx_sum_to},
    {"reshape", {}, onnx_reshape},
    {"transpose",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Transpose", c.x, {{"perm", c.integers("permutation")}});
     }},
    {"slice", {}, onnx_slice},
    {"pad", {}, onnx_pad},
    {"flip", {}, onnx_flip},
    {"concat",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Concat", c.x, {{"axis", c.integer("axis")}});
     }},
    {"eye", {}, [](const OnnxCall& c) { return c.file.constant(c.node.value()); }},
    {"take",
     {},
     [](const OnnxCall& c) {
       return c.file.node("Gather", c.x, {{"axis", c.integer("axis")}});
     }},
    {"take_along",
     {},
     [](const OnnxCall& c) {
       return c.file.node("GatherElements", c.x, {{"axis", kLast}});
     }},
    {"scatter_add", {}, onnx_scatter_add},
    {"scatter_along", {}, onnx_scatter_along},
    {"matmul", {}, onnx_matmul},
    {"conv2d", {}, onnx_conv},
    {"conv2d_input_gradient", {}, onnx_conv_transpose},
    {"max_pool2d_indices", {}, onnx_max_pool_indices},
};

}  // namespace

std::span<const OnnxOp> onnx_ops() { return kOps; }

const OnnxOp* find_onnx_op(const Op& op) {
  static const auto rows = [] {
    std::unordered_map<const Op*, const OnnxOp*> found;
    for (const OnnxOp& row : kOps) found.emplace(find_op(row.op), &row);
    return found;
  }();
  const auto found = rows.find(&op);
  return found == rows.end() ? nullptr : found->second;
}

void OnnxCall::throw_follows(std::string_view name) const {
  throw Error(
      fmt::format("onnx: {}: its {} follows the number of examples, where ONNX needs a fixed one",
                  node.op().name, name));
}

const std::vector<std::int64_t>& OnnxCall::integers(std::string_view name) const {
  const std::vector<std::int64_t>& list = node.attributes().integers(name);
  if (list != other.integers(name)) throw_follows(name);
  return list;
}

std::int64_t OnnxCall::integer(std::string_view name) const {
  const std::int64_t value = node.attributes().integer(name);
  if (value != other.integer(name)) throw_follows(name);
  return value;
}

}  // namespace hourglass::internal
