#include "ae/exchange/torch.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "ae/exchange/torch_layers.h"
#include "ae/model/categories.h"
#include "tensor/files/atomic_file.h"

namespace hourglass::ae {

using namespace internal;

namespace {

using Lines = std::vector<std::string>;

// What a module of this spec needs to be told.
struct TorchTraits {
  bool conv, dense, unpools;
  bool shares;  // a multinomial shares out what an example counts
  explicit TorchTraits(const Spec& s)
      : conv(!s.conv.empty()),
        dense(s.encoder.size() > 1),
        unpools(torch_unpools(s)),
        shares(s.loss == Loss::kMultinomial) {}
};

// "(1, 28, 28)", "(9,)"
std::string tuple(const std::vector<std::int64_t>& sizes) {
  return fmt::format("({}{})", fmt::join(sizes, ", "), sizes.size() == 1 ? "," : "");
}

std::string map_tuple(const MapSize& m) { return tuple({m.channels, m.height, m.width}); }

// Arguments beside the first: those of the caller, or of the callee by name.
std::string more(const Spec& spec, bool places, bool declared) {
  std::string text;
  if (spec.classes > 0) text += ", labels";
  if (places) text += declared ? ", places=None" : ", places";
  return text;
}

void append(Lines& lines, const Lines& others) {
  lines.insert(lines.end(), others.begin(), others.end());
}

Lines sequential(const char* name, const Lines& modules) {
  Lines lines = {fmt::format("        self.{} = nn.Sequential(", name)};
  for (const std::string& module : modules) lines.push_back("            " + module + ",");
  lines.push_back("        )");
  return lines;
}

Lines linear(const char* name, std::int64_t in, std::int64_t out) {
  return {fmt::format("        self.{} = nn.Linear({}, {})", name, in, out)};
}

Lines parameter_of(const char* name, std::int64_t size) {
  return {fmt::format("        self.{} = nn.Parameter(torch.zeros({}))", name, size)};
}

Lines constructor(const Spec& spec, Autoencoder& model) {
  Lines lines = {"    def __init__(self):", "        super().__init__()"};
  append(lines, sequential("encoder", torch_encoder(spec, model)));
  if (spec.gaussian()) {
    const std::int64_t width = model.mean.weight.size(1);
    append(lines, linear("mean", width, spec.code_width()));
    append(lines, linear("log_variance", width, spec.code_width()));
  }
  append(lines, sequential("decoder", torch_decoder(spec, model)));
  const LossTraits& loss = traits_of(spec.loss);
  if (loss.deviation) append(lines, parameter_of("log_deviation", 1));
  if (loss.dispersion) append(lines, parameter_of("log_dispersion", spec.input_width()));
  if (loss.dropout)
    append(lines, linear("dropout", model.dropout.weight.size(1), spec.input_width()));
  if (const Quantised* rule = spec.quantised()) {
    lines.push_back(fmt::format("        self.codebook = nn.Embedding({}, {})", rule->entries,
                                rule->entry_width));
  }
  if (!spec.discriminator.empty()) {
    append(lines, sequential("discriminator", torch_mlp(model.discriminator)));
  }
  if (model.input.has_numbers()) {
    lines.push_back("        self.input = Columns(");
    model.input.visit([&](const std::string& name, Var& numbers, nn::Role) {
      lines.push_back(fmt::format("            {}={},", name, numbers.elements()));
    });
    lines.push_back("        )");
  }
  if (!spec.categories.empty()) {
    lines.push_back("        words = torch.zeros(" + std::to_string(spec.input_width()) +
                    ", dtype=torch.bool)");
    for (std::size_t i = 0; i < spec.categories.size(); i += 2) {
      lines.push_back(fmt::format("        words[{}:{}] = True", spec.categories[i],
                                  spec.categories[i] + spec.categories[i + 1]));
    }
    lines.push_back("        self.register_buffer(\"words\", words, persistent=False)");
  }
  return lines;
}

// A number of a column along what it stands for.
std::string column(const Spec& spec, const char* name) {
  const std::string number = fmt::format("self.input.{}", name);
  if (spec.input.size() != 2) return number;
  return fmt::format("{}.repeat_interleave({})", number, spec.input[1]);
}

Lines scaled(const Spec& spec) {
  Lines lines = {"    def scaled(self, x):",
                 "        \"\"\"What the encoder sees of rows as they are stored.\"\"\""};
  if (spec.missing != Missing::kNone) {
    lines.push_back(
        fmt::format("        x = torch.where(x.isnan(), {}, x.double())", column(spec, "mean")));
  }
  switch (spec.scale) {
    case Scale::kPixels:
      append(lines, {"        most = {torch.uint8: 255, torch.int32: 65535}.get(x.dtype)",
                     "        y = x.float() / most if most else x"});
      break;
    case Scale::kStandard:
      lines.push_back(fmt::format("        y = over(x.double() - {}, {})", column(spec, "mean"),
                                  column(spec, "deviation")));
      break;
    case Scale::kMinmax:
      lines.push_back(fmt::format("        y = over(x.double() - {}, {})", column(spec, "least"),
                                  column(spec, "range")));
      break;
    case Scale::kLog1p:
      lines.push_back("        y = x.double().log1p()");
      break;
    case Scale::kRms:
      lines.push_back("        y = x.double() / self.input.factor");
      break;
    case Scale::kNone:
      lines.push_back("        y = x");
      break;
  }
  lines.push_back(spec.categories.empty() ? "        return y.float()"
                                          : "        return torch.where(self.words, x, y).float()");
  return lines;
}

Lines unscaled(const Spec& spec) {
  std::string back;
  if (spec.scale == Scale::kStandard) {
    back = fmt::format("y.double() * {} + {}", column(spec, "deviation"), column(spec, "mean"));
  } else if (spec.scale == Scale::kMinmax) {
    back = fmt::format("y.double() * {} + {}", column(spec, "range"), column(spec, "least"));
  } else if (spec.scale == Scale::kRms) {
    back = "y.double() * self.input.factor";
  } else {
    return {};
  }
  Lines lines = {"", "    def unscaled(self, y):", "        x = " + back};
  lines.push_back(spec.categories.empty() ? "        return x.float()"
                                          : "        return torch.where(self.words, y, x).float()");
  return lines;
}

std::string through(const Spec& spec, const std::string& layers, const std::string& h) {
  return torch_unpools(spec) ? fmt::format("self.through({}, {}, places)", layers, h)
                             : fmt::format("{}({})", layers, h);
}

std::string with_classes(const Spec& spec, const std::string& h) {
  return fmt::format("        {0} = torch.cat([{0}, F.one_hot(labels.long(), {1}).to({0})], 1)", h,
                     spec.classes);
}

Lines code_rule(const Spec& spec) {
  if (spec.gaussian()) return {"        return self.mean(h)"};
  if (const auto* rule = std::get_if<TopK>(&spec.rule)) {
    return {fmt::format("        values, units = h.topk({})", rule->active),
            "        return torch.zeros_like(h).scatter(1, units, values)"};
  }
  if (const Quantised* rule = spec.quantised()) {
    return {fmt::format("        vectors = h.reshape(-1, {}).double()", rule->entry_width),
            "        distances = torch.cdist(vectors, self.codebook.weight.double())",
            "        return self.codebook(distances.argmin(1)).reshape(h.shape)"};
  }
  return {"        return h"};
}

Lines encode(const Spec& spec, const Autoencoder& model) {
  const TorchTraits is(spec);
  Lines lines = {fmt::format("    def encode(self, x{}):", more(spec, is.unpools, true)),
                 "        h = self.scaled(x.flatten(1))"};
  if (is.unpools) lines.push_back("        places = [] if places is None else places");
  if (is.conv) {
    lines.push_back(
        fmt::format("        h = h.unflatten(1, {})", map_tuple(map_sizes(spec.input, {})[0])));
  }
  const int first = model.encoder.first;  // of the dense layers
  if (spec.classes > 0 && is.conv) {
    lines.push_back("        h = " + through(spec, fmt::format("self.encoder[:{}]", first), "h"));
    lines.push_back(with_classes(spec, "h"));
    lines.push_back(fmt::format("        h = self.encoder[{}:](h)", first));
  } else {
    if (spec.classes > 0) lines.push_back(with_classes(spec, "h"));
    lines.push_back("        h = " + through(spec, "self.encoder", "h"));
    if (is.conv && !is.dense) lines.push_back("        h = h.flatten(1)");
  }
  append(lines, code_rule(spec));
  return lines;
}

std::string activated(nn::Activation activation, const std::string& y) {
  switch (activation) {
    case nn::Activation::kRelu:
      return y + ".relu()";
    case nn::Activation::kSigmoid:
      return y + ".sigmoid()";
    case nn::Activation::kTanh:
      return y + ".tanh()";
    case nn::Activation::kSoftplus:
      return "F.softplus(" + y + ")";
    case nn::Activation::kIdentity:
      break;
  }
  return y;
}

std::string output(const Spec& spec, const std::string& y) {
  switch (spec.loss) {
    case Loss::kMultinomial:
      return y + ".softmax(1)";
    case Loss::kPoisson:
    case Loss::kNegativeBinomial:
    case Loss::kZeroInflatedNegative:
      return y + ".exp()";
    default:
      return activated(spec.output, y);
  }
}

// Of a table with columns of words each has a softmax of its own.
Lines outputs(const Spec& spec) {
  const std::string whole = output(spec, "y");
  if (spec.categories.empty()) return whole == "y" ? Lines{} : Lines{"        y = " + whole};
  Lines lines = {"        y = torch.cat(["};
  for (const ColumnRange& range : column_ranges(spec.categories, spec.input_width())) {
    const std::string part = fmt::format("y[:, {}:{}]", range.first, range.last);
    lines.push_back("            " + (range.category ? part + ".softmax(1)" : output(spec, part)) +
                    ",");
  }
  lines.push_back("        ], 1)");
  return lines;
}

Lines decode(const Spec& spec) {
  const TorchTraits is(spec);
  Lines lines = {fmt::format("    def decode(self, code{}{}):", more(spec, is.unpools, true),
                             is.shares ? ", total=1" : ""),
                 "        h = code"};
  if (spec.classes > 0) lines.push_back(with_classes(spec, "h"));
  const std::vector<MapSize> sizes =
      is.conv ? map_sizes(spec.input, spec.conv) : std::vector<MapSize>();
  if (is.conv && spec.decoder_widths().size() == 1) {
    lines.push_back(fmt::format("        h = h.unflatten(1, {})", map_tuple(sizes.back())));
  }
  const bool lost = traits_of(spec.loss).dropout;
  if (lost) {
    append(lines, {"        h = self.decoder[:-1](h)", "        y = self.decoder[-1](h)"});
  } else {
    lines.push_back("        y = " + through(spec, "self.decoder", "h") +
                    (is.conv ? ".flatten(1)" : ""));
  }
  append(lines, outputs(spec));
  if (is.shares) lines.push_back("        y = total * y");
  if (lost) lines.push_back("        y = y * torch.sigmoid(-self.dropout(h))");
  const bool units = !unscaled(spec).empty();
  const std::string rows = units ? "self.unscaled(y)" : "y";
  lines.push_back(spec.input.size() < 2
                      ? "        return " + rows
                      : fmt::format("        return {}.unflatten(1, {})", rows, tuple(spec.input)));
  return lines;
}

Lines forward(const Spec& spec) {
  const TorchTraits is(spec);
  Lines lines = {fmt::format("    def forward(self, x{}):", more(spec, false, true))};
  if (is.unpools) lines.push_back("        places = []");
  std::string total;
  if (is.shares) {
    const char* counts = spec.scale == Scale::kLog1p ? ".expm1()" : "";
    lines.push_back(
        fmt::format("        total = self.scaled(x.flatten(1)){}.sum(1, keepdim=True)", counts));
    total = ", total=total";
  }
  const std::string others = more(spec, is.unpools, false);
  lines.push_back(
      fmt::format("        return self.decode(self.encode(x{}){}{})", others, others, total));
  return lines;
}

}  // namespace

std::string torch_module(const Spec& spec, const std::string& title) {
  Autoencoder model = measured_autoencoder(spec);
  Lines lines = {"\"\"\"" + title + ", as a PyTorch module: load(\"model.safetensors\").\"\"\"",
                 "",
                 "import torch",
                 "from safetensors.torch import load_file",
                 "from torch import nn",
                 "from torch.nn import functional as F",
                 ""};
  append(lines, torch_helpers(spec, model));
  append(lines, {"", "class Autoencoder(nn.Module):"});
  append(lines, constructor(spec, model));
  for (const Lines& method : {scaled(spec), encode(spec, model), decode(spec), forward(spec)}) {
    lines.push_back("");
    append(lines, method);
  }
  append(lines, unscaled(spec));
  if (torch_unpools(spec)) append(lines, torch_through());
  append(lines, {"", "", "def load(path):", "    \"\"\"With the weights of a file.\"\"\"",
                 "    model = Autoencoder()", "    model.load_state_dict(load_file(path))",
                 "    return model.eval()"});
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

void export_torch(const std::string& path, const Spec& spec, const std::string& title) {
  write_text(path, torch_module(spec, title), "export_torch");
}

}  // namespace hourglass::ae
