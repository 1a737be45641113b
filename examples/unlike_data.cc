// A model knows what it has seen: trained on digits, it gives digits back, and of faces it makes
// something digit-like. The faces are drawn here, or read from a folder of IDX files.
#include <cmath>
#include <cstdio>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kSide = 28;

// 1 inside an ellipse, 0 outside, with a soft edge.
double ellipse(double x, double y, double width, double height) {
  return 1 / (1 + std::exp(40 * (std::hypot(x / width, y / height) - 1)));
}

// Faces in shades of grey, u8 [N, 28, 28]: a head lit from one side, eyes, nose and a mouth that
// smiles or does not.
Tensor drawn_faces(std::int64_t count) {
  const Tensor draws = uniform(key_of(5), "faces", 0, {count, 4}, -1, 1);
  Tensor faces({count, kSide, kSide}, DType::kU8);
  std::uint8_t* pixel = faces.data<std::uint8_t>();
  for (std::int64_t i = 0; i < count * kSide * kSide; ++i) {
    const std::int64_t face = i / (kSide * kSide);
    const auto draw = [&](int k) { return draws.at(4 * face + k); };
    const double x = static_cast<double>(i % kSide) / 13.5 - 1 - 0.15 * draw(0);
    const double y = static_cast<double>(i / kSide % kSide) / 13.5 - 1 - 0.08 * draw(1);
    const double light = 0.65 + 0.25 * x * draw(2);
    const double smile = y - 0.45 + 0.6 * draw(3) * x * x;
    double shade = 0.25 + (light - 0.25) * ellipse(x, y, 0.68, 0.88);
    for (double side : {-0.28, 0.28}) shade *= 1 - 0.85 * ellipse(x - side, y + 0.2, 0.13, 0.1);
    shade *= 1 - 0.3 * ellipse(x, y - 0.1, 0.06, 0.2);
    shade *= 1 - 0.7 * ellipse(x, smile, 0.32, 0.08);
    pixel[i] = static_cast<std::uint8_t>(std::lround(255 * shade));
  }
  return faces;
}

Tensor faces_of(const std::string& folder) {
  if (folder.empty()) return drawn_faces(60);
  return nn::pad_images(nn::read_data(folder).all.examples, kSide);
}

double error(const ae::Autoencoder& model, const Tensor& images) {
  return ae::reconstruction_metrics(model, images).front().value;
}

void unlike_data(const demo::Options& options) {
  ae::Spec spec{.encoder = {kSide * kSide, 256, 32}, .loss = ae::Loss::kBce};
  const ae::Autoencoder model = demo::learnt(spec, nn::digits(6000, 1).rows(), options.epochs);

  const Tensor digits = nn::digits(60, 2).rows();
  const Tensor stored = faces_of(options.data);
  const Tensor faces = stored.reshape({stored.shape()[0], kSide * kSide});
  std::printf("mean squared error: unseen digits %.4f, faces %.4f\n", error(model, digits),
              error(model, faces));
  std::vector<Tensor> lines;
  for (const Tensor& images : {digits, faces}) {
    const std::int64_t step = images.shape()[0] / 12;
    Tensor few({12, kSide * kSide}, DType::kU8);
    for (std::int64_t i = 0; i < few.elements(); ++i) {
      const std::int64_t row = i / (kSide * kSide) * step;
      few.data<std::uint8_t>()[i] =
          images.data<std::uint8_t>()[row * kSide * kSide + i % (kSide * kSide)];
    }
    lines.push_back(ae::pixels(constant(few)).value());
    lines.push_back(model.reconstruct(constant(lines.back())).value());
  }
  write_png(options.picture, demo::lines_of_images(lines, kSide, kSide));
}

}  // namespace

int main(int argc, char** argv) {
  return demo::run(argc, argv, {"unlike_data.png", 10}, unlike_data);
}
