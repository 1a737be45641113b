// A folder of pictures, in colour or grey: `photos [FOLDER [OUT.png]]`; without a folder it draws suns over
// the sea. The file shows pictures above what a convolutional model keeps of them.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

// Pictures [400, 3, 32, 24] of a sun somewhere above the horizon.
nn::RawData suns() {
  const Tensor places = uniform(key_of(1), "suns", 0, {400, 3});
  Tensor pictures(Shape{400, 3, 32, 24}, DType::kU8);
  std::uint8_t* pixel = pictures.data<std::uint8_t>();
  for (std::int64_t i = 0; i < pictures.elements(); ++i) {
    const std::int64_t picture = i / (3 * 32 * 24), c = i / (32 * 24) % 3;
    const double x = static_cast<double>(i % 24) - 24 * places.at(3 * picture);
    const double row = static_cast<double>(i / 24 % 32), y = row - 20 * places.at(3 * picture + 1);
    const double sun = row < 22 && x * x + y * y < 4 + 12 * places.at(3 * picture + 2) ? 1 : 0;
    const double sky[] = {90, 150, 230}, light[] = {165, 70, -180}, sea[] = {20, 60, 110};
    pixel[i] = static_cast<std::uint8_t>(row < 22 ? sky[c] + sun * light[c] : sea[c]);
  }
  return {.all = {.kind = nn::DataKind::kImage, .examples = pictures}};
}

}  // namespace

int main(int argc, char** argv) {
  const nn::RawData data = argc > 1 ? nn::read_data(argv[1]) : suns();
  const nn::DataParts parts = nn::split(data, {});
  ae::Spec preset{.encoder = {784, 32}, .loss = ae::Loss::kBce};
  preset.conv = {{.channels = 8, .stride = 2}, {.channels = 16, .stride = 2}};
  const ae::Spec spec = ae::fit_to(preset, ae::form_of(parts.train));
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(model, {parts.train.rows()}, {.epochs = 60, .learning_rate = 5e-3}));
  std::printf("%s, a code of %td: mean squared error of a pixel %.4f\n",
              nn::kind_text(parts.test).c_str(), static_cast<std::ptrdiff_t>(spec.code_width()),
              ae::reconstruction_metrics(model, {parts.test.rows()})[0].value);
  if (argc < 3) return 0;
  const Tensor x = parts.test.range(0, std::min<std::int64_t>(8, parts.test.count())).examples;
  const Tensor y = ae::reconstructions(model, {x.reshape({x.shape()[0], spec.input_width()})});
  const auto rows = [](const Tensor& t) {  // [N, C, H, W] as pictures [N, H, W, 3]
    return permute(broadcast_to(constant(t), t.shape().without_axis(1).with_axis(1, 3)),
                   {0, 2, 3, 1})
        .value();
  };
  write_png(argv[2], image_pairs(rows(x), rows(to_u8_image(y.reshape(x.shape()))), {.columns = 8}));
}
