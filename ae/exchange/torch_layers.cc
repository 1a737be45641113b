#include "ae/exchange/torch_layers.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace hourglass::internal {
namespace {

using TorchLines = std::vector<std::string>;

// "3", "(1, 9)"
std::string size_text(const ae::Size2d& s) {
  return s.height == s.width ? std::to_string(s.height)
                             : fmt::format("({}, {})", s.height, s.width);
}

void add_activation(TorchLines& modules, nn::Activation activation) {
  switch (activation) {
    case nn::Activation::kRelu:
      return modules.push_back("nn.ReLU()");
    case nn::Activation::kSigmoid:
      return modules.push_back("nn.Sigmoid()");
    case nn::Activation::kTanh:
      return modules.push_back("nn.Tanh()");
    case nn::Activation::kSoftplus:
      return modules.push_back("nn.Softplus()");
    case nn::Activation::kIdentity:
      return;
  }
}

std::string linear_text(const nn::Linear& linear) {
  return fmt::format("nn.Linear({}, {})", linear.weight.size(1), linear.weight.size(0));
}

std::string conv_options(const ae::Size2d& stride, const ae::Size2d& padding) {
  return fmt::format("stride={}, padding={}", size_text(stride), size_text(padding));
}

// What the transposed convolution's image has more than the smallest that fits.
ae::Size2d output_padding(const ae::ConvLayer& c, const ae::MapSize& to, const ae::MapSize& from) {
  const auto beyond = [](std::int64_t want, std::int64_t n, std::int64_t stride,
                         std::int64_t padding, std::int64_t kernel) {
    return want - ((n - 1) * stride - 2 * padding + kernel);
  };
  return {
      beyond(to.height, from.height * c.pool.height, c.stride.height, c.padding.height,
             c.kernel.height),
      beyond(to.width, from.width * c.pool.width, c.stride.width, c.padding.width, c.kernel.width)};
}

std::string transposed_text(const ae::Spec& spec, const ae::Autoencoder& model, std::size_t i,
                            const std::vector<ae::MapSize>& sizes) {
  const ae::ConvLayer& c = spec.conv[i];
  const std::string options =
      fmt::format("{}, output_padding={}", conv_options(c.stride, c.padding),
                  size_text(output_padding(c, sizes[i], sizes[i + 1])));
  if (spec.tied) {
    return fmt::format("Tied(self.encoder[{}], {}, {})", model.conv_encoder.layers[i].index,
                       sizes[i].channels, options);
  }
  return fmt::format("nn.ConvTranspose2d({}, {}, {}, {})", c.channels, sizes[i].channels,
                     size_text(c.kernel), options);
}

// What undoes a layer's stride and pooling, then its convolution.
void add_undone(TorchLines& modules, const ae::Spec& spec, const ae::Autoencoder& model,
                std::size_t i, const std::vector<ae::MapSize>& sizes) {
  const ae::ConvLayer& c = spec.conv[i];
  if (spec.upsampling == ae::Upsampling::kTransposed) {
    if (c.pools()) modules.push_back(fmt::format("nn.MaxUnpool2d({})", size_text(c.pool)));
    modules.push_back(transposed_text(spec, model, i, sizes));
    return;
  }
  const ae::Size2d times{c.stride.height * c.pool.height, c.stride.width * c.pool.width};
  if (times != ae::Size2d(1)) {
    modules.push_back(fmt::format("Repeat({}, {}, {}, {})", times.height, times.width,
                                  sizes[i].height, sizes[i].width));
  }
  modules.push_back(fmt::format("nn.Conv2d({}, {}, {}, padding={})", c.channels, sizes[i].channels,
                                size_text(c.kernel),
                                size_text({c.kernel.height / 2, c.kernel.width / 2})));
}

// The encoder's layer whose weights layer i of a tied decoder uses.
std::string mirrored(const ae::Spec& spec, const ae::Autoencoder& model, std::size_t i) {
  if (spec.gaussian() && i == 0) return "self.mean";
  const std::vector<std::string> names = model.encoder.layer_names();
  return fmt::format("self.encoder[{}]", names[names.size() - 1 - (i - (spec.gaussian() ? 1 : 0))]);
}

constexpr const char* kTied = R"(
class Tied(nn.Module):
    """The weights of another layer, the other way round, with a bias of its own."""

    def __init__(self, layer, width, **options):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(width))
        self.layer, self.options = [layer], options  # in a list: no part of this one

    def forward(self, h):
        weight = self.layer[0].weight
        if weight.dim() == 2:
            return F.linear(h, weight.t(), self.bias)
        return F.conv_transpose2d(h, weight, self.bias, **self.options)
)";

constexpr const char* kRepeat = R"(
class Repeat(nn.Module):
    """Every pixel repeated, then cut to a size."""

    def __init__(self, down, across, height, width):
        super().__init__()
        self.times, self.size = (down, across), (height, width)

    def forward(self, h):
        h = h.repeat_interleave(self.times[0], 2).repeat_interleave(self.times[1], 3)
        return h[:, :, : self.size[0], : self.size[1]]
)";

