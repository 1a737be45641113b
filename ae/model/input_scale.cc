#include "ae/model/input_scale.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr DType kReal = DType::kF64;

Var in_dtype(const Var& x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); }

// A quotient by columns, 0 where the divisor is: of a constant column.
Var over(const Var& shifted, const Var& divisor) {
  const Var constant_columns = equal(divisor, zeros_like(divisor));
  return shifted * (1 - constant_columns) / (divisor + constant_columns);
}

// Numbers of columns as those of a row.
Var along_row(const Var& numbers, std::int64_t steps) {
  if (steps == 1) return numbers;
  const std::int64_t columns = numbers.size(0);
  return reshape(broadcast_to(expand_dims(numbers, 1), Shape{columns, steps}),
                 Shape{columns * steps});
}

// Not equal to itself is NaN alone.
Var known(const Var& stored) { return equal(stored, stored); }

Var pixels_of(const Var& stored, DType dtype) {
  if (stored.dtype() == DType::kU8) return scale_u8(stored, dtype);
  if (stored.dtype() == DType::kI32) return cast(stored, dtype) / 65535.0;
  return in_dtype(stored, dtype);
}

// Some differences are infinite in f64, and some squares 0 or infinite.
void check_spread(const ColumnStatistics& columns, bool squared) {
  const Tensor deviation = columns.deviation(), least = columns.least(), most = columns.most();
  for (std::int64_t c = 0; c < columns.columns(); ++c) {
    const double d = squared ? deviation.at(c) : 1, a = least.at(c), b = most.at(c);
    if (a == b || (std::isfinite(b - a) && std::isfinite(d) && d > 0)) continue;
    throw Error(fmt::format(
        "scale: column {}: from {:.4g} to {:.4g}, too {} for f64: expected another unit, or the "
        "column left out",
        c + 1, a, b, d == 0 ? "little" : "much"));
  }
}

}  // namespace

const EnumNames<Scale>& names_of(Scale) {
  static const EnumNames<Scale> names = {"scale",
                                         {{"pixels", Scale::kPixels},
                                          {"standard", Scale::kStandard},
                                          {"minmax", Scale::kMinmax},
                                          {"log1p", Scale::kLog1p},
                                          {"rms", Scale::kRms},
                                          {"none", Scale::kNone}}};
  return names;
}

const EnumNames<Missing>& names_of(Missing) {
  static const EnumNames<Missing> names = {
      "missing", {{"none", Missing::kNone}, {"mask", Missing::kMask}, {"mean", Missing::kMean}}};
  return names;
}

void ColumnStatistics::add(const Tensor& rows) {
  const std::int64_t d = rows.shape().rank() == 2 ? rows.shape()[1] : 0;
  if (all_.empty()) all_.resize(static_cast<std::size_t>(d / steps_));
  const std::int64_t expected = columns() * steps_;
  if (d == 0 || d != expected) {
    throw Error(fmt::format("columns: expected rows [N, {}]: got {}",
                            expected == 0 ? "D" : std::to_string(expected),
                            to_string(rows.shape())));
  }
  const Tensor real = rows.cast(kReal);
  const double* x = real.data<double>();
  for (std::int64_t i = 0; i < rows.shape()[0]; ++i, ++rows_) {
    for (std::int64_t j = 0; j < d; ++j, ++x) {
      if (std::isnan(*x)) continue;
      if (std::isinf(*x)) {
        throw Error(fmt::format("columns: row {}, column {} is {}: expected a finite number", rows_,
                                j, *x));
      }
      // Welford 1962, from the first number on, so that a constant column stays at it.
      Column& c = all_[static_cast<std::size_t>(j / steps_)];
      if (c.count == 0) c.mean = c.least = c.most = *x;
      const double distance = *x - c.mean;
      c.count += 1;
      c.mean += distance / c.count;
      c.squares += distance * (*x - c.mean);
      c.least = std::min(c.least, *x);
      c.most = std::max(c.most, *x);
    }
  }
}

template <class F>
Tensor ColumnStatistics::each(F&& f) const {
  Tensor result(Shape{columns()}, kReal);
  for (std::size_t j = 0; j < all_.size(); ++j) result.data<double>()[j] = f(all_[j]);
  return result;
}

Tensor ColumnStatistics::mean() const {
  return each([](const Column& c) { return c.mean; });
}

Tensor ColumnStatistics::deviation() const {
  return each([](const Column& c) { return std::sqrt(c.squares / std::max(c.count, 1.0)); });
}

Tensor ColumnStatistics::least() const {
  return each([](const Column& c) { return c.least; });
}

Tensor ColumnStatistics::most() const {
  return each([](const Column& c) { return c.most; });
}

Tensor ColumnStatistics::range() const {
  return each([](const Column& c) { return c.most - c.least; });
}

double ColumnStatistics::rms() const {
  double squares = 0, count = 0;
  for (const Column& c : all_) {
    squares += c.squares + c.count * c.mean * c.mean;
    count += c.count;
  }
  return squares > 0 ? std::sqrt(squares / count) : 1;
}

