#pragma once

// Finite differences of a scalar graph along lines. Internal to autograd/check.

#include <cstdint>
#include <vector>

#include "autograd/compile/program.h"

namespace hourglass::check {

// |a - b| / max(1, |a|, |b|); 0 for equal infinities and for two NaN, inf for one of them.
double error_of(double a, double b);

// A scalar as a function of f64 variables, around a point. Elements of all variables are numbered
// in one row.
class Surface {
 public:
  Surface(const Var& scalar, const std::vector<Var>& variables, const std::vector<Var>& inputs,
          const std::vector<Tensor>& point);

  std::int64_t elements() const { return elements_; }
  std::size_t variable_of(std::int64_t element) const;
  std::int64_t first_of(std::size_t variable) const { return first_[variable]; }
  double scale(std::int64_t element) const;  // max(1, |x|)

  // The scalar at point + t * direction.
  double at(const std::vector<double>& direction, double t);

 private:
  Program program_;
  std::vector<Tensor> point_, moved_;  // of every input of the program
  std::vector<std::size_t> varied_;    // which of them are the variables
  std::vector<std::int64_t> first_;    // the number of each variable's first element
  std::int64_t elements_ = 0;
};

// Central differences with steps h and h / 2, extrapolated: of fourth order.
double slope(Surface& surface, const std::vector<double>& direction, double h);

// The slope at the step where neighbouring steps agree best, rounding allowed for. Blind to the
// derivative that it is compared with.
double best_slope(Surface& surface, const std::vector<double>& direction, double first_step);

// The same from one side alone, t >= 0 along the direction, of third order: what a point next to a
// kink has on its own side.
double best_slope_ahead(Surface& surface, const std::vector<double>& direction, double first_step);

struct OneSided {
  bool kink = false;
  double left = 0, right = 0;
};
// Is there a kink at the point itself?
OneSided one_sided(Surface& surface, const std::vector<double>& direction, double unit);

}  // namespace hourglass::check
