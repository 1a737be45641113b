#include "tools/catalogue.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <map>

#include "ae/measure/metrics.h"
#include "ae/model/pca.h"
#include "ae/model/spec_fields.h"
#include "ae/model/train.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::tools;
using nn::DataKind;

namespace {

using Widths = std::vector<std::int64_t>;

ae::Spec fitted(const char* name, const ae::DataForm& form) {
  return default_spec(find_model(name), form);
}

ae::DataForm rows_of(std::int64_t columns) { return {DataKind::kRow, Shape{columns}, 3}; }

// Examples as they are stored: bytes of pixels, counts, or numbers far from 0.
Tensor generated(const ae::DataForm& form) {
  const Shape shape{24, form.example.elements()};
  const Tensor u = uniform(key_of(3), "data", 0, shape, 0, 1, DType::kF64);
  Tensor x = form.kind == DataKind::kImage    ? Tensor(shape, DType::kU8)
             : form.kind == DataKind::kCounts ? Tensor(shape, DType::kI32)
                                              : u.clone();
  for (std::int64_t i = 0; i < u.elements(); ++i) {
    if (form.kind == DataKind::kImage) {
      x.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(255 * u.at(i));
    } else if (form.kind == DataKind::kCounts) {
      x.data<std::int32_t>()[i] = static_cast<std::int32_t>(4 * u.at(i));
    } else {
      x.data<double>()[i] = 300 + 20 * u.at(i);
    }
  }
  return x;
}

// Two steps, and what it gives then.
void check_trains(const ModelEntry& entry, const ae::DataForm& form) {
  const ae::Spec spec = default_spec(entry, form);
  check(spec);
  const Tensor rows = generated(form);
  ae::Examples examples{rows};
  if (spec.classes > 0) {
    examples.labels = Tensor({24}, DType::kI32);
    for (std::int32_t i = 0; i < 24; ++i) {
      examples.labels.data<std::int32_t>()[i] = i % static_cast<std::int32_t>(spec.classes);
    }
  }
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  fit_input(model, rows);
  if (entry.trained) {
    nn::check_trained(ae::train(model, examples, {.epochs = 1, .batch = 12}));
  } else {
    set_to_pca(model, ae::fit_pca(rows, model.input));
  }
  const Tensor y = ae::reconstructions(model, examples);
  REQUIRE(y.shape() == rows.shape());
  for (double v : y.values()) REQUIRE(std::isfinite(v));
}

}  // namespace

TEST_CASE("each name stands for the widths that it always had: a run of it can be compared") {
  const std::map<std::string, Widths> encoders = {{"pca", {784, 30}},
                                                  {"linear", {784, 30}},
                                                  {"dense", {784, 32}},
                                                  {"deep", {784, 1000, 500, 250, 30}},
                                                  {"stacked", {784, 1000, 500, 250, 30}},
                                                  {"tied", {784, 256}},
                                                  {"sparse-l1", {784, 256}},
                                                  {"sparse-kl", {784, 256}},
                                                  {"k-sparse", {784, 1000}},
                                                  {"denoising", {784, 256}},
                                                  {"contractive", {784, 256}},
                                                  {"caeh", {784, 256}},
                                                  {"robust", {784, 32}},
                                                  {"vae", {784, 400, 20}},
                                                  {"beta-vae", {784, 400, 20}},
                                                  {"cvae", {784, 400, 20}},
                                                  {"iwae", {784, 400, 20}},
                                                  {"vq-vae", {784, 400, 64}},
                                                  {"wae", {784, 400, 8}},
                                                  {"adversarial", {784, 400, 8}},
                                                  {"conv", {784}},
                                                  {"conv-pool", {784, 32}},
                                                  {"conv-denoising", {784}},
                                                  {"conv-vae", {784, 128, 20}}};
  const std::map<std::string, Widths> channels = {{"conv", {16, 32, 8}},
                                                  {"conv-pool", {16, 16}},
                                                  {"conv-denoising", {16, 32, 8}},
                                                  {"conv-vae", {16, 32}}};
  CHECK(catalogue().size() == encoders.size());
  for (const ModelEntry& entry : catalogue()) {
    CAPTURE(entry.name);
    const ae::Spec spec = entry.spec();
    CHECK(spec.encoder == encoders.at(entry.name));
    CHECK(entry.pretrain == (entry.name == "stacked" ? 5 : 0));
    Widths found;
    const ae::ConvLayer pooled{.kernel = 5, .padding = 2, .pool = 2}, strided{.stride = 2};
    for (ae::ConvLayer layer : spec.conv) {
      found.push_back(layer.channels);
      layer.channels = ae::ConvLayer{}.channels;
      CHECK(layer == (entry.name == "conv-pool" ? pooled : strided));
    }
    CHECK(spec.input == (spec.conv.empty() ? Widths{} : Widths{1, 28, 28}));
    CHECK(found == (spec.conv.empty() ? Widths{} : channels.at(entry.name)));
  }
}

