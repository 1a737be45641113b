#include <doctest/doctest.h>

#include <limits>

#include "ae/exchange/torch.h"
#include "ae/exchange/weights.h"
#include "ae/model/model_file.h"
#include "nn/layers/model_file.h"
#include "tensor/error.h"
#include "tests/tools/program.h"

using namespace hourglass;

TEST_CASE("a file of weights is a model by itself, by the spec in its metadata") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("model.safetensors");
  ae::Spec spec{.encoder = {4, 3, 2}, .scale = ae::Scale::kStandard};
  spec.rule = ae::Gaussian{};
  ae::Autoencoder model = ae::make_autoencoder(spec, 7);
  ae::fit_input(model, Tensor::from<float>({1, 2, 3, 4, 5, 7, 9, 11}, {2, 4}));
  ae::save_model(path, model);
  ae::Autoencoder again = ae::load_model(path);
  CHECK(again.spec == spec);
  CHECK(again.parameters().size() == 12);
  const std::vector<Var> ours = model.parameters(), theirs = again.parameters();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CHECK(ours[i].tensor().values() == theirs[i].tensor().values());
  }
  ae::save_model(folder.path("again"), again);
  CHECK(test::read_bytes(folder.path("again")) == test::read_bytes(path));
}

TEST_CASE("a file without a spec, or with a wrong one, is refused in one line") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("weights");
  ae::Autoencoder model = ae::make_autoencoder({.encoder = {4, 2}}, 1);
  const auto refused = [&](const std::map<std::string, std::string>& metadata,
                           const std::string& line) {
    nn::save_parameters(path, nn::named_parameters(model), metadata);
    CHECK_THROWS_WITH_AS(ae::load_model(path), ("load_model: " + path + ": " + line).c_str(),
                         FileError);
  };
  refused({}, "its metadata have no spec: say which, or load the run's folder");
  refused({{"spec", "{}"}}, "spec: expected an object with an encoder");
  refused({{"spec", R"({"encoder": [4]})"}}, "spec: encoder needs at least two widths: got [4]");
  refused({{"spec", R"({"encoder": [4, 3]})"}},
          "encoder.0.weight is f32 [2, 4]: expected f32 [3, 4]");
}

// That others compute the same is asked of PyTorch and ONNX Runtime in .ci/run.
TEST_CASE("a spec as a PyTorch module, line by line") {
  ae::Spec spec{.encoder = {2, 8, 3}, .scale = ae::Scale::kStandard};
  spec.tied = true;
  spec.output = nn::Activation::kIdentity;
  const std::string text = ae::torch_module(spec, "Two columns");
  CHECK(text.starts_with(
      "\"\"\"Two columns, as a PyTorch module: load(\"model.safetensors\").\"\"\"\n"));
  const std::string module = text.substr(text.find("class Autoencoder"));
  CHECK(module == R"(class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(2, 8),
            nn.ReLU(),
            nn.Linear(8, 3),
        )
        self.decoder = nn.Sequential(
            Tied(self.encoder[2], 8),
            nn.ReLU(),
            Tied(self.encoder[0], 2),
        )
        self.input = Columns(
            mean=2,
            deviation=2,
        )

    def scaled(self, x):
        """What the encoder sees of rows as they are stored."""
        y = over(x.double() - self.input.mean, self.input.deviation)
        return y.float()

    def encode(self, x):
        h = self.scaled(x.flatten(1))
        h = self.encoder(h)
        return h

    def decode(self, code):
        h = code
        y = self.decoder(h)
        return self.unscaled(y)

    def forward(self, x):
        return self.decode(self.encode(x))

    def unscaled(self, y):
        x = y.double() * self.input.deviation + self.input.mean
        return x.float()


def load(path):
    """With the weights of a file."""
    model = Autoencoder()
    model.load_state_dict(load_file(path))
    return model.eval()
)");
  CHECK_THROWS_WITH_AS(ae::export_torch("none/model.py", spec),
                       "export_torch: none/model.py: cannot create: No such file or directory",
                       FileError);
}

