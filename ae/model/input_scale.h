#pragma once

#include <cstdint>
#include <vector>

#include "autograd/graph/var.h"
#include "nn/layers/visit.h"
#include "tensor/enum_names.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// What a model makes of stored numbers ahead of the encoder; behind the decoder it is undone.
enum class Scale : std::uint8_t {
  kPixels,    // x / 255 of u8, x / 65535 of i32; real numbers stay
  kStandard,  // (x - mean) / deviation of each column; a column that is constant becomes 0
  kMinmax,    // (x - least) / range of each column, to [0, 1]; likewise
  kLog1p,     // log(1 + x), for the encoder alone: the loss, and what is decoded, are about x
  kRms,       // x / factor, one for all, so that a row's squared norm is D on average
  kNone
};
const EnumNames<Scale>& names_of(Scale);  // "pixels", "standard", "minmax", "log1p", "rms", "none"

// What becomes of NaN, a value that is missing.
enum class Missing : std::uint8_t {
  kNone,  // it is an error
  kMask,  // the encoder sees the column's mean, and the loss leaves the entry out
  kMean   // encoder and loss take the column's mean
};
const EnumNames<Missing>& names_of(Missing);  // "none", "mask", "mean"
using hourglass::name_of;

// Columns in one pass over rows that may come in parts, in f64. NaN counts as missing. A column may
// stand for `steps` numbers of a row, one after the other: a channel of a series.
class ColumnStatistics {
 public:
  explicit ColumnStatistics(std::int64_t steps = 1) : steps_(steps) {}

  // Rows [n, columns * steps], of any dtype. Throws Error naming row and column of an infinity.
  void add(const Tensor& rows);

  std::int64_t columns() const { return static_cast<std::int64_t>(all_.size()); }
  // f64 [columns]. Of a column that is constant the mean is its number and the deviation 0, exactly; of
  // one without entries all are 0.
  Tensor mean() const;
  Tensor deviation() const;  // the root of the mean squared distance from the mean
  Tensor least() const;
  Tensor most() const;
  Tensor range() const;  // from the least to the largest
  double rms() const;    // the root of the mean square of all entries; of zeros alone 1

 private:
  struct Column {
    double count = 0, mean = 0, squares = 0;  // of distances from the mean
    double least = 0, most = 0;
  };
  template <class F>
  Tensor each(F&& f) const;

  std::int64_t steps_;
  std::vector<Column> all_;
  std::int64_t rows_ = 0;
};

// A scale with its numbers, as graph code: stored numbers [B, D], u8, i32, f32 or f64, to the
// model's and back. Shifts and quotients are taken in f64, whatever comes of them.
struct InputScale {
  Scale scale = Scale::kPixels;
  Missing missing = Missing::kNone;
  std::int64_t steps = 1;  // numbers of a row that a column stands for
  // f64 [columns], [1]; undefined where nothing asks for them, NaN until set().
  Var mean = {}, deviation = {}, least = {}, range = {}, factor = {};
  // f64 [D]: 1 in columns that no scale touches, those of categories, whose mean is how often each
  // word was seen; undefined where there are none.
  Var categories = {};

  bool has_numbers() const { return mean.defined() || least.defined() || factor.defined(); }
  bool is_set() const;  // or there is nothing to be set
  // Throws Error for a column whose deviation f64 cannot hold.
  void set(const ColumnStatistics& columns);

  // Columns, from 0, that were constant where the scale was learnt: 0 to the encoder whatever they
  // hold. A category's are none.
  std::vector<std::int64_t> constant_columns() const;

  Var scaled(const Var& stored, DType dtype) const;  // what the encoder sees
  // What the loss compares with: the same, but of log1p, which the loss does not see.
  Var target(const Var& stored, DType dtype) const;
  // 1 where there is a value and 0 where the loss leaves it out; undefined where it leaves out none.
  Var present(const Var& stored, DType dtype) const;
  // What is decoded in the units of what was stored; of pixels in [0, 1], and f64 where there are
  // numbers to undo.
  Var unscaled(const Var& y) const;

  void visit(const nn::Visitor& visitor);  // mean, deviation, ..., as state

 private:
  Var by_scale(const Var& x, DType dtype) const;  // of what is not missing
  Var undone(const Var& y) const;
};

// For examples [D], [C, T] or [C, H, W]: the columns of a series are its channels, of all else its
// numbers. `measuring`: inputs in place of parameters, which take no memory.
InputScale make_input_scale(Scale scale, Missing missing, const Shape& example, bool measuring);

}  // namespace hourglass::ae
