#include "tools/catalogue.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"
#include "tensor/nearest_name.h"

namespace hourglass::tools {
namespace {

using nn::Activation;

// Presets are for images of 28 by 28 pixels, and fitted to others.
constexpr std::int64_t kDigitPixels = 28 * 28;

ae::Spec linear_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 30};
  spec.hidden = spec.code = spec.output = Activation::kIdentity;
  return spec;
}

ae::Spec dense_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 32};
  spec.code = Activation::kRelu;
  spec.loss = ae::Loss::kBce;
  return spec;
}

ae::Spec deep_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 1000, 500, 250, 30};
  spec.init = nn::Init::kKaimingUniform;  // keeps the scale of ReLU layers
  spec.loss = ae::Loss::kBce;
  return spec;
}

ae::Spec stacked_spec() {
  ae::Spec spec = deep_spec();
  spec.hidden = spec.code = Activation::kSigmoid;
  spec.init = nn::Init::kXavierUniform;
  return spec;
}

// One wide code layer, sigmoid, with shared weights: what the papers' penalties were tried on.
ae::Spec tied_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 256};
  spec.code = Activation::kSigmoid;
  spec.loss = ae::Loss::kBce;
  spec.tied = true;
  return spec;
}

ae::Spec sparse_l1_spec() {
  ae::Spec spec = tied_spec();
  spec.tied = false;
  spec.code = Activation::kRelu;
  spec.penalties = {ae::penalties::l1(0.1)};
  return spec;
}

ae::Spec sparse_kl_spec() {
  ae::Spec spec = tied_spec();
  spec.tied = false;
  spec.penalties = {ae::penalties::kl(0.05, 1)};
  return spec;
}

ae::Spec k_sparse_spec() {
  ae::Spec spec = linear_spec();
  spec.encoder.back() = 1000;
  spec.rule = ae::TopK{.active = 25};
  spec.tied = true;
  return spec;
}

ae::Spec denoising_spec() {
  ae::Spec spec = tied_spec();
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  return spec;
}

ae::Spec contractive_spec() {
  ae::Spec spec = tied_spec();
  spec.penalties = {ae::penalties::contractive(0.1)};
  return spec;
}

ae::Spec caeh_spec() {
  ae::Spec spec = contractive_spec();
  spec.penalties.push_back(ae::penalties::caeh(0.1, 0.3));
  return spec;
}

ae::Spec robust_spec() {
  ae::Spec spec = dense_spec();
  spec.loss = ae::Loss::kCorrentropy;
  spec.loss_scale = 0.5;  // at 0.2 a stroke is a gross error to the first weights: all stays black
  return spec;
}

// 784-400-20 with Bernoulli pixels, as PyTorch's example has it.
ae::Spec vae_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 400, 20};
  spec.loss = ae::Loss::kBce;
  spec.rule = ae::Gaussian{};
  return spec;
}

ae::Spec beta_vae_spec() {
  ae::Spec spec = vae_spec();
  spec.rule = ae::Gaussian{.beta = 4, .warm_up = 200};
  return spec;
}

ae::Spec cvae_spec() {
  ae::Spec spec = vae_spec();
  spec.classes = 10;
  return spec;
}

ae::Spec iwae_spec() {
  ae::Spec spec = vae_spec();
  spec.rule = ae::Gaussian{.samples = 5, .importance = true};
  return spec;
}

ae::Spec vq_vae_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 400, 64};
  spec.loss = ae::Loss::kBce;
  spec.rule = ae::Quantised{.entries = 64, .entry_width = 4};
  return spec;
}

ae::Spec wae_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 400, 8};
  spec.loss = ae::Loss::kBce;
  spec.penalties = {ae::penalties::mmd(100)};
  return spec;
}

ae::Spec adversarial_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels, 400, 8};
  spec.loss = ae::Loss::kBce;
  spec.discriminator = {128, 128};
  spec.adversarial = 10;
  return spec;
}

// Three strided convolutions: 28 by 28 pixels become a code of 8 channels of 4 by 4.
ae::Spec conv_spec() {
  ae::Spec spec;
  spec.encoder = {kDigitPixels};
  spec.input = {1, 28, 28};
  spec.conv = {
      {.channels = 16, .stride = 2}, {.channels = 32, .stride = 2}, {.channels = 8, .stride = 2}};
  spec.init = nn::Init::kKaimingUniform;  // halves the error after few epochs
  spec.loss = ae::Loss::kBce;
  return spec;
}

ae::Spec conv_pool_spec() {
  ae::Spec spec = conv_spec();
  spec.encoder = {kDigitPixels, 32};
  spec.init = nn::Init::kTorch;
  // Wide enough that every pixel is near some of the values that unpooling leaves, one in four.
  const ae::ConvLayer layer{.channels = 16, .kernel = 5, .padding = 2, .pool = 2};
  spec.conv = {layer, layer};
  return spec;
}

ae::Spec conv_denoising_spec() {
  ae::Spec spec = conv_spec();
  spec.corruption = {{ae::Noise::kGaussian, 0.5}};
  return spec;
}

