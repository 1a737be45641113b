#include "ae/exchange/compressed.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "ae/measure/code_quantiser.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/tools/program.h"

using namespace hourglass;

namespace {

Tensor codes_of(std::int64_t count, std::int64_t width) {
  return normal(key_of(3), "codes", 0, Shape{count, width}, 2, 3, DType::kF32);
}

ae::CompressedCodes compressed_of(const Tensor& symbols) {
  return {.model = std::string(64, 'a'),
          .kind = "image",
          .example = Shape{1, 6, 6},
          .dtype = "u8",
          .symbols = symbols,
          .means = {},
          .steps = {}};
}

}  // namespace

TEST_CASE("a quantised code is off by half a step at most, in deviations of its column") {
  Tensor codes = codes_of(500, 4);
  for (std::int64_t i = 0; i < 500; ++i) codes.data<float>()[i * 4 + 2] = 0.25F;  // a dead unit
  const ae::CodeQuantiser quantiser = ae::fit_quantiser(codes, 0.5);
  CHECK(quantiser.steps.at(0) == doctest::Approx(1.5).epsilon(0.1));
  CHECK(quantiser.steps.at(2) == 0);
  const Tensor symbols = quantiser.symbols(codes), back = quantiser.codes(symbols);
  double farthest = 0;
  for (std::int64_t i = 0; i < codes.elements(); ++i) {
    farthest = std::max(farthest, std::abs(back.at(i) - codes.at(i)) / 1.5);
    if (i % 4 == 2) CHECK(back.at(i) == 0.25);
  }
  CHECK(farthest < 0.55);
  CHECK(farthest > 0.4);
  CHECK(quantiser.symbols(back).identical(symbols));
}

TEST_CASE("what cannot be quantised is said") {
  const Tensor codes = codes_of(5, 2);
  CHECK_THROWS_WITH_AS(ae::fit_quantiser(codes, 0), "quantiser: step: must be above 0: got 0",
                       Error);
  ae::CodeQuantiser quantiser = ae::fit_quantiser(codes, 0.5);
  CHECK_THROWS_WITH_AS(quantiser.symbols(codes_of(5, 3)),
                       "quantiser: needs rows of 2 numbers: got [5, 3]", Error);
  CHECK_THROWS_WITH_AS(quantiser.codes(Tensor({5, 3}, DType::kI32)),
                       "quantiser: needs rows of 2 numbers: got [5, 3]", Error);
  quantiser.steps = Tensor::full({2}, 0.5);
  for (const float wrong : {std::numeric_limits<float>::infinity(), 1e20F}) {
    Tensor far = codes;
    far = codes.clone();
    far.data<float>()[3] = wrong;
    CHECK_THROWS_AS(quantiser.symbols(far), Error);
  }
}

TEST_CASE("a compressed file gives back what it was made of, of symbols of any size") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("codes");
  for (const double scale : {1.0, 300.0, 1e5, 1e9}) {
    Tensor symbols(Shape{40, 3}, DType::kI32);
    for (std::int64_t i = 0; i < symbols.elements(); ++i) {
      symbols.data<std::int32_t>()[i] = static_cast<std::int32_t>(std::sin(i) * scale);
    }
    ae::CompressedCodes codes = compressed_of(symbols);
    codes.means = Tensor::full({3}, 0.5);
    codes.steps = Tensor::full({3}, 0.125);
    const std::uint64_t bytes = ae::write_compressed(path, codes);
    CHECK(test::read_bytes(path).size() == bytes);
    const ae::CompressedCodes back = ae::read_compressed(path);
    CHECK(back.model == codes.model);
    CHECK(back.kind == "image");
    CHECK(back.example == Shape{1, 6, 6});
    CHECK(back.dtype == "u8");
    CHECK(back.symbols.identical(symbols));
    CHECK(back.means.identical(codes.means));
    CHECK(back.steps.identical(codes.steps));
  }
  const Tensor places = Tensor::full({9, 2}, 3, DType::kI32);
  ae::write_compressed(path, compressed_of(places));
  CHECK(ae::read_compressed(path).symbols.identical(places));
  CHECK_FALSE(ae::read_compressed(path).steps.defined());
}

TEST_CASE("symbols that are all alike take next to nothing") {
  const test::TemporaryFolder folder;
  const Tensor same = Tensor::full({20000, 8}, -1, DType::kI32);
  CHECK(ae::write_compressed(folder.path("codes"), compressed_of(same)) < 400);
}

TEST_CASE("a file that is cut off or changed anywhere is refused, or gives the same") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("codes");
  const Tensor symbols = ae::fit_quantiser(codes_of(30, 3), 0.1).symbols(codes_of(30, 3));
  ae::write_compressed(path, compressed_of(symbols));
  const std::string whole = test::read_bytes(path);
  const auto refused = [&](const std::string& bytes) {
    test::write_bytes(path, bytes);
    try {
      const ae::CompressedCodes codes = ae::read_compressed(path);
      CHECK(codes.symbols.identical(symbols));
      return false;
    } catch (const FileError& error) {
      const std::string line = error.what();
      CHECK(line.starts_with("compressed: " + path + ": is "));
      CHECK(line.find('\n') == std::string::npos);
      return true;
    }
  };
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(refused(whole.substr(0, n)));
  CHECK(refused(whole + "x"));
  int harmless = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      harmless += refused(changed) ? 0 : 1;
    }
  }
  CHECK(harmless * 50 < static_cast<int>(8 * whole.size()));  // that say nothing of what it holds
  test::write_bytes(path, "\x89PNG");
  CHECK_THROWS_WITH_AS(ae::read_compressed(path),
                       ("compressed: " + path +
                        ": is no file of hourglass compress: it does not "
                        "begin with \"hourglass codes 1\"")
                           .c_str(),
                       FileError);
}
