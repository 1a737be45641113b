#include "autograd/certificate/rows.h"

#include <algorithm>

namespace hourglass::check {
namespace {

Argument points(const std::vector<double>& values) {
  return {.shape = Shape{static_cast<std::int64_t>(values.size())}, .values = values};
}

// Close to both sides of each kink, so that a derivative that changes at another place shows.
std::vector<double> beside(const std::vector<double>& kinks) {
  std::vector<double> values;
  for (double kink : kinks) values.insert(values.end(), {kink - 1.0 / 16, kink + 1.0 / 16});
  return values;
}

std::vector<double> firsts(const std::vector<std::pair<double, double>>& pairs) {
  std::vector<double> values;
  for (const auto& pair : pairs) values.push_back(pair.first);
  return values;
}

// At the points (x, derivative) the derivative is what is declared.
Case declared_case(const std::vector<std::pair<double, double>>& declared,
                   const std::function<Var(const Vars&)>& build) {
  std::vector<double> derivatives;
  for (const auto& pair : declared) derivatives.push_back(pair.second);
  return {.arguments = {points(firsts(declared))},
          .build = build,
          .reference =
              [derivatives](const Arrays& x) {
                return Array{x[0].shape, derivatives};
              },
          .use = Case::Use::kDeclared};
}

}  // namespace

const std::vector<double> kRightTail = {20, 100, 1e4, 1e30, 1e150, kInfinity};
const std::vector<double> kLeftTail = {-20, -100, -1e4, -1e30, -1e150, -kInfinity};
const std::vector<double> kBothTails = [] {
  std::vector<double> both = kLeftTail;
  both.insert(both.end(), kRightTail.begin(), kRightTail.end());
  return both;
}();

const std::vector<double> kSpecialPoints = {0.0,  -0.0,  1,         -1,         1e-30, -1e-30,
                                            1e30, -1e30, kInfinity, -kInfinity, kNaN};

Array elementwise(const Arrays& x, const std::function<double(const std::vector<double>&)>& f) {
  Array y = x[0];
  std::vector<double> arguments(x.size());
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    for (std::size_t k = 0; k < x.size(); ++k) arguments[k] = x[k].values[i];
    y.values[i] = f(arguments);
  }
  return y;
}

Array tabulate(const Shape& shape, const std::function<double(const Index&)>& f) {
  Array y{shape, {}};
  Index index(static_cast<std::size_t>(shape.rank()), 0);
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    y.values.push_back(f(index));
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      if (++index[static_cast<std::size_t>(axis)] < shape[axis]) break;
      index[static_cast<std::size_t>(axis)] = 0;
    }
  }
  return y;
}

double at(const Array& x, const Index& index) {
  std::int64_t flat = 0;
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    flat = flat * x.shape[axis] + index[static_cast<std::size_t>(axis)];
  }
  return x.values[static_cast<std::size_t>(flat)];
}

Array reduce(const Array& x, const std::vector<int>& axes, bool keepdims,
             const std::function<double(const std::vector<double>&)>& f) {
  const auto reduced = [&](int axis) {
    return axes.empty() || std::find(axes.begin(), axes.end(), axis) != axes.end();
  };
  std::vector<std::int64_t> kept, sizes;
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    kept.push_back(reduced(axis) ? 1 : x.shape[axis]);
    if (!reduced(axis) || keepdims) sizes.push_back(kept.back());
  }
  Array y = tabulate(Shape(kept), [&](const Index& group) {
    std::vector<double> elements;
    tabulate(x.shape, [&](const Index& index) {
      bool inside = true;
      for (int axis = 0; axis < x.shape.rank(); ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        inside = inside && (reduced(axis) || index[i] == group[i]);
      }
      if (inside) elements.push_back(at(x, index));
      return 0.0;
    });
    return f(elements);
  });
  y.shape = Shape(sizes);
  return y;
}

Row lane_row(const char* name, const Lane1& lane) {
  const auto build = lane.build;
  const auto scalar = [reference = lane.reference, exact = lane.exact](double x) {
    return reference ? reference(x) : static_cast<double>(exact(x));
  };
  Case smooth{
      .arguments = {{.shape = {3, 7}, .low = lane.low, .high = lane.high, .kinks = lane.kinks}},
      .build = [build](const Vars& x) { return build(x[0]); },
      .reference =
          [scalar](const Arrays& x) {
            return elementwise(x, [&](const auto& a) { return scalar(a[0]); });
          }};
  Case special = smooth;
  special.arguments = {points(lane.points)};
  special.use = Case::Use::kValue;
  Row row{.name = name, .cases = {smooth, special}, .exact = lane.exact};
  if (!lane.kinks.empty()) {
    Case close = smooth;
    close.arguments = {points(beside(lane.kinks))};
    row.cases.push_back(close);
  }
  if (!lane.declared.empty()) row.cases.push_back(declared_case(lane.declared, smooth.build));
  if (!lane.tails.empty()) {
    Case tails = smooth;
    tails.arguments = {points(lane.tails)};
    tails.use = Case::Use::kTails;
    row.cases.push_back(tails);
  }
  return row;
}

Row lane_row(const char* name, const Lane2& lane) {
  const auto build = lane.build;
  const auto scalar = lane.reference;
  Case smooth{.arguments = {lane.a, lane.b},
              .build = [build](const Vars& x) { return build(x[0], x[1]); },
              .reference =
                  [scalar](const Arrays& x) {
                    return elementwise(x, [&](const auto& a) { return scalar(a[0], a[1]); });
                  }};
  smooth.arguments[0].shape = smooth.arguments[1].shape = Shape{3, 7};
  Case special = smooth;
  std::vector<double> a = {0.0, -0.0, kInfinity, -kInfinity, kNaN, 1, 1};
  std::vector<double> b = {1, 1, 1, 1, 1, kNaN, kInfinity};
  for (const auto& [x, y] : lane.points) {
    a.push_back(x);
    b.push_back(y);
  }
  special.arguments = {points(a), points(b)};
  special.use = Case::Use::kValue;
  Row row{.name = name, .cases = {smooth, special}};
  std::vector<std::pair<double, double>> in_a, in_b;
  for (const Lane2::Declared& d : lane.declared) {
    in_a.emplace_back(d.a, d.da);
    in_b.emplace_back(d.b, d.db);
  }
  if (in_a.empty()) return row;
  const auto first = points(firsts(in_a)), second = points(firsts(in_b));
  row.cases.push_back(declared_case(in_a, smooth.build));
  row.cases.back().arguments = {first, second};
  row.cases.push_back(declared_case(in_b, smooth.build));
  row.cases.back().arguments = {first, second};
  row.cases.back().arguments[0].constant = true;
  return row;
}

}  // namespace hourglass::check
