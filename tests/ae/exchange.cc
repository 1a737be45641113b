#include <doctest/doctest.h>

#include "ae/exchange/torch.h"
#include "tensor/error.h"

using namespace hourglass;

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
