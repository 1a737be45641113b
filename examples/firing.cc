// Which unit of a sparse code fires for which digit. Above: a line a class, a column a unit, bright
// where it fires, in the order of the class it fires for most. Below, for each class: the mean
// image and what the decoder draws for the units that fire for it and for no other.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kClasses = 10, kUnits = 64, kShown = 5;

// How much more a unit fires for a class than for the others on average.
Tensor selectivity(const Tensor& means) {
  const Var m = constant(means);
  return ((m * kClasses - sum(m, {0}, true)) / (kClasses - 1)).value();
}

// The units from the most to the least selective for a class.
std::vector<std::int64_t> units_for(const Tensor& selective, std::int64_t label) {
  std::vector<std::int64_t> order(kUnits);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return selective.at(label * kUnits + a) > selective.at(label * kUnits + b);
  });
  return order;
}

Tensor heat_map(const Tensor& means, const Tensor& selective) {
  const Tensor favourite = argmax(constant(selective), {0}).value();
  std::vector<std::int64_t> columns(kUnits);
  std::iota(columns.begin(), columns.end(), 0);
  std::stable_sort(columns.begin(), columns.end(), [&](std::int64_t a, std::int64_t b) {
    return favourite.at(a) < favourite.at(b);
  });
  const Tensor strongest = max(constant(means), {0}).value();
  Tensor heat({1, kClasses, kUnits}, DType::kF32);
  for (std::int64_t i = 0; i < kClasses * kUnits; ++i) {
    const std::int64_t unit = columns[static_cast<std::size_t>(i % kUnits)];
    heat.data<float>()[i] = static_cast<float>(means.at(i / kUnits * kUnits + unit) /
                                               std::max(strongest.at(unit), 1e-9));
  }
  return image_grid(to_u8_image(heat), {.scale = 5});
}

void firing(const demo::Options& options) {
  const nn::DataSet digits = nn::digits(4000, 1);
  ae::Spec spec{.encoder = {784, kUnits}, .code = nn::Activation::kSigmoid};
  spec.loss = ae::Loss::kBce;
  spec.penalties = {ae::penalties::kl(0.05, 3)};
  const ae::Autoencoder model = demo::learnt(spec, digits.rows(), options.epochs);

  const auto code = [&](const nn::Batch& b) { return model.encode(ae::pixels(b[0])).code; };
  const Tensor codes = nn::map_rows(code, {digits.rows()});
  const Tensor means = ae::class_means(codes, digits.labels, kClasses);
  const Tensor images = ae::class_means(digits.rows(), digits.labels, kClasses);
  const Tensor selective = selectivity(means);
  const Var weight = transpose(model.decoder.layers[0].linear.weight);  // [units, pixels]
  const Tensor drawn = (0.5 + 0.5 * weight / max(abs(weight), {1}, true)).value();
  std::vector<Tensor> lines;
  for (std::int64_t c = 0; c < kClasses; ++c) {
    const std::vector<std::int64_t> units = units_for(selective, c);
    std::vector<Var> line = {
        constant((constant(images.rows(c, c + 1).cast(DType::kF32)) / 255).value())};
    for (std::int64_t i = 0; i < kShown; ++i) {
      const std::int64_t unit = units[static_cast<std::size_t>(i)];
      line.push_back(constant(drawn.rows(unit, unit + 1)));
    }
    lines.push_back(concat(line, 0).value());
    std::printf("%d: unit %2d fires at %.2f, for other digits at %.2f\n", static_cast<int>(c),
                static_cast<int>(units[0]), means.at(c * kUnits + units[0]),
                means.at(c * kUnits + units[0]) - selective.at(c * kUnits + units[0]));
  }
  write_png(options.picture,
            demo::stacked({heat_map(means, selective), demo::lines_of_images(lines, 28, 28)}));
}

}  // namespace

int main(int argc, char** argv) { return demo::run(argc, argv, {"firing.png", 15}, firing); }
