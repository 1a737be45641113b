#include "tools/codes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "nn/data/read_data.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"
#include "tensor/files/csv_write.h"
#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tensor/memory.h"
#include "tools/data.h"
#include "tools/describe.h"
#include "tools/example_files.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// Numbers to grey: 0 to 1 of the largest; with negative ones among them 0 is the middle.
struct Greys {
  double zero = 0, scale = 1;
  explicit Greys(const Tensor& codes) {
    double largest = 0, least = 0;
    for (double v : codes.values()) {
      largest = std::max(largest, std::abs(v));
      least = std::min(least, v);
    }
    if (least < 0) zero = 0.5;
    if (largest > 0) scale = (1 - zero) / largest;
  }
  float of(double v) const { return static_cast<float>(zero + scale * v); }
};

// f32 [N, h, w] in [0, 1]: each code in a rectangle that is nearly square, row by row; what is left
// over is as 0. Of a short code each number is a square of pixels, so that it can be seen.
Tensor code_pictures(const Tensor& codes) {
  constexpr std::int64_t kWanted = 36;  // pixels across
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  const std::int64_t across = static_cast<std::int64_t>(std::ceil(std::sqrt(width)));
  const std::int64_t down = (width + across - 1) / across;
  const std::int64_t side = std::max<std::int64_t>(1, kWanted / across);
  const Greys greys(codes);
  Tensor pictures = Tensor::full({n, down * side, across * side}, greys.zero);
  float* out = pictures.data<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t y = 0; y < down * side; ++y) {
      for (std::int64_t x = 0; x < across * side; ++x, ++out) {
        const std::int64_t j = y / side * across + x / side;
        if (j < width) *out = greys.of(codes.at(i * width + j));
      }
    }
  }
  return pictures;
}

}  // namespace

LoadedRun open_run(const std::string& folder) {
  return {read_config(folder), ae::load_run(folder)};
}

nn::RawData data_of(const char* who, const LoadedRun& run, const std::optional<std::string>& data) {
  if (!data && run.config.data == "-") {
    throw Error(fmt::format("{}: what the run learnt from is in no file: say --data PATH", who));
  }
  const DataOptions reading = reading_of(run.config);
  nn::RawData loaded = load_data(data.value_or(run.config.data), reading);
  const bool own = !data || nn::checksum(loaded) == run.config.checksum;
  if (!loaded.test && !own) {
    // Nothing of it was learnt from: all of it judges.
    const nn::DataSet all = examples_in(loaded, reading);
    loaded = {.all = all, .test = all};
  } else if (!loaded.test && run.config.split.empty()) {
    throw Error(fmt::format(
        "{}: the run is of an older format, which judged by the last tenth of its data: train it "
        "again, or say --data PATH",
        who));
  } else {
    loaded = nn::with_test(loaded, test_split(run.config));
  }
  check_examples(who, run.config, loaded.all, loaded.all.example_shape());
  return loaded;
}

Tensor encode_examples(const LoadedRun& run, const nn::Rows& examples, const Tensor& labels) {
  const nn::Rows rows = examples.reshape(Shape{examples.count(), examples.width()});
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const ae::Batch b = ae::batch_of(batch);
        return run.model.encode(run.model.scaled(b.images), b.labels).code;
      },
      ae::rows_of({rows, labels}));
}

bool unpools(const ae::Spec& spec) {
  return spec.upsampling == ae::Upsampling::kTransposed &&
         std::any_of(spec.conv.begin(), spec.conv.end(),
                     [](const ae::ConvLayer& layer) { return layer.pools(); });
}

void note_unpooling(const RunConfig& config) {
  if (!unpools(config.spec)) return;
  fmt::print(
      stderr,
      "hourglass: note: the decoder unpools to where the encoder pooled from, which codes do "
      "not hold: these {} are poor; a model trained with --upsampling nearest needs no places\n",
      nn::plural(config.kind));
}

void check_decoded_fit(const char* who, const LoadedRun& run, double count) {
  // Codes in f64 and f32, pixels in f32 and as bytes.
  const std::int64_t bytes = 12 * run.config.spec.code_width() + 5 * run.config.spec.input_width();
  constexpr double kMost = 1e19;  // what a size_t holds
  const double all = std::min(kMost, static_cast<double>(bytes) * std::max(count, 0.0));
  check_memory(who, fmt::format("{:.0f} {} and their codes", count, nn::plural(run.config.kind)),
               static_cast<std::size_t>(all));
}

Tensor decoded(const LoadedRun& run, const Tensor& codes, const Tensor& labels) {
  const Tensor rows = nn::map_rows(
      [&](const nn::Batch& batch) {
        const ae::Batch b = ae::batch_of(batch);
        return run.model.unscaled(run.model.decode({.code = b.images, .labels = b.labels}));
      },
      ae::rows_of({codes.cast(DType::kF32), labels}));
  return rows.reshape(run.config.spec.example_shape().with_axis(0, rows.shape()[0]));
}

Tensor decode_codes(const LoadedRun& run, const Tensor& codes, const Tensor& labels) {
  note_unpooling(run.config);
  const Tensor examples = decoded(run, codes, labels);
  const std::int64_t width = run.config.spec.input_width();
  for (std::int64_t i = 0; i < examples.elements(); ++i) {
    if (std::isfinite(examples.at(i))) continue;
    throw Error(fmt::format("decode: number {} of example {} is {}: the codes are too large",
                            i % width, i / width, examples.at(i)));
  }
  return examples;
}

Tensor read_codes(const std::string& path, std::int64_t width) {
  Tensor codes = path.ends_with(".npy")   ? read_npy(path)
                 : path.ends_with(".csv") ? nn::read_data(path).all.examples.tensor()
                                          : read_idx(path);
  if (codes.shape().rank() == 1) codes = codes.reshape(codes.shape().with_axis(0, 1));
  if (codes.shape().rank() != 2 || codes.shape()[1] != width || codes.shape()[0] == 0) {
    throw FileError(fmt::format("codes: {}: sizes differ: {} for a model with a code of {}", path,
                                to_string(codes.shape()), width));
  }
  const Tensor kept = codes.cast(DType::kF32);
  for (std::int64_t i = 0; i < codes.elements(); ++i) {
    if (std::isfinite(kept.at(i))) continue;
    throw FileError(fmt::format("codes: {}: number {} is {}: expected finite numbers{}", path, i,
                                codes.at(i), std::isfinite(codes.at(i)) ? " of f32" : ""));
  }
  return kept;
}

void check_codes_output(const std::string& path) {
  check_ending(path, {".csv", ".npy", ".idx", ".idx.gz", ".png"});
}

void write_codes(const std::string& path, const Tensor& codes) {
  if (path.ends_with(".npy")) {
    write_npy(path, codes);
  } else if (path.ends_with(".png")) {
    const Tensor images = code_pictures(codes);
    write_examples(path, {.examples = images.reshape(images.shape().with_axis(1, 1))});
  } else if (path.ends_with(".csv")) {
    write_csv(path, {}, codes);
  } else {
    write_idx(path, codes);
  }
}

std::int64_t check_index(const char* who, std::int64_t index, const nn::DataSet& data) {
  if (index >= 0 && index < data.count()) return index;
  throw Error(fmt::format("{}: of {} there is no number {} (they count from 0)", who,
                          counted(data.count(), data.kind), index));
}

}  // namespace hourglass::tools
