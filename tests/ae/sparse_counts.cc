// Counts that stay sparse: the same model, learnt from entries in place of zeros.

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "ae/model/objective.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "nn/data/read_data.h"
#include "nn/train/data_source.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

constexpr std::int64_t kCount = 60, kWords = 40;

// Two entries in ten; a row has none.
nn::Rows make_sparse_counts() {
  auto counts = std::make_shared<nn::CsrMatrix>();
  counts->width = kWords;
  const Tensor u = uniform(key_of(3), "counts", 0, {kCount, kWords});
  for (std::int64_t i = 0; i < kCount; ++i) {
    for (std::int64_t j = 0; j < kWords; ++j) {
      const double draw = u.at(i * kWords + j);
      if (i == 7 || draw > 0.2) continue;
      counts->values.push_back(static_cast<float>(1 + static_cast<int>(30 * draw)));
      counts->columns.push_back(static_cast<std::int32_t>(j));
    }
    counts->row_starts.push_back(counts->entries());
  }
  return {counts, DType::kI32};
}

ae::Spec spec_of(const std::string& model) {
  ae::Spec spec{.encoder = {kWords, 12, 3},
                .scale = ae::Scale::kLog1p,
                .output = nn::Activation::kIdentity,
                .loss = ae::Loss::kMultinomial};
  if (model == "vae") spec.rule = ae::Gaussian{};
  if (model == "tied") spec.tied = true;
  if (model == "poisson") spec.loss = ae::Loss::kPoisson;
  if (model == "vq") spec.rule = ae::Quantised{.entries = 8, .entry_width = 3};
  if (model == "rms") {
    spec.scale = ae::Scale::kRms;
    spec.loss = ae::Loss::kMse;
  }
  return spec;
}

const char* const kModels[] = {"dense", "vae", "tied", "poisson", "vq", "rms"};

ae::Autoencoder make_model(const ae::Spec& spec, const nn::Rows& counts) {
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  ae::fit_input(model, counts);
  return model;
}

ae::Batch batch_of(const nn::Rows& counts, bool sparse) {
  const std::vector<Tensor> all = nn::shuffled_sparse_rows(counts, 8, 2).batch(1, 3);
  ae::Batch batch{constant(all[0])};
  if (sparse) batch.sparse = SparseRows{constant(all[1]), constant(all[2]), constant(all[3])};
  return batch;
}

struct Learnt {
  ae::Autoencoder model;
  double loss = 0;
};

Learnt learnt(const ae::Spec& spec, const nn::Rows& counts, int threads) {
  Learnt result{ae::make_autoencoder(spec, 1)};
  nn::check_trained(
      ae::train(result.model, {counts}, {.epochs = 5, .batch = 16, .threads = threads},
                {.on_step = {},
                 .on_epoch = [&](const nn::EpochReport& report) { result.loss = report.loss; }}));
  return result;
}

}  // namespace

TEST_CASE("counts stay sparse, and are whole numbers to whoever asks for rows") {
  const TempFolder folder;
  put(folder / "x.svm", "1 1:3 4:1\n0 2:2\n1\n0 1:1 2:1 3:9\n");
  const nn::Rows counts = nn::read_data(folder / "x.svm").all.examples;
  CHECK(counts.is_sparse());
  CHECK(counts.dtype() == DType::kI32);
  CHECK(counts.shape() == Shape{4, 4});
  CHECK(counts.tensor().values() ==
        std::vector<double>{3, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1, 9, 0});
  const nn::Rows some = counts.range(1, 4).select({2, 0});
  CHECK(some.is_sparse());
  CHECK(some.most_entries(1) == 3);
  const std::int32_t ids[] = {1, 0};
  const nn::CsrBatch batch = some.sparse(ids, 2, 5);
  CHECK(batch.values.values() == std::vector<double>{2, 1, 1, 9, 0});
  CHECK(batch.row_starts.values() == std::vector<double>{0, 1, 4});
}