TEST_CASE("each name stands for the choices that it always had") {
  const std::map<std::string, std::string> choices = {
      {"pca", "hidden identity; output identity; solved"},
      {"linear", "hidden identity; output identity; 20 epochs, cosine"},
      {"dense", "code relu; loss bce; 10 epochs, cosine"},
      {"deep", "init kaiming-uniform; loss bce; 10 epochs, cosine"},
      {"stacked", "hidden sigmoid; code sigmoid; init xavier-uniform; loss bce; 10 epochs, cosine"},
      {"tied", "code sigmoid; tied yes; loss bce; 10 epochs, cosine"},
      {"sparse-l1", "code relu; loss bce; penalties l1:0.1; 10 epochs, cosine"},
      {"sparse-kl", "code sigmoid; loss bce; penalties kl:0.05,1; 10 epochs, cosine"},
      {"k-sparse",
       "code rule top-k, active 25; hidden identity; tied yes; output identity; 10 epochs, cosine"},
      {"denoising", "code sigmoid; tied yes; loss bce; corruption masking:0.25; 10 epochs, cosine"},
      {"contractive",
       "code sigmoid; tied yes; loss bce; penalties contractive:0.1; 10 epochs, cosine"},
      {"caeh",
       "code sigmoid; tied yes; loss bce; penalties contractive:0.1 caeh:0.1,0.3; 10 epochs, "
       "cosine"},
      {"robust", "code relu; loss correntropy; loss_scale 0.5; 10 epochs, cosine"},
      {"vae",
       "code rule gaussian, beta 1, warm_up 0, free_bits 0, samples 1, importance no; loss bce; 10 "
       "epochs, constant"},
      {"beta-vae",
       "code rule gaussian, beta 4, warm_up 200, free_bits 0, samples 1, importance no; loss bce; "
       "10 epochs, constant"},
      {"cvae",
       "code rule gaussian, beta 1, warm_up 0, free_bits 0, samples 1, importance no; loss bce; "
       "classes 10; 10 epochs, constant"},
      {"iwae",
       "code rule gaussian, beta 1, warm_up 0, free_bits 0, samples 5, importance yes; loss bce; "
       "10 epochs, constant"},
      {"vq-vae",
       "code rule quantised, entries 64, entry_width 4, commitment 0.25; loss bce; 10 epochs, "
       "cosine"},
      {"wae", "loss bce; penalties mmd:100; 10 epochs, cosine"},
      {"adversarial", "loss bce; discriminator 128,128; adversarial 10; 10 epochs, cosine"},
      {"conv", "init kaiming-uniform; loss bce; 5 epochs, cosine"},
      {"conv-pool", "loss bce; 5 epochs, cosine"},
      {"conv-denoising",
       "init kaiming-uniform; loss bce; corruption gaussian:0.5; 5 epochs, cosine"},
      {"conv-vae",
       "code rule gaussian, beta 1, warm_up 0, free_bits 0, samples 1, importance no; loss bce; 5 "
       "epochs, cosine"}};
  CHECK(catalogue().size() == choices.size());
  for (const ModelEntry& entry : catalogue()) {
    std::string text;
    for (const auto& [name, value] : ae::described(entry.spec())) text += name + " " + value + "; ";
    text += entry.trained
                ? fmt::format("{} epochs, {}", entry.default_epochs, nn::name_of(entry.schedule))
                : "solved";
    CAPTURE(entry.name);
    CHECK(text == choices.at(entry.name));
  }
}

