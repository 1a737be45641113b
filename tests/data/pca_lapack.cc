// Principal components beside LAPACK's, on real data of several kinds.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ae/model/pca.h"
#include "nn/data/read_data.h"
#include "tests/data/places.h"

using namespace hourglass;
using hourglass::test::real_data;

// LAPACK, which OpenBLAS brings along: eigenvalues, ascending, of a symmetric matrix by columns.
extern "C" void dsyev_(const char* jobs, const char* triangle, const int* n, double* a,
                       const int* lda, double* w, double* work, const int* work_size, int* info);

namespace {

using Columns = std::vector<std::vector<double>>;

// Each column less its mean, over its deviation; of a constant one zeros.
Columns standardised(const Tensor& table) {
  const std::int64_t n = table.shape()[0], d = table.shape()[1];
  Columns columns(static_cast<std::size_t>(d));
  for (std::int64_t j = 0; j < d; ++j) {
    std::vector<double>& x = columns[static_cast<std::size_t>(j)];
    long double mean = 0, squares = 0;
    for (std::int64_t i = 0; i < n; ++i) x.push_back(table.at(i * d + j));
    for (const double v : x) mean += v;
    mean /= static_cast<long double>(n);
    for (const double v : x) squares += (v - mean) * (v - mean);
    const long double deviation = std::sqrt(squares / static_cast<long double>(n));
    for (double& v : x) v = deviation > 0 ? static_cast<double>((v - mean) / deviation) : 0;
  }
  return columns;
}

// Of the covariance matrix, descending.
std::vector<double> eigenvalues_by_lapack(const Columns& x) {
  const std::size_t d = x.size(), n = x[0].size();
  std::vector<double> covariance(d * d), values(d), work(66 * d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += x[i][k] * x[j][k];
      covariance[i * d + j] = covariance[j * d + i] = sum / static_cast<double>(n);
    }
  }
  const int order = static_cast<int>(d), room = static_cast<int>(work.size());
  int info = 0;
  dsyev_("N", "U", &order, covariance.data(), &order, values.data(), work.data(), &room, &info);
  REQUIRE(info == 0);
  std::reverse(values.begin(), values.end());
  return values;
}

void check_against_lapack(const nn::DataSet& data) {
  const Tensor rows = data.rows();
  ae::InputScale scale =
      ae::make_input_scale(ae::Scale::kStandard, ae::Missing::kNone, Shape{data.width()}, false);
  ae::ColumnStatistics statistics;
  statistics.add(rows);
  scale.set(statistics);
  const ae::Pca pca = ae::fit_pca(rows, scale);
  const std::vector<double> expected = eigenvalues_by_lapack(standardised(rows));
  REQUIRE(pca.variances.elements() == static_cast<std::int64_t>(expected.size()));
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(pca.variances.at(static_cast<std::int64_t>(i)) - expected[i]));
  }
  CHECK(worst < 1e-6 * expected[0]);
  MESSAGE(data.source, ": off by ", worst / expected[0], " of the largest");
}

}  // namespace

TEST_CASE("principal components of tables, recordings and faces agree with LAPACK") {
  for (const char* table : {"cardio", "satellite", "vowels", "musk"}) {
    const std::string path = real_data(std::string("odds/") + table + ".csv.gz");
    if (!path.empty()) check_against_lapack(nn::read_data(path, {.label = "last"}).all);
  }
  const std::string valve = real_data("skab/valve1");
  if (!valve.empty()) {
    check_against_lapack(
        nn::read_data(valve, {.series = true, .drop = {"changepoint"}, .label = "anomaly"}).all);
  }
  const std::string faces = real_data("frey_faces");
  if (!faces.empty()) check_against_lapack(nn::read_data(faces).all);
}
