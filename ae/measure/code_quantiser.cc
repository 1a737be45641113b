#include "ae/measure/code_quantiser.h"

#include <fmt/core.h>

#include <cmath>

#include "ae/model/input_scale.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr double kFarthest = 1 << 30;

void check_columns(const CodeQuantiser& quantiser, const Tensor& rows) {
  if (rows.shape().rank() == 2 && Shape{rows.shape()[1]} == quantiser.steps.shape()) return;
  throw Error(fmt::format("quantiser: needs rows of {} numbers: got {}", quantiser.steps.elements(),
                          to_string(rows.shape())));
}

}  // namespace

CodeQuantiser fit_quantiser(const Tensor& codes, double step) {
  if (!(step > 0) || !std::isfinite(step)) {
    throw Error(fmt::format("quantiser: step: must be above 0: got {}", step));
  }
  ColumnStatistics columns;
  columns.add(codes);
  Tensor steps = columns.deviation().cast(DType::kF32);
  for (std::int64_t j = 0; j < steps.elements(); ++j) {
    steps.data<float>()[j] = static_cast<float>(step * steps.at(j));
  }
  return {columns.mean().cast(DType::kF32), steps};
}

Tensor CodeQuantiser::symbols(const Tensor& codes) const {
  check_columns(*this, codes);
  Tensor result(codes.shape(), DType::kI32);
  for (std::int64_t i = 0; i < codes.elements(); ++i) {
    const std::int64_t column = i % steps.elements();
    const double step = steps.at(column);
    const double steps_away = step > 0 ? (codes.at(i) - means.at(column)) / step : 0;
    if (!std::isfinite(codes.at(i)) || std::abs(steps_away) > kFarthest) {
      throw Error(fmt::format("quantiser: number {} of code {} is {}, with steps of {}", column,
                              i / steps.elements(), codes.at(i), step));
    }
    result.data<std::int32_t>()[i] = static_cast<std::int32_t>(std::lround(steps_away));
  }
  return result;
}

Tensor CodeQuantiser::codes(const Tensor& symbols) const {
  check_columns(*this, symbols);
  Tensor result(symbols.shape(), DType::kF32);
  for (std::int64_t i = 0; i < symbols.elements(); ++i) {
    const std::int64_t column = i % steps.elements();
    result.data<float>()[i] =
        static_cast<float>(means.at(column) + steps.at(column) * symbols.at(i));
  }
  return result;
}

}  // namespace hourglass::ae