namespace {

using Names = std::vector<std::string>;

// Whose tensor each parameter of the model takes, in the order of its parameters; weights alone.
Names sources(const ae::Spec& spec, const std::vector<NamedTensor>& tensors) {
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  Names names;
  for (const ae::WeightMatch& m : ae::match_weights(tensors, model)) {
    if (m.ours.ends_with("weight")) names.push_back(m.theirs);
  }
  return names;
}

// Layers [out, in] with biases, in this order.
std::vector<NamedTensor> layers(const std::vector<std::pair<std::string, Shape>>& weights) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, shape] : weights) {
    tensors.push_back({name + ".bias", Tensor(Shape{shape[0]}, DType::kF32)});
    tensors.push_back({name + ".weight", Tensor(shape, DType::kF32)});
  }
  return tensors;
}

}  // namespace

TEST_CASE("weights under other names are found by order and shape") {
  const ae::Spec deep{.encoder = {4, 4, 4}};
  const Shape square{4, 4};
  CHECK(sources(deep, layers({{"0", square}, {"10", square}, {"2", square}, {"4", square}})) ==
        Names{"0.weight", "2.weight", "4.weight", "10.weight"});
  CHECK(sources(deep, layers({{"decoder.0", square},
                              {"decoder.2", square},
                              {"encoder.0", square},
                              {"encoder.2", square}})) ==
        Names{"encoder.0.weight", "encoder.2.weight", "decoder.0.weight", "decoder.2.weight"});
  CHECK(sources(deep, layers({{"model.dec1", square},
                              {"model.dec2", square},
                              {"model.enc1", square},
                              {"model.enc2", square}})) ==
        Names{"model.enc1.weight", "model.enc2.weight", "model.dec1.weight", "model.dec2.weight"});
  ae::Spec vae{.encoder = {5, 4, 2}};
  vae.rule = ae::Gaussian{};
  CHECK(sources(vae, layers({{"d1", {4, 2}},
                             {"d2", {5, 4}},
                             {"e1", {4, 5}},
                             {"fc_logvar", {2, 4}},
                             {"fc_mu", {2, 4}}})) ==
        Names{"e1.weight", "fc_mu.weight", "fc_logvar.weight", "d1.weight", "d2.weight"});
  ae::Spec series{.encoder = {32, 3}, .input = {2, 16}};
  series.conv = {ae::along_time({.channels = 4})};
  CHECK(sources(series, layers({{"conv", {4, 2, 3}}, {"in", {3, 64}}, {"out", {64, 3}}}))[0] ==
        "conv.weight");
}

TEST_CASE("what is known of the columns may be missing, and counters of batches are no weights") {
  const ae::Spec spec{.encoder = {3, 2}, .scale = ae::Scale::kStandard};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  std::vector<NamedTensor> tensors = layers({{"0", {2, 3}}, {"1", {3, 2}}});
  tensors.push_back({"norm.num_batches_tracked", Tensor(Shape{}, DType::kI32)});
  CHECK(ae::fits(ae::match_weights(tensors, model)));
  tensors.push_back({"extra", Tensor(Shape{1}, DType::kF32)});
  CHECK_FALSE(ae::fits(ae::match_weights(tensors, model)));
}

TEST_CASE("a table says which tensor stands for which parameter, and what has no counterpart") {
  ae::Autoencoder model = ae::make_autoencoder({.encoder = {3, 2}}, 1);
  const std::vector<NamedTensor> tensors = layers({{"first", {2, 3}}, {"second", {3, 4}}});
  const std::vector<ae::WeightMatch> matches = ae::match_weights(tensors, model);
  CHECK(ae::weights_table(matches) ==
        "theirs         shape             ours\n"
        "first.bias     [2]               encoder.0.bias\n"
        "first.weight   [2, 3]            encoder.0.weight\n"
        "-              [3]               decoder.0.bias\n"
        "-              [3, 2]            decoder.0.weight\n"
        "second.bias    [3]               -\n"
        "second.weight  [3, 4]            -\n");
  CHECK_THROWS_WITH_AS(ae::take_weights(tensors, matches, model),
                       "take_weights: the tensors are not the model's", Error);
  std::vector<NamedTensor> good = layers({{"a", {2, 3}}, {"b", {3, 2}}});
  good[1].value = Tensor::full({2, 3}, 0.5, DType::kF64);
  ae::take_weights(good, ae::match_weights(good, model), model);
  CHECK(model.encoder.layers[0].linear.weight.tensor().values() == std::vector<double>(6, 0.5));
  good[1].value = Tensor::full({2, 3}, std::numeric_limits<double>::infinity());
  CHECK_THROWS_WITH_AS(ae::take_weights(good, ae::match_weights(good, model), model),
                       "take_weights: a.weight: number 0 is inf: expected finite numbers", Error);
}
