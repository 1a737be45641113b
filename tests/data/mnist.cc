// Checks on real digits: the folder `mnist` of $HOURGLASS_DATA, or of ../shared/data beside the
// sources.

#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "ae/model/pca.h"
#include "ae/model/train.h"
#include "autograd/ops/ops.h"
#include "nn/data/read_data.h"
#include "tensor/parallel.h"
#include "tests/data/places.h"
#include "tests/tools/program.h"

using namespace hourglass;

namespace {

// MNIST, read once; nothing where it is not there.
const nn::RawData* mnist() {
  static const std::optional<nn::RawData> data = []() -> std::optional<nn::RawData> {
    const std::string folder = test::real_data("mnist");
    if (folder.empty()) return std::nullopt;
    return nn::read_data(folder);
  }();
  return data ? &*data : nullptr;
}

const ae::Pca& mnist_pca() {
  static const ae::Pca pca = ae::fit_pca(mnist()->all.rows());
  return pca;
}

double sse_per_image(const ae::Autoencoder& model) {
  for (const nn::NamedValue& m : ae::reconstruction_metrics(model, mnist()->test->rows())) {
    if (m.name == "sse_per_image") return m.value;
  }
  return -1;
}

nn::TrainResult train(ae::Autoencoder& model, const nn::TrainOptions& options) {
  return ae::train(model, {mnist()->all.rows()}, options);
}

}  // namespace

TEST_CASE("PCA of MNIST has the known test errors") {
  if (!mnist()) return;
  CHECK(mnist()->all.count() == 60000);
  CHECK(mnist()->test->count() == 10000);
  struct Row {
    std::int64_t code;
    double error;
  };
  for (const Row& row :
       {Row{10, 26.714}, Row{20, 18.454}, Row{30, 13.866}, Row{36, 11.997}, Row{64, 7.093}}) {
    const double error = sse_per_image(ae::pca_autoencoder(mnist_pca(), row.code));
    CAPTURE(row.code);
    CHECK(std::abs(error - row.error) < 0.0006);
  }
}

TEST_CASE(
    "a linear autoencoder reaches PCA: excess error below 1 %, leading 10 directions within 5 "
    "degrees") {
  if (!mnist()) return;
  ae::Spec spec{.encoder = {784, 30}};
  spec.hidden = spec.code = spec.output = nn::Activation::kIdentity;
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  const nn::TrainResult result = train(
      model,
      {.epochs = 20, .batch = 128, .learning_rate = 1e-3, .schedule = {nn::Schedule::kCosine}});
  CHECK(result.outcome == nn::Outcome::kDone);
  const double pca = sse_per_image(ae::pca_autoencoder(mnist_pca(), 30));
  const double excess = sse_per_image(model) / pca - 1;
  MESSAGE("excess error over PCA: " << 100 * excess << " %");
  CHECK(excess < 0.01);
  const Tensor decoder =
      model.decoder.layers[0].linear.weight.tensor().cast(DType::kF64);         // [784, 30]
  const Var leading = transpose(constant(mnist_pca().components.rows(0, 10)));  // [784, 10]
  const std::vector<double> angles = ae::principal_angles(leading.value(), decoder);
  MESSAGE("largest of the leading 10 principal angles: " << angles.back() << " degrees");
  CHECK(angles.back() < 5);
}

TEST_CASE("two epochs bring the deep autoencoder of Hinton & Salakhutdinov below a bound") {
  if (!mnist()) return;
  ae::Spec spec{.encoder = {784, 1000, 500, 250, 30}};
  spec.init = nn::Init::kKaimingUniform;
  spec.loss = ae::Loss::kBce;
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(train(
      model,
      {.epochs = 2, .batch = 128, .learning_rate = 1e-3, .schedule = {nn::Schedule::kCosine}}));
  const double error = sse_per_image(model);
  MESSAGE("after 2 epochs: " << error << " (PCA 13.866)");
  CHECK(error < 8);
}

TEST_CASE("the same seed gives the same model file on 1 and 2 threads, byte for byte") {
  if (!mnist()) return;
  const test::TemporaryFolder folder;
  for (const char* threads : {"1", "2"}) {
    const test::Output output =
        test::run_hourglass("train dense --epochs 1 --seed 3 --data '" + test::real_data("mnist") +
                            "' --out " + folder.path(threads) + " --threads " + threads);
    CHECK(output.err == "");
    REQUIRE(output.code == 0);
  }
  CHECK(test::read_bytes(folder.path("1/model.safetensors")) ==
        test::read_bytes(folder.path("2/model.safetensors")));
}

TEST_CASE("gradcheck passes a trained convolutional model, whose biases come close to kinks") {
  if (!mnist()) return;
  const test::TemporaryFolder folder;
  const std::string run = folder.path("run");
  REQUIRE(test::run_hourglass("train conv --epochs 1 --seed 0 --data '" + test::real_data("mnist") +
                              "' --out " + run)
              .code == 0);
  const test::Output output = test::run_hourglass("gradcheck " + run);
  CHECK(output.code == 0);
  CHECK(output.out.find("the loss of 8 images") != std::string::npos);
  CHECK(output.out.find("order 1: passed") != std::string::npos);
}