TEST_CASE("each model trains on each kind of data, or says in one line why not") {
  const std::vector<ae::DataForm> forms = {
      {DataKind::kImage, {3, 12, 10}, 3},     {DataKind::kRow, Shape{9}, 3},
      {DataKind::kSeries, {2, 16}, 3},        {DataKind::kCounts, Shape{30}, 3},
      {DataKind::kActivations, Shape{40}, 3}, {DataKind::kRow, Shape{1}, 2}};
  for (const ModelEntry& entry : catalogue()) {
    for (const ae::DataForm& form : forms) {
      CAPTURE(entry.name);
      CAPTURE(nn::kind_text(form.kind, form.example));
      const bool neighbours = form.kind == DataKind::kImage || form.kind == DataKind::kSeries;
      if (entry.spec().conv.empty() || neighbours) {
        check_trains(entry, form);
        continue;
      }
      const std::string line = entry.name + ": convolutions need images or series: the data are " +
                               nn::kind_text(form.kind, form.example);
      CHECK_THROWS_WITH_AS(default_spec(entry, form), line.c_str(), Error);
    }
  }
  CHECK_THROWS_WITH_AS(fitted("cvae", {DataKind::kRow, Shape{9}, 0}),
                       "cvae: a model conditional on classes needs labels: the data have none",
                       Error);
}

TEST_CASE(
    "widths follow the data: a code is half of the columns at most, all else shrinks with it") {
  CHECK(fitted("dense", rows_of(9)).encoder == Widths{9, 3});
  CHECK(fitted("dense", rows_of(1)).encoder == Widths{1, 1});
  CHECK(fitted("dense", rows_of(3)).encoder == Widths{3, 1});
  CHECK(fitted("dense", rows_of(500)).encoder == Widths{500, 22});
  CHECK(fitted("dense", rows_of(5000)).encoder == Widths{5000, 32});
  CHECK(fitted("dense", {DataKind::kActivations, Shape{9}}).encoder == Widths{9, 4});
  CHECK(fitted("vae", rows_of(9)).encoder == Widths{9, 80, 4});
  CHECK(fitted("deep", rows_of(30)).encoder == Widths{30, 167, 83, 42, 5});
  const ae::Spec sparse = fitted("k-sparse", rows_of(400));
  CHECK(sparse.encoder == Widths{400, 200});
  CHECK(std::get<ae::TopK>(sparse.rule).active == 5);
  CHECK(std::get<ae::TopK>(fitted("k-sparse", rows_of(9)).rule).active == 1);
  const ae::Spec quantised = fitted("vq-vae", rows_of(15));
  CHECK(quantised.encoder == Widths{15, 44, 4});
  CHECK(quantised.quantised()->entry_width == 4);
  CHECK(fitted("vq-vae", rows_of(6)).quantised()->entry_width == 3);
  CHECK(fitted("adversarial", rows_of(8)).discriminator == Widths{64, 64});
  CHECK(fitted("cvae", rows_of(9)).classes == 3);
  // Of images all is the preset's.
  const ae::Spec image = fitted("k-sparse", {DataKind::kImage, {3, 8, 8}});
  CHECK(image.encoder == Widths{192, 1000});
  CHECK(image.input == Widths{3, 8, 8});
}

TEST_CASE("scale, output, loss and the code's activation are those of the kind") {
  using nn::Activation;
  const auto is = [](const ae::Spec& spec, ae::Scale scale, Activation output, ae::Loss loss,
                     Activation code) {
    CHECK(name_of(spec.scale) == name_of(scale));
    CHECK(name_of(spec.output) == name_of(output));
    CHECK(name_of(spec.loss) == name_of(loss));
    CHECK(name_of(spec.code) == name_of(code));
  };
  const ae::DataForm image{DataKind::kImage, {1, 10, 10}}, series{DataKind::kSeries, {2, 32}},
      activations{DataKind::kActivations, Shape{64}}, counts{DataKind::kCounts, Shape{64}};
  using ae::Loss;
  using ae::Scale;
  is(fitted("dense", image), Scale::kPixels, Activation::kSigmoid, Loss::kBce, Activation::kRelu);
  for (const ae::DataForm& form : {rows_of(9), series}) {
    is(fitted("dense", form), Scale::kStandard, Activation::kIdentity, Loss::kMse,
       Activation::kIdentity);
    is(fitted("vae", form), Scale::kStandard, Activation::kIdentity, Loss::kLearntGaussian,
       Activation::kIdentity);
    is(fitted("robust", form), Scale::kStandard, Activation::kIdentity, Loss::kCorrentropy,
       Activation::kIdentity);
    // Names that are about their code.
    for (const char* name : {"tied", "sparse-kl", "denoising", "contractive", "caeh"}) {
      CHECK(fitted(name, form).code == Activation::kSigmoid);
    }
    CHECK(fitted("sparse-l1", form).code == Activation::kRelu);
  }
  is(fitted("dense", activations), Scale::kRms, Activation::kIdentity, Loss::kMse,
     Activation::kIdentity);
  is(fitted("dense", counts), Scale::kLog1p, Activation::kIdentity, Loss::kMultinomial,
     Activation::kIdentity);
  is(fitted("vae", counts), Scale::kLog1p, Activation::kIdentity, Loss::kMultinomial,
     Activation::kIdentity);
  is(fitted("pca", counts), Scale::kStandard, Activation::kIdentity, Loss::kMse,
     Activation::kIdentity);
}

