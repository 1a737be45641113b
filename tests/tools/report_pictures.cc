// The pictures of a page: which images, how they lie, what they are of.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tensor/files/idx.h"
#include "tensor/files/images.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tensor/files/safetensors.h"
#include "tests/tools/page_data.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

std::string bytes_of_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned group = 0, bits = 0;
  for (const char c : text.substr(0, text.find('='))) {
    group = group << 6 | static_cast<unsigned>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 255U);
  }
  return bytes;
}

// A run of 12 test images of 6 by 6, drawn otherwise than those of training, and its page.
struct Drawn {
  TemporaryFolder folder;
  std::string run = folder.path("run"), images = folder.path("data/t10k-images-idx3-ubyte");
  json data;

  explicit Drawn(const std::string& options) {
    write_small_data(folder.path("data"), 40, 12);
    std::string bytes = idx_bytes({12, 6, 6});
    for (int i = 0; i < 432; ++i) {
      bytes[bytes.size() - static_cast<std::size_t>(i) - 1] = static_cast<char>(i * i * 7 % 251);
    }
    write_bytes(images, bytes);
    write_small_labels(folder.path("data"), 3, 40, 12);
    REQUIRE(run_hourglass("train " + options + " --epochs 2 --batch 16 --data " +
                          folder.path("data") + " --out " + run)
                .err == "");
    data = data_in(read_bytes(run + "/report.html"));
  }
  // What a data URI shows.
  Tensor picture(const json& uri) const {
    const std::string text = uri, before = "data:image/png;base64,";
    REQUIRE(text.starts_with(before));
    write_bytes(folder.path("p.png"), bytes_of_base64(text.substr(before.size())));
    return read_png(folder.path("p.png"));
  }
  // What a command makes of these arguments, u8 [N, 6, 6].
  Tensor made(const std::string& command, const std::string& rest) const {
    const std::string path = folder.path("made.npy");
    REQUIRE(run_hourglass(command + " " + run + " " + rest + " -o " + path).code == 0);
    return to_u8_image(read_npy(path));
  }
  Tensor decoded(const Tensor& codes) const {
    write_npy(folder.path("codes.npy"), codes);
    return made("decode", folder.path("codes.npy"));
  }
};

Tensor lines_of_images(const Tensor& images, int columns, int gap) {
  return image_grid(images, {.columns = columns, .gap = gap});
}

// Whether two pictures differ by a grey level at most.
bool alike(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    if (std::abs(a.at(i) - b.at(i)) > 1) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a page has each image with its reconstruction, the best and the worst in order") {
  const Drawn drawn("dense --hidden 9 --code 3");
  const Tensor originals = read_idx_images(drawn.images),
               back = drawn.made("reconstruct", drawn.images);
  const json& latent = drawn.data["latent"];
  const json& sheets = latent["sheets"];
  CHECK(sheets["width"] == 6);
  CHECK(sheets["height"] == 6);
  CHECK(sheets["columns"] == 32);
  CHECK(drawn.picture(sheets["originals"]).identical(lines_of_images(originals, 32, 0)));
  CHECK(alike(drawn.picture(sheets["reconstructions"]), lines_of_images(back, 32, 0)));
  const json& found = drawn.data["reconstructions"];
  CHECK(found["of"] == 12);
  CHECK(found["score"] == "mean squared error of a pixel");
  REQUIRE(found["best"].size() == 12);
  for (std::size_t k = 0; k < 12; ++k) {
    const json& one = found["best"][k];
    CHECK(one == found["worst"][11 - k]);
    if (k > 0) CHECK(one["score"] >= found["best"][k - 1]["score"]);
    const auto at = one["number"].get<std::int64_t>();
    double squares = 0;
    for (std::int64_t i = 0; i < 36; ++i) {
      squares += std::pow((originals.at(36 * at + i) - back.at(36 * at + i)) / 255, 2) / 36;
    }
    CHECK(one["score"].get<double>() == doctest::Approx(squares).epsilon(0.02));
    CHECK(one["score"] == latent["points"][static_cast<std::size_t>(at)]["score"]);
    CHECK(drawn.picture(one["original"]).identical(originals.rows(at, at + 1).reshape({6, 6})));
    CHECK(alike(drawn.picture(one["reconstruction"]), back.rows(at, at + 1).reshape({6, 6})));
  }
}

