#include <cmath>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

const std::vector<double> kWholes = {0.0, -0.0, 1, 2, 3, 1e-30, 1e30, -1, -2, kInfinity, kNaN};

// B(2k) / (2k)!, B Bernoulli's numbers.
constexpr long double kBernoulli[] = {1.0L / 12,         -1.0L / 720,     1.0L / 30240,
                                      -1.0L / 1209600,   1.0L / 47900160, -691.0L / 1307674368000,
                                      1.0L / 74724249600};

// n! times the sum of 1 / (x + k)^(n + 1) over k >= 0, up to x + k = 50 term by term, the rest by
// Euler and Maclaurin's formula; for n = 0 less the limit of log k, which is -psi(x).
long double derivative_of_log_gamma(int n, long double x) {
  long double sum = 0;
  for (; x < 50; x += 1) sum += std::pow(x, static_cast<long double>(-n - 1));
  const auto power = [x](int k) { return std::pow(x, static_cast<long double>(-k)); };
  sum += n == 0 ? -std::log(x) : power(n) / n;
  sum += power(n + 1) / 2;
  long double rising = n + 1;
  for (int k = 1; k <= 7; ++k) {
    sum += kBernoulli[k - 1] * rising * power(n + 2 * k);
    rising *= (n + 2 * k) * static_cast<long double>(n + 2 * k + 1);
  }
  return std::tgamma(n + 1.0L) * sum;
}

// The n-th derivative of psi; at a few points that are no numbers it is what is declared there.
template <int n>
double polygamma_of(double x) {
  if (std::isnan(x)) return x;
  if (x < 0) return n % 2 == 0 ? kNaN : kInfinity;  // at the wholes alone
  if (x == 0 && n % 2 == 0) return std::signbit(x) ? kInfinity : -kInfinity;
  if (std::isinf(x)) return n == 0 ? x : 0;
  const auto size = static_cast<double>(derivative_of_log_gamma(n, x));
  return n % 2 == 0 ? -size : size;
}

// psi_n by steps of the recurrence from the right.
template <int n>
double left_polygamma_of(double x) {
  long double total = 0, y = x;
  for (; y < 0; y += 1) total += std::tgamma(n + 1.0L) * std::pow(y, -n - 1);
  return static_cast<double>(polygamma_of<n>(static_cast<double>(y)) -
                             (n % 2 == 0 ? total : -total));
}

void add_first_case(Row& row, const Lane1& lane) {
  row.cases.push_back(lane_row("", lane).cases.front());
}

template <int n>
Row polygamma_row(const char* name) {
  const Lane1 right{.build = [](const Var& x) { return polygamma(n, x); },
                    .reference = polygamma_of<n>,
                    .low = 0.5,
                    .high = 6,
                    .tails = kRightTail,
                    .points = kWholes};
  Row row = lane_row(name, right);
  Lane1 left = right;  // between two poles
  left.reference = left_polygamma_of<n>;
  left.low = -1.75;
  left.high = -1.25;
  add_first_case(row, left);
  return row;
}

}  // namespace

void add_gamma_rows(Rows& rows) {
  const Lane1 right{.build = [](const Var& x) { return lgamma(x); },
                    .reference = [](double x) { return std::lgamma(x); },
                    .low = 0.5,
                    .high = 6,
                    .tails = {20, 100, 1e4, 1e30},
                    .points = kWholes};
  Row row = lane_row("lgamma", right);
  Lane1 left = right;
  left.low = -1.75;
  left.high = -1.25;
  add_first_case(row, left);
  rows.push_back(std::move(row));
  rows.push_back(polygamma_row<0>("digamma"));
  Row polygamma = polygamma_row<1>("polygamma");
  for (Case& c : polygamma_row<2>("").cases) polygamma.cases.push_back(std::move(c));
  rows.push_back(std::move(polygamma));
}

}  // namespace hourglass::check
