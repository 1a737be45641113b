// A table through a model and back, in its own units: `table [FILE.csv [LABEL]]`; without a file,
// temperatures of days in kelvin. Scale, output, loss and widths follow from the data.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

// Four temperatures a day, which follow the season and the weather.
nn::RawData days() {
  const Tensor noise = normal(key_of(1), "weather", 0, {730, 6});
  Tensor table(Shape{730, 4}, DType::kF64);
  for (std::int64_t day = 0; day < 730; ++day) {
    const double season = 10 * std::sin(0.0172 * static_cast<double>(day));
    const double warm = season + 3 * noise.at(6 * day), clear = 2 * noise.at(6 * day + 1);
    double* t = table.data<double>() + 4 * day;
    t[0] = 282 + warm - clear;
    t[1] = 291 + warm + 2 * clear;
    t[2] = 287 + warm + clear;
    t[3] = 279 + 0.8 * warm - 2 * clear;
    for (int i = 0; i < 4; ++i) t[i] += 0.3 * noise.at(6 * day + 2 + i);  // of the thermometer
  }
  return {.all = {.kind = nn::DataKind::kRow,
                  .examples = table,
                  .columns = {"morning", "noon", "evening", "night"}}};
}

}  // namespace

int main(int argc, char** argv) {
  nn::ReadOptions options;
  if (argc > 2) options.label = argv[2];
  const nn::RawData data = argc > 1 ? nn::read_data(argv[1], options) : days();
  const nn::DataParts parts = nn::split(data, {});  // 80, 10 and 10 percent, by class
  const ae::Spec spec = ae::fit_to({.encoder = {784, 32}}, ae::form_of(parts.train));
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(model, {parts.train.rows()}, {.epochs = 60, .learning_rate = 1e-2}));

  const Tensor x = parts.test.rows(), y = ae::reconstructions(model, {x});
  const std::int64_t n = x.shape()[0], columns = x.shape()[1];
  std::printf("%td columns, a code of %td\n", static_cast<std::ptrdiff_t>(columns),
              static_cast<std::ptrdiff_t>(spec.code_width()));
  for (std::int64_t c = 0; c < columns; ++c) {
    double squares = 0;
    for (std::int64_t i = c; i < x.elements(); i += columns)
      squares += std::pow(y.at(i) - x.at(i), 2);
    const auto at = static_cast<std::size_t>(c);
    const std::string name =
        at < data.all.columns.size() ? data.all.columns[at] : std::to_string(c + 1);
    std::printf("%-16s off by %.3g, of a deviation of %.3g\n", name.c_str(),
                std::sqrt(squares / static_cast<double>(n)), model.input.deviation.tensor().at(c));
  }
}