constexpr const char* kColumns = R"(
class Columns(nn.Module):
    """What was found of the columns of the training examples."""

    def __init__(self, **sizes):
        super().__init__()
        for name, size in sizes.items():
            self.register_buffer(name, torch.zeros(size, dtype=torch.float64))
)";

constexpr const char* kOver = R"(
def over(x, divisor):
    """A quotient by columns, 0 in those that are constant."""
    constant = divisor == 0
    return torch.where(constant, 0, x / torch.where(constant, 1, divisor))
)";

constexpr const char* kThrough = R"(
    def through(self, layers, h, places):
        """Max-pooling adds the places that it took its values from, unpooling puts them back
        there; without places, into the corners of the windows."""
        for layer in layers:
            if isinstance(layer, nn.MaxPool2d):
                h, place = layer(h)
                places.append(place)
            elif isinstance(layer, nn.MaxUnpool2d):
                down, across = layer.kernel_size
                size = (h.shape[2] * down, h.shape[3] * across)
                if places:
                    h = layer(h, places.pop(), output_size=size)
                else:
                    spread = h.new_zeros(h.shape[:2] + size)
                    spread[:, :, ::down, ::across] = h
                    h = spread
            else:
                h = layer(h)
        return h)";

}  // namespace

std::vector<std::string> torch_mlp(const nn::Mlp& mlp) {
  TorchLines modules;
  for (const nn::Mlp::Layer& layer : mlp.layers) {
    modules.push_back(linear_text(layer.linear));
    add_activation(modules, layer.activation);
  }
  return modules;
}

bool torch_unpools(const ae::Spec& spec) {
  return spec.upsampling == ae::Upsampling::kTransposed &&
         std::any_of(spec.conv.begin(), spec.conv.end(),
                     [](const ae::ConvLayer& layer) { return layer.pools(); });
}

std::vector<std::string> torch_encoder(const ae::Spec& spec, const ae::Autoencoder& model) {
  TorchLines modules;
  std::int64_t in = spec.conv.empty() ? 0 : spec.input[0];
  for (std::size_t i = 0; i < spec.conv.size(); ++i) {
    const ae::ConvLayer& c = spec.conv[i];
    modules.push_back(fmt::format("nn.Conv2d({}, {}, {}, {})", in, c.channels, size_text(c.kernel),
                                  conv_options(c.stride, c.padding)));
    const bool last = i + 1 == spec.conv.size() && spec.encoder.size() == 1;
    add_activation(modules, last ? spec.code : spec.hidden);
    if (c.pools()) {
      modules.push_back(fmt::format("nn.MaxPool2d(({}, {}){})", c.pool.height, c.pool.width,
                                    torch_unpools(spec) ? ", return_indices=True" : ""));
    }
    in = c.channels;
  }
  if (!spec.conv.empty() && spec.encoder.size() > 1) modules.emplace_back("nn.Flatten()");
  const TorchLines dense = torch_mlp(model.encoder);
  modules.insert(modules.end(), dense.begin(), dense.end());
  return modules;
}

std::vector<std::string> torch_decoder(const ae::Spec& spec, const ae::Autoencoder& model) {
  TorchLines modules;
  const std::vector<nn::Mlp::Layer>& layers = model.decoder.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const nn::Linear& linear = layers[i].linear;
    modules.push_back(
        spec.tied ? fmt::format("Tied({}, {})", mirrored(spec, model, i), linear.bias.size(0))
                  : linear_text(linear));
    const bool last = i + 1 == layers.size() && spec.conv.empty();
    if (!last) add_activation(modules, layers[i].activation);
  }
  if (spec.conv.empty()) return modules;
  const std::vector<ae::MapSize> sizes = ae::map_sizes(spec.input, spec.conv);
  const ae::MapSize& deepest = sizes.back();
  if (!layers.empty()) {
    modules.push_back(fmt::format("nn.Unflatten(1, ({}, {}, {}))", deepest.channels, deepest.height,
                                  deepest.width));
  }
  for (std::size_t i = spec.conv.size(); i-- > 0;) {
    add_undone(modules, spec, model, i, sizes);
    if (i > 0) add_activation(modules, spec.hidden);
  }
  return modules;
}

std::vector<std::string> torch_through() { return {kThrough}; }

std::vector<std::string> torch_helpers(const ae::Spec& spec, const ae::Autoencoder& model) {
  TorchLines lines;
  if (spec.tied) lines.emplace_back(kTied);
  if (!spec.conv.empty() && spec.upsampling == ae::Upsampling::kNearest)
    lines.emplace_back(kRepeat);
  if (model.input.has_numbers()) lines.emplace_back(kColumns);
  const bool divides = spec.scale == ae::Scale::kStandard || spec.scale == ae::Scale::kMinmax;
  if (divides) lines.emplace_back(kOver);
  return lines;
}

}  // namespace hourglass::internal
