// lgamma, digamma and polygamma against known values and, over their whole ranges, against long
// double.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::kernels::Lane;
using hourglass::kernels::lane_info;
using Real = long double;

// x, lgamma(x), and psi's derivatives of the orders 0, 1, 2 and 5: mpmath at 30 digits.
struct Known {
  double x, lgamma, digamma, first, second, fifth;
};
const Known kKnown[] = {
    {1e-20, 46.0517018598809137, -1.00000000000000005e+20, 1.00000000000000011e+40,
     -2.00000000000000033e+60, 1.20000000000000039e+122},
    {0.25, 1.28802252469807746, -4.22745353337626541, 17.1973291545071107, -129.32773993753692,
     491552.513767681292},
    {0.999999, 5.77216487385565238e-7, -0.577217309836801814, 1.6449364709652798,
     -2.40412030027103418, 122.081893452143914},
    {1.000001, -5.77214842387414665e-7, -0.577214019968668204, 1.64493166273766728,
     -2.40410731239222995, 122.08044142918451},
    {1.25, -0.0982718364218131615, -0.227453533376265408, 1.19732915450711074, -1.32773993753692033,
     32.5137676812920459},
    {1.4616321449683623, -0.121486290535849608, -9.24126552172942748e-17, 0.967672245447621255,
     -0.88552633796718436, 12.9388860829514889},
    {1.999999, -4.2278401259658537e-7, 0.422783690164198287, 0.644934470962279692,
     -0.40411430025903393, 2.08117344962388621},
    {2.000001, 4.22784657624529236e-7, 0.422784980032332021, 0.64493366273466703,
     -0.404113312380229368, 2.08116142666445587},
    {7.75, 8.02545839631598387, 1.9817915626943456, 0.137713791447655661, -0.018935466672670957,
     0.00117053134929776571},
    {8.25, 9.03318691960512285, 2.04838456136649465, 0.128854262885448222, -0.016580684633546995,
     0.000841028115778386886},
    {1000, 5905.22042320918121, 6.90725519564881205, 0.00100050016666663333,
     -1.00100049999983333e-6, 2.40600599999440001e-14},
    {1e10, 220258509288.810581, 23.0258509298904568, 1.00000000005e-10, -1.0000000001e-20,
     2.4000000006e-49},
    {-0.5, 1.2655121234846454, 0.0364899739785765206, 8.93480220054467931, -0.828796644234319996,
     15371.1135486024355},
    {-1.25, 1.36643176123697623, 3.71413912021352783, 19.1818796476716065, 123.72136678366236,
     492230.21062287458},
    {-10.5, -15.1472705907178411, 2.39823912953578161, 9.77875773981481238, -0.00824746905065221712,
     15382.2269497028435},
    {-100.25, -363.400923227821541, 7.75423895920864545, 19.7292833253493633, 124.025008206917709,
     492231.26711055356},
    {-1e-20, 46.0517018598809137, 1.00000000000000005e+20, 1.00000000000000011e+40,
     2.00000000000000033e+60, 1.20000000000000039e+122},
};

double value(Lane lane, double x, double order = 0) {
  return lanes_testing::run<double>(lane, {{x}}, &order)[0];
}

// B(2k) / (2k)!, B Bernoulli's numbers.
constexpr Real kBernoulli[] = {1.0L / 12,          -1.0L / 720,
                               1.0L / 30240,       -1.0L / 1209600,
                               1.0L / 47900160,    -691.0L / 1307674368000,
                               1.0L / 74724249600, -3617.0L / 10670622842880000};

// The sum of 1 / (x + k)^s over k >= 0; for s = 1 less the limit of log k, which is -psi(x).
Real zeta(int s, Real x) {
  Real terms = 0;
  std::vector<Real> all;
  for (; x < 40; x += 1) all.push_back(std::pow(x, static_cast<Real>(-s)));
  Real rising = s, power = std::pow(x, static_cast<Real>(-s));
  Real rest = (s == 1 ? -std::log(x) : power * x / (s - 1)) + power / 2;
  for (int k = 1; k <= 8; ++k) {
    power /= k == 1 ? x : x * x;
    rest += kBernoulli[k - 1] * rising * power;
    rising *= Real(s + 2 * k - 1) * (s + 2 * k);
  }
  for (auto i = all.rbegin(); i != all.rend(); ++i) terms += *i;  // the small ones first
  return terms + rest;
}

// Near its zero, where the sum cancels, by Taylor's series from there.
Real digamma(Real x) {
  constexpr Real kZero = 0x1.762d86356be3fp+0L, kRest = 0x1.b86a722197829p-54L;
  if (std::isinf(x)) return x;
  if (std::fabs(x - kZero) > 0.25L) return -zeta(1, x);
  const Real from_zero = (x - kZero) - kRest;
  static const std::vector<Real> coefficients = [] {
    std::vector<Real> c;
    for (int k = 1; k < 40; ++k) c.push_back((k % 2 == 0 ? -1 : 1) * zeta(k + 1, kZero + kRest));
    return c;
  }();
  Real sum = 0;
  for (std::size_t k = coefficients.size(); k-- > 0;) sum = (sum + coefficients[k]) * from_zero;
  return sum;
}

Real polygamma(int n, Real x) {
  return (n % 2 == 0 ? -1 : 1) * std::tgamma(Real(n + 1)) * (std::isinf(x) ? 0 : zeta(n + 1, x));
}