TEST_CASE("a batch of sparse rows has the rows twice, in full and by their entries") {
  const nn::Rows counts = make_sparse_counts();
  const nn::DataSource data = nn::shuffled_sparse_rows(counts, 16, 2);
  const nn::DataSource plain = nn::shuffled_rows({counts}, 16, 2);
  REQUIRE(data.batches == 4);
  for (std::int64_t i = 0; i < 4; ++i) {
    const std::vector<Tensor> batch = data.batch(2, i);
    const Tensor x = batch[0].cast(DType::kF32);
    CHECK(batch[0].identical(plain.batch(2, i)[0]));
    CHECK(batch[1].elements() == counts.most_entries(16));
    const SparseRows rows{constant(batch[1]), constant(batch[2]), constant(batch[3])};
    CHECK(sparse_matmul(rows, eye(kWords)).value().identical(x));
  }
}

TEST_CASE(
    "an encoder gives of sparse rows what it gives of the same in full, and learns the same") {
  const nn::Rows counts = make_sparse_counts();
  for (const char* name : kModels) {
    CAPTURE(name);
    const ae::Spec spec = spec_of(name);
    REQUIRE(ae::takes_sparse(spec));
    ae::Autoencoder model = make_model(spec, counts);
    Step one = make_step(1), two = make_step(1);
    const Var dense = ae::objective(model, batch_of(counts, false), one).loss;
    const Var sparse = ae::objective(model, batch_of(counts, true), two).loss;
    CHECK(sparse.value().item() == doctest::Approx(dense.value().item()).epsilon(1e-5));
    Learnt a = learnt(spec, counts, 1), b = learnt(spec, counts, 2);
    CHECK(a.loss == b.loss);
    const Learnt full = learnt(spec, counts.tensor(), 1);
    CHECK(a.loss == doctest::Approx(full.loss).epsilon(1e-4));
    const std::vector<Var> of_a = a.model.parameters(), of_b = b.model.parameters();
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      CHECK(of_a[i].tensor().identical(of_b[i].tensor()));
    }
  }
}

TEST_CASE("the loss of sparse rows has the right gradient, and gradient of the gradient") {
  const nn::Rows counts = make_sparse_counts();
  for (const char* name : {"dense", "vae", "tied", "rms"}) {
    CAPTURE(name);
    ae::Autoencoder model = make_model(spec_of(name), counts);
    Step step = make_step(1);
    const nn::Objective o = ae::objective(model, batch_of(counts, true), step);
    const CheckReport report = gradgradcheck(o.loss, model.trained_parameters(), {},
                                             {.max_elements = 60, .directions = 8});
    INFO(to_string(report));
    CHECK(report.passed);
  }
}

TEST_CASE("what is more than a layer of scaled counts is given them in full") {
  const auto takes = [](auto change) {
    ae::Spec spec = spec_of("dense");
    change(spec);
    return ae::takes_sparse(spec);
  };
  CHECK(takes([](ae::Spec&) {}));
  CHECK_FALSE(takes([](ae::Spec& s) { s.scale = ae::Scale::kStandard; }));
  CHECK_FALSE(takes([](ae::Spec& s) { s.scale = ae::Scale::kPixels; }));
  CHECK_FALSE(
      takes([](ae::Spec& s) { s.corruption = {ae::Corruption::from_text("masking:0.1")}; }));
  CHECK_FALSE(takes([](ae::Spec& s) { s.penalties = {ae::Penalty::from_text("l1:0.1")}; }));
  CHECK_FALSE(takes([](ae::Spec& s) { s.classes = 3; }));
  CHECK_FALSE(takes([](ae::Spec& s) { s.missing = ae::Missing::kMask; }));
  CHECK_FALSE(takes([](ae::Spec& s) {
    s.encoder = {kWords, 3};
    s.rule = ae::Gaussian{};
  }));
  ae::Spec spec = spec_of("dense");
  spec.corruption = {ae::Corruption::from_text("masking:0.1")};
  const ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  CHECK_THROWS_WITH_AS(model.encode(*batch_of(make_sparse_counts(), true).sparse),
                       "encode: the model's first layer takes no sparse rows", Error);
}
