// Images in few bytes: `compression [FILE]`. The codes of an autoencoder, as whole steps and through an
// entropy coder, beside those of as many principal components in the same way; the last one's file is
// kept where it has a name.
#include <cstdio>
#include <filesystem>
#include <numeric>

#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kNumbers = 16;

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// Steps in deviations of the training digits' codes.
void report(const char* name, const ae::Autoencoder& model, double step, const Tensor& train,
            const Tensor& digits, const std::string& path) {
  const auto codes = [&](const Tensor& images) {
    return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                        {images});
  };
  const ae::CodeQuantiser quantiser = ae::fit_quantiser(codes(train), step);
  const std::uint64_t bytes =
      ae::write_compressed(path, {.model = ae::model_sha256(model),
                                  .kind = "image",
                                  .example = {1, 28, 28},
                                  .dtype = "u8",
                                  .symbols = quantiser.symbols(codes(digits)),
                                  .means = quantiser.means,
                                  .steps = quantiser.steps});
  const ae::CompressedCodes file = ae::read_compressed(path);
  const Tensor back = nn::map_rows([&](const nn::Batch& b) { return model.decode({.code = b[0]}); },
                                   {ae::CodeQuantiser{file.means, file.steps}.codes(file.symbols)});
  const auto count = static_cast<double>(digits.shape()[0]);
  std::printf("%-11s steps of %.2f: %.1f bytes an image, PSNR %.2f dB\n", name, step,
              static_cast<double>(bytes) / count, mean(ae::psnr(to_u8_image(back), digits)));
}

}  // namespace

int main(int argc, char** argv) {
  const Tensor train = nn::digits(3000, 1).rows().tensor(),
               digits = nn::digits(1000, 2).rows().tensor();
  ae::Autoencoder model = ae::make_autoencoder({.encoder = {784, 300, kNumbers}}, 1);
  nn::check_trained(ae::train(
      model, {train},
      {.epochs = 20, .batch = 50, .learning_rate = 2e-3, .schedule = {nn::Schedule::kCosine}}));
  const ae::Autoencoder pca = ae::pca_autoencoder(ae::fit_pca(train), kNumbers);
  const std::string path =
      argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / "digits.codes").string();
  std::printf("784 bytes an image as they are; unseen digits in 1000 codes of %td numbers\n",
              static_cast<std::ptrdiff_t>(kNumbers));
  for (const double step : {1.0, 0.5, 0.25}) {
    report("autoencoder", model, step, train, digits, path);
    report("PCA", pca, step, train, digits, path);
  }
  if (argc < 2) std::filesystem::remove(path);
}
