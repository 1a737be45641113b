// What the commands over codes decode: the codes by hand, the rest by decode; and the lines that say it.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ae/measure/latent.h"
#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tests/tensor/pictures.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

// A run of images of 6 by 6 with a code of three; labels 0 to 2.
struct Model {
  TemporaryFolder folder;
  std::string run = folder.path("run"), images = folder.path("data/t10k-images-idx3-ubyte");

  explicit Model(const std::string& options) {
    write_small_data(folder.path("data"));
    write_small_labels(folder.path("data"), 3);
    REQUIRE(run_hourglass("train " + options + " --code 3 --epochs 2 --batch 16 --data " +
                          folder.path("data") + " --no-report --out " + run)
                .err == "");
  }
  std::string said(const std::string& command, const std::string& rest) const {
    const Output output = run_hourglass(command + " " + run + " " + rest);
    CHECK(output.err == "");
    return output.out;
  }
  std::string path() const { return folder.path("made.npy"); }
  Tensor made(const std::string& command, const std::string& rest) const {
    said(command, rest + " -o " + path());
    return read_npy(path());
  }
  Tensor codes() const { return made("encode", images); }
  Tensor decoded(const Tensor& codes, const std::string& options = "") const {
    write_npy(folder.path("codes.npy"), codes);
    return made("decode", folder.path("codes.npy") + options);
  }
};

Tensor codes_of(const std::vector<std::vector<double>>& rows) {
  Tensor codes(Shape{static_cast<std::int64_t>(rows.size()), 3}, DType::kF32);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      codes.data<float>()[3 * i + k] = static_cast<float>(rows[i][k]);
    }
  }
  return codes;
}

std::vector<double> code_at(const Tensor& codes, std::int64_t i) {
  return {codes.at(3 * i), codes.at(3 * i + 1), codes.at(3 * i + 2)};
}

// a + x (b - a).
std::vector<double> between(const std::vector<double>& a, const std::vector<double>& b, double x) {
  std::vector<double> c(3);
  for (std::size_t k = 0; k < 3; ++k) c[k] = a[k] + x * (b[k] - a[k]);
  return c;
}

}  // namespace

TEST_CASE("traverse moves one unit of a code at a time, so many deviations to either side") {
  const Model model("vae --hidden 9");
  std::vector<std::vector<double>> wanted;
  for (std::size_t unit = 0; unit < 3; ++unit) {
    for (int step = -2; step <= 2; ++step) wanted.emplace_back(3)[unit] = 0.75 * step;
  }
  const std::string written = "wrote 3 units in 5 steps over 3 deviations of the prior to ";
  CHECK(model.said("traverse", "--steps 5 --range 1.5 -o " + model.path()) ==
        written + model.path() + "\n");
  const Tensor along = read_npy(model.path());
  CHECK(farthest(along, model.decoded(codes_of(wanted))) < 1e-6);
  const Tensor usual = model.made("traverse", "--units 2");
  CHECK(usual.shape() == Shape{11, 6, 6});
  CHECK(farthest(usual.rows(10, 11), model.decoded(codes_of({{0, 0, 3}}))) < 1e-6);
  // From an example's code: the other units stay what they are.
  std::vector<double> start = code_at(model.codes(), 4);
  start[1] = -2;
  CHECK(farthest(model.made("traverse", "--image 4 --units 1 --range 2 --steps 3").rows(0, 1),
                 model.decoded(codes_of({start}))) < 1e-5);
}

TEST_CASE("traverse of codes without a prior goes by the normal that is fitted to them") {
  const Model model("dense --hidden 9");
  const Tensor codes = model.made("encode", model.folder.path("data/train-images-idx3-ubyte"));
  const ae::CodeNormal normal = ae::fit_normal(codes);
  std::vector<double> high = normal.mean.values();
  high[2] += 2 * ae::deviations(normal)[2];
  CHECK(farthest(model.made("traverse", "--units 2 --range 2 --steps 2").rows(1, 2),
                 model.decoded(codes_of({high}))) < 1e-5);
  CHECK(model.said("traverse", "--units 1 -o " + model.path()) ==
        "wrote 1 unit in 11 steps over 6 deviations of a normal fitted to the codes of 40 training "
        "images to " +
            model.path() + "\n");
  const Tensor samples = model.made("sample", "--count 7 --seed 3");
  CHECK(farthest(samples, model.decoded(ae::sample(normal, 7, key_of(3)).cast(DType::kF32))) <
        1e-5);
}

