#pragma once

// How the rows of the certificate are written. Internal to autograd/certificate.

#include <limits>
#include <vector>

#include "autograd/certificate/row.h"

namespace hourglass::check {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Rows = std::vector<Row>;
void add_lane_rows(Rows& rows);
void add_activation_rows(Rows& rows);
void add_gamma_rows(Rows& rows);
void add_binary_rows(Rows& rows);
void add_shape_rows(Rows& rows);
void add_reduction_rows(Rows& rows);
void add_product_rows(Rows& rows);
void add_conv_rows(Rows& rows);
void add_index_rows(Rows& rows);
void add_random_rows(Rows& rows);
void add_control_rows(Rows& rows);
void add_function_rows(Rows& rows);
void add_image_rows(Rows& rows);

using Vars = std::vector<Var>;
using Arrays = std::vector<Array>;

// An elementwise op of one input: its scalar reference, where derivatives are checked, the tails
// where they must stay finite, and the points at which only the value is checked.
extern const std::vector<double> kBothTails;      // -inf, -1e150 .. 1e150, inf
extern const std::vector<double> kLeftTail;       // the negative ones
extern const std::vector<double> kRightTail;      // the positive ones
extern const std::vector<double> kSpecialPoints;  // zeros, 1, 1e-30, 1e30, infinities, NaN
struct Lane1 {
  Var (*build)(const Var& x);
  double (*reference)(double x) = nullptr;
  long double (*exact)(long double x) = nullptr;  // in place of a reference: see Row
  double low = -2, high = 2;
  std::vector<double> kinks = {};
  std::vector<double> tails = {};
  std::vector<double> points = kSpecialPoints;
  std::vector<std::pair<double, double>> declared = {};  // x and the derivative declared there
};
Row lane_row(const char* name, const Lane1& lane);

struct Lane2 {
  Var (*build)(const Var& a, const Var& b);
  double (*reference)(double a, double b);
  Argument a = {}, b = {};                             // their shapes are set here
  std::vector<std::pair<double, double>> points = {};  // value only
  struct Declared {
    double a, b, da, db;  // derivatives that are declared at (a, b)
  };
  std::vector<Declared> declared = {};
};
Row lane_row(const char* name, const Lane2& lane);

// The result of a scalar function, element by element over inputs of one shape.
Array elementwise(const Arrays& x, const std::function<double(const std::vector<double>&)>& f);

// An array whose element at each index is f(index).
using Index = std::vector<std::int64_t>;
Array tabulate(const Shape& shape, const std::function<double(const Index&)>& f);
double at(const Array& x, const Index& index);

// x with the axes gone: f is given the group's elements in row-major order.
Array reduce(const Array& x, const std::vector<int>& axes, bool keepdims,
             const std::function<double(const std::vector<double>&)>& f);

}  // namespace hourglass::check