bool InputScale::is_set() const {
  if (!has_numbers()) return true;
  const Var& first = mean.defined() ? mean : least.defined() ? least : factor;
  return !std::isnan(first.tensor().at(0));
}

void InputScale::set(const ColumnStatistics& columns) {
  if (mean.defined() || least.defined()) check_spread(columns, deviation.defined());
  if (factor.defined() && !std::isfinite(columns.rms())) {
    throw Error("scale: the numbers are too large to be squared in f64: expected another unit");
  }
  if (mean.defined()) mean.assign(columns.mean());
  if (deviation.defined()) deviation.assign(columns.deviation());
  if (least.defined()) least.assign(columns.least());
  if (range.defined()) range.assign(columns.range());
  if (factor.defined()) factor.assign(Tensor::full(Shape{1}, columns.rms(), kReal));
}

std::vector<std::int64_t> InputScale::constant_columns() const {
  std::vector<std::int64_t> found;
  const Var& spread = scale == Scale::kStandard ? deviation : range;
  for (std::int64_t c = 0; spread.defined() && c < spread.elements(); ++c) {
    const bool category = categories.defined() && categories.tensor().at(c) != 0;
    if (spread.tensor().at(c) == 0 && !category) found.push_back(c);
  }
  return found;
}

Var InputScale::present(const Var& stored, DType dtype) const {
  if (missing != Missing::kMask || !is_real(stored.dtype())) return {};
  return in_dtype(known(stored), dtype);
}

Var InputScale::scaled(const Var& stored, DType dtype) const {
  Var x = stored;
  if (missing != Missing::kNone && is_real(stored.dtype())) {
    const Var real = in_dtype(stored, kReal);
    x = where(known(real), real, broadcast_to(along_row(mean, steps), stored.shape()));
  }
  const Var y = by_scale(x, dtype);
  return categories.defined() ? where(in_dtype(categories, dtype), in_dtype(x, dtype), y) : y;
}

Var InputScale::by_scale(const Var& x, DType dtype) const {
  switch (scale) {
    case Scale::kPixels:
      return pixels_of(x, dtype);
    case Scale::kStandard:
      return in_dtype(
          over(in_dtype(x, kReal) - along_row(mean, steps), along_row(deviation, steps)), dtype);
    case Scale::kMinmax:
      return in_dtype(over(in_dtype(x, kReal) - along_row(least, steps), along_row(range, steps)),
                      dtype);
    case Scale::kLog1p:
      return in_dtype(log1p(in_dtype(x, kReal)), dtype);
    case Scale::kRms:
      return in_dtype(in_dtype(x, kReal) / factor, dtype);
    case Scale::kNone:
      break;
  }
  return in_dtype(x, dtype);
}

Var InputScale::target(const Var& stored, DType dtype) const {
  if (scale != Scale::kLog1p) return scaled(stored, dtype);
  InputScale plain = *this;
  plain.scale = Scale::kNone;
  return plain.scaled(stored, dtype);
}

Var InputScale::unscaled(const Var& y) const {
  const Var x = undone(y);
  if (!categories.defined()) return x;
  return where(in_dtype(categories, x.dtype()), in_dtype(y, x.dtype()), x);
}

Var InputScale::undone(const Var& y) const {
  const auto undo = [&](const Var& by, const Var& from) {
    return in_dtype(y, kReal) * along_row(by, steps) + along_row(from, steps);
  };
  if (scale == Scale::kStandard) return undo(deviation, mean);
  if (scale == Scale::kMinmax) return undo(range, least);
  if (scale == Scale::kRms) return in_dtype(y, kReal) * factor;
  return y;
}

void InputScale::visit(const nn::Visitor& visitor) {
  const auto state = [&](const char* name, Var& numbers) {
    if (numbers.defined()) visitor(name, numbers, nn::Role::kState);
  };
  state("mean", mean);
  state("deviation", deviation);
  state("least", least);
  state("range", range);
  state("factor", factor);
}

InputScale make_input_scale(Scale scale, Missing missing, const Shape& example, bool measuring) {
  const auto numbers = [measuring](std::int64_t count) {
    if (measuring) return input(Shape{count}, kReal);
    return parameter(Tensor::full(Shape{count}, std::numeric_limits<double>::quiet_NaN(), kReal));
  };
  InputScale result{.scale = scale, .missing = missing};
  if (example.rank() == 2) result.steps = example[1];
  const std::int64_t width = example.elements() / result.steps;
  if (scale == Scale::kStandard || missing != Missing::kNone) result.mean = numbers(width);
  if (scale == Scale::kStandard) result.deviation = numbers(width);
  if (scale == Scale::kMinmax) {
    result.least = numbers(width);
    result.range = numbers(width);
  }
  if (scale == Scale::kRms) result.factor = numbers(1);
  return result;
}

}  // namespace hourglass::ae
