#include <doctest/doctest.h>

#include "ae/exchange/torch.h"
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
