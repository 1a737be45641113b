#include "nn/layers/init.h"

#include <cmath>

namespace hourglass::nn {
namespace {

Tensor draw_uniform(InitSource& source, const Shape& shape, double bound, DType dtype) {
  return uniform(source.key, {"weights", source.next_stream++}, 0, shape, -bound, bound, dtype);
}

Tensor draw_normal(InitSource& source, const Shape& shape, double deviation, DType dtype) {
  return normal(source.key, {"weights", source.next_stream++}, 0, shape, 0, deviation, dtype);
}

}  // namespace

const EnumNames<Init>& names_of(Init) {
  static const EnumNames<Init> names = {"init",
                                        {{"torch", Init::kTorch},
                                         {"xavier-uniform", Init::kXavierUniform},
                                         {"xavier-normal", Init::kXavierNormal},
                                         {"kaiming-uniform", Init::kKaimingUniform},
                                         {"kaiming-normal", Init::kKaimingNormal}}};
  return names;
}

Tensor init_weight(Init init, InitSource& source, const Shape& shape, DType dtype) {
  const double window = static_cast<double>(shape.product(2, shape.rank()));
  const double fan_in = static_cast<double>(shape[1]) * window;
  const double fan_out = static_cast<double>(shape[0]) * window;
  switch (init) {
    case Init::kXavierUniform:
      return draw_uniform(source, shape, std::sqrt(6 / (fan_in + fan_out)), dtype);
    case Init::kXavierNormal:
      return draw_normal(source, shape, std::sqrt(2 / (fan_in + fan_out)), dtype);
    case Init::kKaimingUniform:
      return draw_uniform(source, shape, std::sqrt(6 / fan_in), dtype);
    case Init::kKaimingNormal:
      return draw_normal(source, shape, std::sqrt(2 / fan_in), dtype);
    case Init::kTorch:
      break;
  }
  return draw_uniform(source, shape, 1 / std::sqrt(fan_in), dtype);
}

Tensor init_bias(Init init, InitSource& source, const Shape& shape, std::int64_t fan_in,
                 DType dtype) {
  if (init != Init::kTorch) return Tensor(shape, dtype);
  return draw_uniform(source, shape, 1 / std::sqrt(static_cast<double>(fan_in)), dtype);
}

Var weight_parameter(Init init, InitSource& source, const Shape& shape) {
  if (source.measuring) return input(shape, DType::kF32);
  return parameter(init_weight(init, source, shape));
}

Var bias_parameter(Init init, InitSource& source, const Shape& shape, std::int64_t fan_in) {
  if (source.measuring) return input(shape, DType::kF32);
  return parameter(init_bias(init, source, shape, fan_in));
}

Var uniform_parameter(InitSource& source, const Shape& shape, double bound) {
  if (source.measuring) return input(shape, DType::kF32);
  return parameter(draw_uniform(source, shape, bound, DType::kF32));
}

Var normal_parameter(InitSource& source, const Shape& shape) {
  if (source.measuring) return input(shape, DType::kF32);
  return parameter(draw_normal(source, shape, 1, DType::kF32));
}

Var zero_parameter(InitSource& source, const Shape& shape) {
  if (source.measuring) return input(shape, DType::kF32);
  return parameter(Tensor(shape, DType::kF32));
}

}  // namespace hourglass::nn