ae::Spec conv_vae_spec() {
  ae::Spec spec = vae_spec();
  spec.input = {1, 28, 28};
  spec.conv = {{.channels = 16, .stride = 2}, {.channels = 32, .stride = 2}};
  spec.encoder = {kDigitPixels, 128, 20};
  return spec;
}

}  // namespace

const std::vector<ModelEntry>& catalogue() {
  static const std::vector<ModelEntry> entries = {
      {"pca", "principal components, solved by an eigen-decomposition; the yardstick of the others",
       linear_spec, false, 0, nn::Schedule::kConstant},
      {"linear",
       "one linear layer each way, squared error: learns the space that PCA finds",
       linear_spec,
       true,
       20,
       nn::Schedule::kCosine,
       0,
       {"hidden", "code"}},
      {"dense", "one ReLU code layer and a sigmoid output, binary cross-entropy", dense_spec},
      {"deep", "784-1000-500-250-30 and back, ReLU, as Hinton & Salakhutdinov 2006 laid it out",
       deep_spec},
      {"stacked",
       "784-1000-500-250-30, sigmoid, learnt layer by layer, then as a whole (Bengio 2007)",
       stacked_spec, true, 10, nn::Schedule::kCosine, 5},
      {"tied", "256 sigmoid units; the decoder is the encoder's weights, transposed", tied_spec},
      {"sparse-l1", "256 ReLU units with an L1 penalty on the code", sparse_l1_spec},
      {"sparse-kl", "256 sigmoid units held at a mean activation of 0.05 by KL (Ng 2011)",
       sparse_kl_spec},
      {"k-sparse", "the 25 largest of 1000 tied linear units (Makhzani & Frey 2013)",
       k_sparse_spec},
      {"denoising", "a quarter of the input masked, the clean one to be found (Vincent 2010)",
       denoising_spec},
      {"contractive", "the exact norm of the encoder's Jacobian as a penalty (Rifai 2011)",
       contractive_spec},
      {"caeh", "contractive, and the Jacobian is to change little nearby (Rifai 2011, CAE+H)",
       caeh_spec},
      {"robust",
       "correntropy in place of squared error: gross errors count little (Qi 2014)",
       robust_spec,
       true,
       10,
       nn::Schedule::kCosine,
       0,
       {"loss"}},
      {"vae", "784-400-20 with a normal posterior and Bernoulli pixels (Kingma & Welling 2014)",
       vae_spec, true, 10, nn::Schedule::kConstant},
      {"beta-vae", "a VAE whose KL term counts 4 times, warmed up (Higgins 2017)", beta_vae_spec,
       true, 10, nn::Schedule::kConstant},
      {"cvae", "a VAE conditional on the class (Sohn 2015)", cvae_spec, true, 10,
       nn::Schedule::kConstant},
      {"iwae", "a VAE with the bound of 5 importance-weighted draws (Burda 2016)", iwae_spec, true,
       10, nn::Schedule::kConstant},
      {"vq-vae", "codes of 16 vectors out of a codebook of 64 (van den Oord 2017)", vq_vae_spec},
      {"wae", "codes drawn to N(0, 1) by the kernel distance MMD (Tolstikhin 2018)", wae_spec},
      {"adversarial", "codes drawn to N(0, 1) by a discriminator (Makhzani 2015)",
       adversarial_spec},
      {"conv", "three strided convolutions and transposed ones back (Masci 2011)", conv_spec, true,
       5},
      {"conv-pool",
       "convolutions with max-pooling, undone by unpooling to the same places (Masci 2011, Zeiler "
       "2014): codes alone lack these",
       conv_pool_spec, true, 5},
      {"conv-denoising", "conv, under Gaussian noise of deviation 0.5", conv_denoising_spec, true,
       5},
      {"conv-vae", "a VAE with two strided convolutions", conv_vae_spec, true, 5},
  };
  return entries;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : catalogue()) names.push_back(entry.name);
  return names;
}

const ModelEntry* model_or_none(const std::string& name) {
  for (const ModelEntry& entry : catalogue()) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

const ModelEntry& find_model(const std::string& name) {
  if (const ModelEntry* entry = model_or_none(name)) return *entry;
  const std::vector<std::string> names = model_names();
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string last = name.substr(name.find_last_of('/') + 1);  // of a run folder
  const std::string_view nearest = nearest_name(last, known);
  if (last != name && !nearest.empty()) {
    throw Error(fmt::format(
        "model: there is none named {0}: did you mean {1}? Of a run folder: hourglass info {0}",
        name, nearest));
  }
  throw_unknown_name("model", name, known);
}

const ModelEntry& model_of_run(const std::string& name) {
  if (const ModelEntry* entry = model_or_none(name)) return *entry;
  throw Error(fmt::format(
      "model: the run is of {}, whose objective is none of `hourglass models`: it can be given to "
      "info, evaluate, encode, decode, reconstruct, score, report and export",
      in_quotes(name)));
}

ae::Spec default_spec(const ModelEntry& entry, const ae::DataForm& data) {
  ae::DataForm form = data;
  if (!entry.trained) form.categories = {};  // their 0 and 1 are numbers like any others
  try {
    return ae::fit_to(entry.spec(), form);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", entry.name, error.what()));
  }
}

}  // namespace hourglass::tools