TEST_CASE("manifold lies over the two units that are named, at quantiles of the prior") {
  const Model model("vae --hidden 9");
  const Tensor grid = ae::manifold(ae::standard_normal(3), 2, 0, 4).cast(DType::kF32);
  CHECK(model.said("manifold", "--units 2,0 --size 4 -o " + model.path()) ==
        "wrote 4 by 4 images over units 2 and 0, quantiles of the prior, to " + model.path() +
            "\n");
  const Tensor found = read_npy(model.path());
  CHECK(farthest(found, model.decoded(grid)) < 1e-6);
  CHECK(model.made("manifold", "--units 0,1").shape() == Shape{400, 6, 6});
  const std::string sheet = model.folder.path("m.png");
  model.said("manifold", "--units 2,0 --size 4 -o " + sheet);
  CHECK(read_png(sheet).shape() == Shape{4 * 14 + 2, 4 * 14 + 2});
}

TEST_CASE(
    "interpolate goes from code to code in equal steps, of the first test examples in pairs") {
  const Model model("dense --hidden 9");
  const Tensor codes = model.codes();
  std::vector<std::vector<double>> wanted;
  for (int pair = 0; pair < 5; ++pair) {
    for (int step = 0; step < 4; ++step) {
      wanted.push_back(between(code_at(codes, 2 * pair), code_at(codes, 2 * pair + 1), step / 3.0));
    }
  }
  CHECK(model.said("interpolate", "--steps 4 -o " + model.path()) ==
        "wrote 5 linear interpolations in 4 steps to " + model.path() + "\n");
  const Tensor found = read_npy(model.path());
  CHECK(farthest(found, model.decoded(codes_of(wanted))) < 1e-5);
  CHECK(model.said("interpolate", "--from 1 --to 2 --spherical -o " + model.path()) ==
        "wrote 1 spherical interpolation in 10 steps to " + model.path() + "\n");
  // Of a file the same examples as of the test part, which it is.
  CHECK(model.made("interpolate", model.images + " --steps 4").identical(found));
  const std::string one = model.folder.path("one.npy");
  write_npy(one, Tensor::full({1, 6, 6}, 0.5));
  CHECK(run_hourglass("interpolate " + model.run + " " + one + " -o " + model.path()).err ==
        "hourglass: error: interpolate: needs two examples: there is one\n");
  const Model many("dense --hidden 9 --validation 10");
  CHECK(many.made("interpolate", many.folder.path("data/train-images-idx3-ubyte")).shape() ==
        Shape{80, 6, 6});  // eight lines at most
}

TEST_CASE("arithmetic decodes the codes of a, b, c and their sum, a line for each") {
  const Model model("dense --hidden 9");
  const Tensor codes = model.codes();
  std::vector<std::vector<double>> wanted;
  for (const auto& [a, b, c] : {std::tuple{1, 3, 4}, {2, 7, 5}}) {
    for (const int i : {a, b, c}) wanted.push_back(code_at(codes, i));
    std::vector<double>& sum = wanted.emplace_back(3);
    for (std::size_t k = 0; k < 3; ++k) {
      sum[k] = code_at(codes, a)[k] + code_at(codes, b)[k] - code_at(codes, c)[k];
    }
  }
  CHECK(model.said("arithmetic", "--a 1,2 --b 3,7 --c 4,5 -o " + model.path()) ==
        "wrote 2 lines of a, b, c and a + (b - c) to " + model.path() + "\n");
  const Tensor found = read_npy(model.path());
  CHECK(farthest(found, model.decoded(codes_of(wanted))) < 1e-5);
}

TEST_CASE("of a class-conditional model a line has its first example's class, unless one is said") {
  const Model model("cvae --hidden 9");
  const Tensor codes = model.codes(),
               labels = read_idx(model.folder.path("data/t10k-labels-idx1-ubyte"));
  const auto with = [&](const std::vector<double>& code, double label) {
    return model.decoded(codes_of({code}), fmt::format(" --class {:g}", label));
  };
  REQUIRE(labels.at(1) != labels.at(0));
  const Tensor lines = model.made("interpolate", "--from 0,1 --to 3,4 --steps 3");
  CHECK(farthest(lines.rows(2, 3), with(code_at(codes, 3), labels.at(0))) < 1e-5);
  CHECK(farthest(lines.rows(5, 6), with(code_at(codes, 4), labels.at(1))) < 1e-5);
  std::vector<double> low = code_at(codes, 1);
  low[0] = -3;
  const std::string along = "--image 1 --units 0 --steps 2";
  CHECK(farthest(model.made("traverse", along).rows(0, 1), with(low, labels.at(1))) < 1e-5);
  CHECK(farthest(model.made("traverse", along + " --class 2").rows(0, 1), with(low, 2)) < 1e-5);
  CHECK(farthest(model.made("manifold", "--units 0,1 --size 3 --class 1").rows(4, 5),
                 with({0, 0, 0}, 1)) < 1e-5);
}