TEST_CASE("a page goes along each unit, three deviations to either side, the liveliest first") {
  const Drawn drawn("vae --hidden 9 --code 9");
  const json& shown = drawn.data["traversal"];
  const std::string caption = shown["caption"],
                    words =
                        "One unit at a time, over 3 deviations to either side of the prior: "
                        "units ";
  REQUIRE(caption.starts_with(words));
  std::vector<int> units;
  std::istringstream numbers(caption.substr(words.size()));
  for (int unit = 0; numbers >> unit; numbers.ignore(2)) units.push_back(unit);
  REQUIRE(units.size() == 8);
  // The units' variances over the images that were looked at.
  REQUIRE(run_hourglass("encode " + drawn.run + " " + drawn.images + " -o " +
                        drawn.folder.path("h.npy"))
              .err == "");
  const Tensor h = read_npy(drawn.folder.path("h.npy"));
  std::vector<std::pair<double, int>> variances(9);
  for (int unit = 0; unit < 9; ++unit) {
    double mean = 0, sum = 0;
    for (std::int64_t i = 0; i < 12; ++i) mean += h.at(9 * i + unit) / 12;
    for (std::int64_t i = 0; i < 12; ++i) sum += std::pow(h.at(9 * i + unit) - mean, 2);
    variances[static_cast<std::size_t>(unit)] = {-sum, unit};
  }
  std::sort(variances.begin(), variances.end());
  Tensor codes(Shape{72, 9}, DType::kF32);
  for (std::size_t k = 0; k < 8; ++k) {
    CHECK(units[k] == variances[k].second);
    for (int step = 0; step < 9; ++step) {
      codes.data<float>()[(9 * static_cast<int>(k) + step) * 9 + units[k]] =
          -3.0F + 0.75F * static_cast<float>(step);
    }
  }
  const Tensor picture = drawn.picture(shown["picture"]);
  CHECK(shown["width"] == 9 * 7 + 1);
  CHECK(alike(picture, lines_of_images(drawn.decoded(codes), 9, 1)));
  const json& samples = drawn.data["samples"];
  CHECK(samples["caption"] == "Samples: random codes of the prior");
  CHECK(alike(drawn.picture(samples["picture"]),
              lines_of_images(drawn.made("sample", "--count 64 --seed 0 --from prior"), 8, 1)));
  CHECK_FALSE(drawn.data.contains("manifold"));
}

TEST_CASE("a page of a code of two has its plane, at quantiles of what codes are") {
  const Drawn drawn("vae --hidden 9 --code 2");
  const json& shown = drawn.data["manifold"];
  CHECK(shown["caption"] == "Over both units of the code, at quantiles of the prior");
  CHECK(alike(drawn.picture(shown["picture"]),
              lines_of_images(drawn.made("manifold", "--size 12 --from prior"), 12, 1)));
  CHECK_FALSE(drawn.data.contains("traversal"));
  const Drawn plain("dense --code 2");
  CHECK(plain.data["manifold"]["caption"] ==
        "Over both units of the code, at quantiles of a normal fitted to 12 codes");
  CHECK(plain.data["samples"]["caption"] == "Samples: random codes of a normal fitted to 12 codes");
}

TEST_CASE("samples of a page are of each class in turn, a class a column") {
  const Drawn drawn("cvae --hidden 9 --code 3");
  const Tensor picture = drawn.picture(drawn.data["samples"]["picture"]);
  CHECK(picture.shape() == Shape{21 * 7 + 1, 3 * 7 + 1});
  CHECK(alike(picture,
              lines_of_images(drawn.made("sample", "--count 63 --seed 0 --from prior"), 3, 1)));
}

