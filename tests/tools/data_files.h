#pragma once

// Small files of each kind of data, drawn by rule.

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>

#include "tensor/files/jpeg.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tests/tools/program.h"

namespace hourglass::test {

// 60 days of temperatures in kelvin that follow one sine, of three sites.
inline std::string kelvin_csv() {
  std::string text = "site,morning,noon,evening,night\n";
  for (int i = 0; i < 60; ++i) {
    const double t = std::sin(0.7 * i), u = 0.2 * std::cos(1.3 * i);
    text += fmt::format("{},{:.2f},{:.2f},{:.2f},{:.2f}\n",
                        i % 3 == 0   ? "hill"
                        : i % 3 == 1 ? "valley"
                                     : "coast",
                        290 + 5 * t, 300 + 5 * t + u, 297 + 5 * t - u, 285 + 4 * t);
  }
  return text;
}

// 100 time steps of two sensors.
inline std::string sensors_csv(int steps = 100) {
  std::string text = "flow,pressure\n";
  for (int i = 0; i < steps; ++i) {
    text += fmt::format("{:.4f},{:.4f}\n", 10 + std::sin(0.3 * i), 200 + 5 * std::cos(0.3 * i));
  }
  return text;
}

// 40 documents of 12 words in two classes; each has some words of its class.
inline std::string words_svm() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += std::to_string(i % 2);
    for (int j = 0; j < 12; ++j) {
      if (j % 2 == i % 2 || (i + j) % 3 == 0) text += fmt::format(" {}:{}", j + 1, 1 + i * j % 3);
    }
    text += "\n";
  }
  return text;
}

// 40 rows of 10 counts, most of them 0.
inline std::string genes_mtx() {
  std::string entries;
  int count = 0;
  for (int i = 1; i <= 40; ++i) {
    for (int j = 1; j <= 10; ++j) {
      if ((7 * j + 3 * i) % 5 >= 2) continue;
      entries += fmt::format("{} {} {}\n", i, j, 1 + i * j % 4);
      ++count;
    }
  }
  return fmt::format("%%MatrixMarket matrix coordinate integer general\n40 10 {}\n{}", count,
                     entries);
}

// f32 [40, 12].
inline Tensor activations() {
  Tensor x(Shape{40, 12}, DType::kF32);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    x.data<float>()[i] =
        static_cast<float>(3 * std::sin(0.9 * static_cast<double>(i / 12 * (1 + i % 4))));
  }
  return x;
}

// 20 pictures in colour, 32 high and 24 wide, of a bright spot each: every other one a JPEG.
inline void write_photos(const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < 20; ++i) {
    Tensor photo(Shape{32, 24, 3}, DType::kU8);
    for (std::int64_t p = 0; p < photo.elements(); ++p) {
      const std::int64_t y = p / 72 - (5 + i), x = p / 3 % 24 - 12, c = p % 3;
      const double near = std::exp(-static_cast<double>(x * x + y * y) / 30.0);
      photo.data<std::uint8_t>()[p] = static_cast<std::uint8_t>(40 + 60 * near * (1 + c));
    }
    const std::string name = fmt::format("{}/{:02}", folder, i);
    if (i % 2 == 0) write_png(name + ".png", photo);
    if (i % 2 == 1) write_bytes(name + ".jpg", jpeg_bytes(photo, 95));
  }
}

}  // namespace hourglass::test
