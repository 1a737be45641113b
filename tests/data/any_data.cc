// Real data of each kind through the commands, as a user would type them.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ae/model/input_scale.h"
#include "nn/data/read_data.h"
#include "tensor/files/csv_write.h"
#include "tensor/files/npy.h"
#include "tensor/random.h"
#include "tests/data/places.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

std::string told(const std::string& command) {
  const Output output = run_hourglass(command);
  CAPTURE(command);
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  return output.out;
}

// A run on such data: what training and evaluation say, and what comes back of all of them.
struct Applied {
  std::string trained, evaluated;
  Tensor reconstructions;
};

Applied applied(const std::string& options, const std::string& path) {
  const TemporaryFolder folder;
  const std::string run = folder.path("run"), out = folder.path("y.npy");
  Applied result;
  result.trained = told("train " + options + " --epochs 1 --data '" + path + "' --out " + run);
  result.evaluated = told("evaluate " + run);
  told("reconstruct " + run + " '" + path + "' -o " + out);
  result.reconstructions = read_npy(out);
  return result;
}

// A table with a tenth of its values hidden.
Tensor with_holes(const Tensor& table) {
  const Tensor draws = uniform(key_of(5), "holes", 0, table.shape(), 0, 1, DType::kF64);
  Tensor holes = table.clone();
  for (std::int64_t i = 0; i < table.elements(); ++i) {
    if (draws.at(i) < 0.1) holes.data<double>()[i] = std::numeric_limits<double>::quiet_NaN();
  }
  return holes;
}

// How far off the hidden values are, in deviations of their columns: as a model filled them, and as
// the columns' means do. Roots of mean squares.
struct Errors {
  double model = 0, mean = 0;
};

Errors errors_of(const Tensor& table, const Tensor& holes, const Tensor& filled) {
  ae::ColumnStatistics known;
  known.add(holes);
  const Tensor mean = known.mean(), deviation = known.deviation();
  Errors errors;
  double hidden = 0;
  for (std::int64_t i = 0; i < table.elements(); ++i) {
    if (!std::isnan(holes.at(i))) continue;
    const std::int64_t column = i % table.shape()[1];
    const double truth = table.at(i), unit = deviation.at(column);
    errors.model += std::pow((filled.at(i) - truth) / unit, 2);
    errors.mean += std::pow((mean.at(column) - truth) / unit, 2);
    ++hidden;
  }
  return {std::sqrt(errors.model / hidden), std::sqrt(errors.mean / hidden)};
}

// By what a user would take: `train denoising` and its defaults.
Tensor filled_by_model(const Tensor& holes) {
  const TemporaryFolder folder;
  const std::string run = folder.path("run"), in = folder.path("holes.csv");
  write_csv(in, {}, holes);
  told("train denoising --missing mask --no-diagnostics --data " + in + " --out " + run);
  told("impute " + run + " " + in + " -o " + folder.path("full.npy"));
  return read_npy(folder.path("full.npy"));
}

}  // namespace

TEST_CASE("a table of cardiotocograms is learnt, judged and reconstructed") {
  const std::string path = real_data("odds/cardio.csv.gz");
  if (path.empty()) return;
  const Applied run = applied("dense --label last", path);
  CHECK(holds(run.trained, "dense: 1465 training and 183 test rows of 21 columns ("));
  CHECK(holds(run.trained, "loss mse, code of 5\n"));
  CHECK(run.evaluated.starts_with("dense on 183 test rows ("));
  CHECK(run.reconstructions.shape() == Shape{1831, 21});
}

TEST_CASE("windows of a valve's recordings are learnt by convolutions, and laid over one another") {
  const std::string path = real_data("skab/valve1");
  if (path.empty()) return;
  const Applied run = applied("conv --window 32 --label anomaly --drop changepoint", path);
  CHECK(
      holds(run.trained, "conv: 14028 training and 1326 test windows of 32 steps of 8 channels ("));
  CHECK(run.evaluated.starts_with("conv on 1326 test windows ("));
  CHECK(run.reconstructions.shape() == Shape{18160, 8});
  const Tensor x =
      nn::read_data(path, {.series = true, .drop = {"changepoint"}, .label = "anomaly"})
          .all.examples;
  double x_sum = 0, y_sum = 0;  // of the temperature of the motor, some 70 degrees
  for (std::int64_t t = 0; t < 18160; ++t) {
    x_sum += x.at(8 * t + 4);
    y_sum += run.reconstructions.at(8 * t + 4);
  }
  CHECK(y_sum / x_sum == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE("newsgroups are learnt by a variational autoencoder with a multinomial") {
  const std::string path = real_data("20newsgroups/train.bow2000.svm.gz");
  if (path.empty()) return;
  const Applied run = applied("vae", path);
  CHECK(holds(run.trained, "vae: 9052 training and 1131 test counts of 2000 things ("));
  CHECK(holds(run.trained, "scale log1p, output identity, loss multinomial, code of 20\n"));
  CHECK(run.evaluated.starts_with("vae on 1131 test counts ("));
  CHECK(run.reconstructions.shape() == Shape{11314, 2000});
}

TEST_CASE("faces of 28 by 20 are learnt by convolutions as they are") {
  const std::string path = real_data("frey_faces");
  if (path.empty()) return;
  const Applied run = applied("conv", path);
  CHECK(holds(run.trained, "conv: 1571 training and 197 test images of 28 by 20 ("));
  CHECK(run.evaluated.starts_with("conv on 197 test images ("));
  CHECK(run.reconstructions.shape() == Shape{1965, 28, 20});
}

TEST_CASE("a denoising autoencoder fills the holes of real tables better than their means") {
  for (const std::string& name : std::vector<std::string>{"cardio", "satellite", "vowels"}) {
    const std::string path = real_data("odds/" + name + ".csv.gz");
    if (path.empty()) continue;
    CAPTURE(name);
    const Tensor table = nn::read_data(path, {.label = "last"}).all.examples;
    const Tensor holes = with_holes(table);
    const Errors errors = errors_of(table, holes, filled_by_model(holes));
    MESSAGE(name << ": off by " << errors.model << " deviations, the means by " << errors.mean);
    CHECK(errors.model < 0.9 * errors.mean);
  }
}