TEST_CASE("convolutions fit images of any size and colour, and windows of a series") {
  std::vector<ae::DataForm> forms = {{DataKind::kImage, {1, 28, 20}},
                                     {DataKind::kImage, {3, 32, 24}},
                                     {DataKind::kImage, {4, 256, 255}}};
  for (std::int64_t side = 8; side <= 17; ++side) {
    forms.push_back({DataKind::kImage, {1, side, side + side % 3}});
    forms.push_back({DataKind::kSeries, {side % 4 + 1, 2 * side}});
  }
  for (std::int64_t steps : {16, 31, 127, 512}) {
    forms.push_back({DataKind::kSeries, {1, steps}});
  }
  for (const char* name : {"conv", "conv-pool", "conv-vae", "conv-denoising"}) {
    for (const ae::DataForm& form : forms) {
      CAPTURE(name);
      CAPTURE(to_string(form.example));
      const ae::Spec spec = fitted(name, form);
      check(spec);
      CHECK(spec.code_width() <= form.example.elements() / 2);
      if (form.example.elements() > 3000) continue;
      const ae::Autoencoder model = ae::make_autoencoder(spec, 1);
      const Var x = input(Shape{2, form.example.elements()}, DType::kF32);
      CHECK(model.reconstruct(x).shape() == x.shape());
    }
  }
  // A window's kernels lie along time, and its code is no wider than half of it.
  const ae::Spec series = fitted("conv", {DataKind::kSeries, {1, 32}});
  CHECK(series.conv[0].kernel == ae::Size2d(1, 3));
  CHECK(series.conv[2].channels == 4);
  CHECK(series.code_width() == 16);
  // What two does not divide has a kernel of 4 ahead of its pooling.
  CHECK(fitted("conv-pool", {DataKind::kImage, {1, 28, 27}}).conv[0].kernel == ae::Size2d(5, 4));
}

TEST_CASE("the form of a data set is its kind, its shape and how many classes its labels are of") {
  nn::DataSet data{.kind = DataKind::kRow, .examples = Tensor({4, 9}, DType::kF32)};
  CHECK(ae::form_of(data).classes == 0);
  data.labels = Tensor::from<std::int32_t>({0, 2, 1, 2}, {4});
  CHECK(ae::form_of(data).classes == 3);
  data.classes = {"a", "b", "c", "d"};
  CHECK(ae::form_of(data).classes == 4);
  CHECK(ae::form_of(data).example == Shape{9});
}

TEST_CASE("few examples are gone through so often that a model is updated as often as on digits") {
  const auto epochs = [](int preset, DataKind kind, std::int64_t examples) {
    return ae::fit_training({.epochs = preset}, kind, examples).epochs;
  };
  CHECK(epochs(10, DataKind::kImage, 12000) == 10);  // the built-in digits
  CHECK(epochs(10, DataKind::kImage, 60000) == 10);  // MNIST
  CHECK(epochs(5, DataKind::kImage, 1600) == 37);    // 13 updates an epoch, 470 in all
  CHECK(epochs(10, DataKind::kSeries, 1500) == 167);
  CHECK(epochs(10, DataKind::kSeries, 100) == 200);  // and no more
  CHECK(epochs(10, DataKind::kCounts, 64000) == 10);
}

TEST_CASE("a table is trained on in small steps, of the batch that is given") {
  const nn::TrainOptions rows = ae::fit_training({}, DataKind::kRow, 1465);
  CHECK(rows.batch == 32);
  CHECK(rows.learning_rate == 3e-3);
  CHECK(rows.epochs == 44);  // 46 updates an epoch, 2,000 in all
  CHECK(ae::fit_training({}, DataKind::kRow, 20).batch == 20);
  const nn::TrainOptions given = ae::fit_training({.batch = 200}, DataKind::kRow, 1465);
  CHECK(given.batch == 200);
  CHECK(given.epochs == 200);
  const nn::TrainOptions images = ae::fit_training({}, DataKind::kImage, 1465);
  CHECK(images.batch == 128);
  CHECK(images.learning_rate == 1e-3);
}