TEST_CASE("a picture of codes that may be negative has 0 in the middle of its greys") {
  const Model model("linear");
  const Tensor codes = model.codes();
  const std::string png = model.folder.path("codes.png");
  model.said("encode", model.images + " -o " + png);
  const Tensor sheet = read_png(png);  // two squares by two of 18 pixels each, twice as large
  REQUIRE(sheet.shape() == Shape{72 + 4, 10 * 74 + 2});
  double largest = 0, least = 0;
  for (const double x : codes.values()) {
    largest = std::max(largest, std::abs(x));
    least = std::min(least, x);
  }
  REQUIRE(least < 0);
  for (std::int64_t i = 0; i < 10; ++i) {
    for (std::int64_t unit = 0; unit < 4; ++unit) {
      const std::int64_t y = 2 + 36 * (unit / 2) + 20, x = 2 + 74 * i + 36 * (unit % 2) + 20;
      const double grey = unit < 3 ? codes.at(3 * i + unit) / largest : 0;
      CHECK(std::abs(sheet.at(y * 742 + x) - 127.5 * (1 + grey)) <= 1);
    }
  }
}

TEST_CASE("codes of a table and of one line are decoded as those of an array") {
  const Model model("dense --hidden 9");
  write_bytes(model.folder.path("codes.csv"), "0.5,-1,2\n0,0.25,1\n");
  const Tensor wanted = model.decoded(codes_of({{0.5, -1, 2}, {0, 0.25, 1}}));
  CHECK(model.made("decode", model.folder.path("codes.csv")).identical(wanted));
  write_npy(model.folder.path("one.npy"), Tensor::from<double>({0.5, -1, 2}, {3}));
  CHECK(model.made("decode", model.folder.path("one.npy")).identical(wanted.rows(0, 1)));
}

TEST_CASE(
    "the novelty of samples is their distance to the nearest training image, beside the test's") {
  const Model model("vae --hidden 9");
  const std::string out = model.said("sample", "--count 6 --novelty -o " + model.path());
  const auto pixels = [&](const std::string& path) {
    const Tensor x = path.ends_with(".npy") ? read_npy(path) : read_idx(path);
    std::vector<double> all = x.values();
    if (x.dtype() == DType::kU8) {
      for (double& each : all) each /= 255;
    }
    return all;
  };
  const std::vector<double> train = pixels(model.folder.path("data/train-images-idx3-ubyte"));
  const auto nearest = [&](const std::vector<double>& images) {
    std::vector<double> distances;
    for (std::size_t i = 0; i < images.size(); i += 36) {
      double least = 1e9;
      for (std::size_t j = 0; j < train.size(); j += 36) {
        double sum = 0;
        for (std::size_t p = 0; p < 36; ++p) sum += std::pow(images[i + p] - train[j + p], 2);
        least = std::min(least, std::sqrt(sum));
      }
      distances.push_back(least);
    }
    return distances;
  };
  const auto mean = [](const std::vector<double>& x) {
    double sum = 0;
    for (const double each : x) sum += each / static_cast<double>(x.size());
    return sum;
  };
  const std::vector<double> of_samples = nearest(pixels(model.path())),
                            of_test = nearest(pixels(model.images));
  const double near = *std::min_element(of_test.begin(), of_test.end());
  const auto copies = std::count_if(of_samples.begin(), of_samples.end(),
                                    [&](double distance) { return distance < near; });
  CAPTURE(out);
  CHECK(out.ends_with(fmt::format(
      "distance to the nearest training example: samples {:.4f}, test images {:.4f}\nratio {:.4f}; "
      "{:.1f} % of the samples are copies (nearer than 99 % of test images)\n",
      mean(of_samples), mean(of_test), mean(of_samples) / mean(of_test),
      100.0 * static_cast<double>(copies) / 6)));
}