TEST_CASE("the filters of a page are the first weights, the largest norm first, each by its own") {
  const Drawn drawn("dense --hidden 70 --code 3");
  const json& shown = drawn.data["filters"];
  CHECK(shown["caption"] ==
        "64 of the 70 units, by norm; grey is 0, each by its own largest weight");
  const Safetensors file = read_safetensors(drawn.run + "/model.safetensors");
  const Tensor* weight = file.find("encoder.0.weight");
  REQUIRE(weight != nullptr);
  std::vector<std::pair<double, std::int64_t>> norms;
  for (std::int64_t unit = 0; unit < 70; ++unit) {
    double norm = 0;
    for (std::int64_t i = 0; i < 36; ++i) norm += std::pow(weight->at(36 * unit + i), 2);
    norms.emplace_back(-norm, unit);
  }
  std::sort(norms.begin(), norms.end());
  Tensor grey(Shape{64, 6, 6}, DType::kF32);
  for (std::int64_t k = 0; k < 64; ++k) {
    const std::int64_t unit = norms[static_cast<std::size_t>(k)].second;
    double largest = 0;
    for (std::int64_t i = 0; i < 36; ++i) {
      largest = std::max(largest, std::abs(weight->at(36 * unit + i)));
    }
    for (std::int64_t i = 0; i < 36; ++i) {
      grey.data<float>()[36 * k + i] =
          static_cast<float>(0.5 + 0.5 * weight->at(36 * unit + i) / largest);
    }
  }
  CHECK(alike(drawn.picture(shown["picture"]), lines_of_images(to_u8_image(grey), 8, 1)));
  CHECK(shown["width"] == 8 * 7 + 1);
}

TEST_CASE("ten images are followed epoch by epoch, to the weights that are kept") {
  const Drawn drawn("dense --hidden 9 --code 3 --lr 0.05");
  const json& followed = drawn.data["reconstructions_by_epoch"];
  const std::string train = drawn.folder.path("data/train-images-idx3-ubyte");
  const Tensor first = read_idx_images(train).rows(0, 10);
  CHECK(drawn.picture(followed["originals"]).identical(lines_of_images(first, 10, 1)));
  REQUIRE(followed["epochs"].size() == 2);
  const Tensor last = drawn.made("reconstruct", train).rows(0, 10);
  CHECK(alike(drawn.picture(followed["epochs"][1]["picture"]), lines_of_images(last, 10, 1)));
  CHECK_FALSE(alike(drawn.picture(followed["epochs"][0]["picture"]), lines_of_images(last, 10, 1)));
}

TEST_CASE("the step of a page is of the run's batch, and its time is that of its kinds of work") {
  const Drawn drawn("dense --hidden 9 --code 3");
  const json& step = drawn.data["step"];
  CHECK(step["examples"] == 16);  // of 12 test images, over again
  CHECK(step["graph"].get<std::string>().find("input u8 [16, 36]  # images\n") !=
        std::string::npos);
  const std::string uri = step["drawing"], before = "data:image/svg+xml;base64,";
  REQUIRE(uri.starts_with(before));
  CHECK(bytes_of_base64(uri.substr(before.size())).starts_with("<svg xmlns="));
  double lines = 0, work = 0;
  for (const json& line : step["lines"]) {
    CHECK(line["seconds"] >= 0);
    lines += line["seconds"].get<double>();
  }
  for (const json& each : step["work"]) work += each["seconds"].get<double>();
  CHECK(step["work"].back()["name"] == "between");
  CHECK(lines > 0);
  CHECK(work == doctest::Approx(std::max(lines, step["seconds"].get<double>())).epsilon(0.01));
  CHECK(work - step["work"].back()["seconds"].get<double>() ==
        doctest::Approx(lines).epsilon(0.01));
}
