#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tensor/files/safetensors.h"
#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

TEST_CASE("bench/oracle writes what a workload starts from and what we make of it") {
  const TemporaryFolder folder;
  const std::string path = folder.path("w6c.safetensors");
  const Output output = run_program(HOURGLASS_BENCH "/oracle", "W6c --steps 9 -o '" + path + "'");
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  const Safetensors file = read_safetensors(path);
  REQUIRE(file.find("images") != nullptr);
  CHECK(file.find("images")->shape() == Shape{1024, 784});
  const Tensor& noise = *file.find("noise");
  CHECK(noise.shape() == Shape{9, 128, 256});
  double mean = 0;
  for (double x : noise.values()) {
    REQUIRE(std::abs(x) == 1);
    mean += x / static_cast<double>(noise.elements());
  }
  CHECK(std::abs(mean) < 0.01);
  for (const char* name : {"encoder.0.weight", "encoder.0.bias", "decoder.0.weight"}) {
    const Tensor* weights = file.find(std::string("parameter:") + name);
    const Tensor* gradient = file.find(std::string("gradient:") + name);
    REQUIRE(weights != nullptr);
    REQUIRE(gradient != nullptr);
    CHECK(weights->dtype() == DType::kF32);
    CHECK(gradient->dtype() == DType::kF64);
    CHECK(gradient->shape() == weights->shape());
  }
  const Tensor& losses = *file.find("losses");
  CHECK(losses.at(0) == doctest::Approx(file.find("loss")->item()).epsilon(1e-5));
  CHECK(losses.at(8) < losses.at(0));  // the images of the first step again
}

TEST_CASE("bench/oracle feeds colour images: digits of two colours each, ink in the middle") {
  const TemporaryFolder folder;
  const std::string path = folder.path("w5.safetensors");
  REQUIRE(run_program(HOURGLASS_BENCH "/oracle", "W5 -o '" + path + "'").code == 0);
  const Safetensors file = read_safetensors(path);
  const Tensor& images = *file.find("images");
  REQUIRE(images.shape() == Shape{512, 3 * 32 * 32});
  CHECK(file.find("parameter:encoder.0.weight")->shape() == Shape{32, 3, 4, 4});
  CHECK(file.find("output")->shape() == Shape{64, 3 * 32 * 32});
  const std::vector<double> x = images.values();
  std::set<double> papers;
  for (std::size_t map = 0; map < 512 * 3; ++map) {
    const double* pixel = x.data() + map * 32 * 32;
    const double paper = pixel[0];
    papers.insert(paper);
    const auto [least, most] = std::minmax_element(pixel, pixel + 32 * 32);
    CHECK(*least >= 0);
    CHECK(*most <= 1);
    CHECK(*least < *most);
    for (int i = 0; i < 32; ++i) {
      CHECK(pixel[i] == paper);
      CHECK(pixel[31 * 32 + i] == paper);
    }
  }
  CHECK(papers.size() > 1500);
}

TEST_CASE("bench/oracle writes a model of inference as ONNX beside its weights and output") {
  const TemporaryFolder folder;
  const std::string path = folder.path("w7.safetensors");
  const Output output = run_program(HOURGLASS_BENCH "/oracle", "W7a-b1 -o '" + path + "'");
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  const Safetensors file = read_safetensors(path);
  CHECK(file.find("images")->shape() == Shape{8, 784});
  CHECK(file.find("output")->shape() == Shape{1, 30});
  CHECK(file.find("output")->dtype() == DType::kF64);
  CHECK(file.find("loss") == nullptr);
  // The weights of the encoder, in f32, and some names.
  const double weights = 784 * 1000 + 1000 * 500 + 500 * 250 + 250 * 30 + 1780;
  const auto bytes = static_cast<double>(std::filesystem::file_size(folder.path("w7.onnx")));
  CHECK(bytes > 4 * weights);
  CHECK(bytes < 4 * weights + 5000);
}
