#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace hourglass::bench {

inline double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

struct Spread {
  double median = 0, min = 0, max = 0;
};

inline Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return {(values[(n - 1) / 2] + values[n / 2]) / 2, values.front(), values.back()};
}

// Calls f for some time, at least twice, not counted, and then for `seconds`, at least three times:
// the seconds of each call.
template <class F>
std::vector<double> time_calls(double seconds, F&& f) {
  const double begin = seconds_now();
  for (int i = 0; i < 2 || seconds_now() - begin < 0.2 * seconds; ++i) f();
  std::vector<double> times;
  const double start = seconds_now();
  for (double before = start; times.size() < 3 || before - start < seconds;) {
    f();
    const double after = seconds_now();
    times.push_back(after - before);
    before = after;
  }
  return times;
}

// Two calls in turn, for `seconds`, at least five times, after one of each that does not count:
// what each took, in seconds times `unit`.
template <class F, class G>
void time_pairs(double seconds, F&& f, G&& g, std::vector<double>& f_times,
                std::vector<double>& g_times, double unit) {
  f();
  g();
  const double start = seconds_now();
  for (double before = start; f_times.size() < 5 || before - start < seconds;) {
    f();
    const double between = seconds_now();
    g();
    const double after = seconds_now();
    f_times.push_back((between - before) * unit);
    g_times.push_back((after - between) * unit);
    before = after;
  }
}

}  // namespace hourglass::bench