// All kinds of numbers above 0, and those beside seams and zeros.
template <class T>
std::vector<T> positives() {
  std::vector<T> x = lanes_testing::joined(lanes_testing::all_kinds<T>(4000),
                                           lanes_testing::spread<T>(0, 20, 8000));
  for (const double point : {0.5, 1.0, 1.4616321449683623, 1.5, 2.0, 2.5, 8.0, 8.5}) {
    for (const double u : lanes_testing::spread<double>(1, std::numeric_limits<T>::digits, 400)) {
      x.push_back(static_cast<T>(point + std::exp2(-u)));
      x.push_back(static_cast<T>(point - std::exp2(-u)));
    }
  }
  std::erase_if(x, [](T value) { return !(value > 0); });
  return x;
}

template <class T, class Exact>
void check_accuracy(Lane lane, double order, double stated, Exact exact) {
  const std::vector<T> x = positives<T>();
  std::vector<Real> expected;
  for (const T value : x) expected.push_back(exact(Real{value}));
  on_every_target([&](auto) {
    const std::vector<T> y = lanes_testing::run<T>(lane, {x}, &order);
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = lanes_testing::ulp_error(y[i], expected[i]);
      if (error > worst) worst = error, at = i;
    }
    INFO("order ", order, ", x = ", x[at], ", y = ", y[at], ", worst ", worst);
    CHECK(worst <= stated);
  });
}

template <class Exact>
void check_both(Lane lane, double order, Exact exact) {
  check_accuracy<float>(lane, order, lane_info(lane).ulp_f32, exact);
  check_accuracy<double>(lane, order, lane_info(lane).ulp_f64, exact);
}

}  // namespace

TEST_CASE("the gamma functions have their known values, on every target") {
  on_every_target([](auto) {
    for (const Known& k : kKnown) {
      CAPTURE(k.x);
      // Left of 0 by the reflection, whose terms are up to 100 times the sum here.
      const double epsilon = k.x > 0 ? 1e-15 : 2e-14;
      const auto near = [&](double y, double expected) {
        return std::abs(y - expected) <=
               epsilon * std::max(std::abs(expected), k.x > 0 ? 0.0 : 1.0);
      };
      CHECK(near(value(Lane::kLgamma, k.x), k.lgamma));
      CHECK(near(value(Lane::kDigamma, k.x), k.digamma));
      CHECK(near(value(Lane::kPolygamma, k.x, 1), k.first));
      CHECK(near(value(Lane::kPolygamma, k.x, 2), k.second));
      CHECK(near(value(Lane::kPolygamma, k.x, 5), k.fifth));
    }
  });
}

TEST_CASE("the gamma functions are as accurate as they state, for x > 0 on every target") {
  check_both(Lane::kLgamma, 0, [](Real x) { return std::lgamma(x); });
  check_both(Lane::kDigamma, 0, [](Real x) { return digamma(x); });
  for (const int n : {1, 2, 5}) {
    check_both(Lane::kPolygamma, n, [n](Real x) { return polygamma(n, x); });
  }
}

TEST_CASE("a polygamma of a high order neither overflows nor vanishes before its value does") {
  // n! / x^n (1 / n + 1 / (2 x) + (n + 1) / (12 x^2) - ...), of which 1e4 leaves the first three.
  for (const int n : {20, 60, 100}) {
    const Real x = 1e4;
    const Real expected = std::exp(std::lgamma(Real(n + 1)) - n * std::log(x)) *
                          (1 / Real(n) + 1 / (2 * x) + (n + 1) / (12 * x * x));
    const double got = (n % 2 == 0 ? -1 : 1) * value(Lane::kPolygamma, 1e4, n);
    CHECK(got / static_cast<double>(expected) == doctest::Approx(1).epsilon(1e-10));
  }
}

TEST_CASE("the gamma functions at their poles and ends") {
  on_every_target([](auto) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const double x : {0.0, -0.0, -1.0, -3.0, -1e30, kInfinity, -kInfinity, 1e307}) {
      CAPTURE(x);
      CHECK(value(Lane::kLgamma, x) == kInfinity);
    }
    CHECK(value(Lane::kLgamma, 1) == 0);
    CHECK(value(Lane::kLgamma, 2) == 0);
    CHECK(value(Lane::kDigamma, 0.0) == -kInfinity);
    CHECK(value(Lane::kDigamma, -0.0) == kInfinity);
    CHECK(value(Lane::kDigamma, kInfinity) == kInfinity);
    CHECK(value(Lane::kPolygamma, -1, 1) == kInfinity);
    CHECK(value(Lane::kPolygamma, 0.0, 2) == -kInfinity);
    CHECK(value(Lane::kPolygamma, -0.0, 2) == kInfinity);
    CHECK(value(Lane::kPolygamma, kInfinity, 1) == 0);
    CHECK(std::isnan(value(Lane::kDigamma, -2)));
    CHECK(std::isnan(value(Lane::kDigamma, -kInfinity)));
    CHECK(std::isnan(value(Lane::kPolygamma, -2, 2)));
    for (const Lane lane : {Lane::kLgamma, Lane::kDigamma, Lane::kPolygamma}) {
      CHECK(std::isnan(value(lane, std::nan(""), 1)));
    }
  });
}
