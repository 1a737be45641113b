// Arrays through the one door: NPY, NPZ, safetensors.

#include <limits>
#include <string>
#include <vector>

#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tensor/files/npy.h"
#include "tensor/files/safetensors.h"
#include "tests/tensor/files_support.h"

using namespace std::string_literals;
using namespace hourglass;
using namespace hourglass::nn;
using hourglass::test::error_of;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace {

using Names = std::vector<std::string>;

std::string form_of(const RawData& data) {
  return std::string(name_of(data.all.kind)) + " " +
         std::string(name_of(data.all.examples.dtype())) + " " +
         to_string(data.all.examples.shape());
}

// An NPY file of a type that no tensor has.
std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  std::string text =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.resize(117, ' ');
  return "\x93NUMPY\x01\x00\x76\x00"s + text + "\n" + data;
}

}  // namespace

TEST_CASE("the shape of an array says of what kind it is") {
  const TempFolder dir;
  const auto form = [&](const Tensor& array, const ReadOptions& options = {}) {
    write_npy(dir / "x.npy", array);
    return form_of(read_data(dir / "x.npy", options));
  };
  CHECK(form(Tensor({5}, DType::kF64)) == "row f64 [5, 1]");
  CHECK(form(Tensor({5, 4}, DType::kF32)) == "row f32 [5, 4]");
  CHECK(form(Tensor({5, 4}, DType::kI32), {.kind = DataKind::kCounts}) == "counts i32 [5, 4]");
  CHECK(form(Tensor({5, 4, 6}, DType::kU8)) == "image u8 [5, 1, 4, 6]");
  CHECK(form(Tensor({5, 1, 4, 6}, DType::kU8)) == "image u8 [5, 1, 4, 6]");
  CHECK(form(Tensor({5, 3, 4, 6}, DType::kU8)) == "image u8 [5, 3, 4, 6]");
  CHECK(form(Tensor({5, 4, 6, 3}, DType::kU8)) == "image u8 [5, 3, 4, 6]");
  CHECK(form(Tensor({5, 3, 6, 3}, DType::kU8), {.layout = ImageLayout::kChannelsLast}) ==
        "image u8 [5, 3, 3, 6]");
  CHECK(form(Tensor({5, 4, 6}, DType::kU8), {.kind = DataKind::kRow}) == "row u8 [5, 24]");
  CHECK(form(Tensor({5, 4}, DType::kF32), {.series = true}) == "series f32 [5, 4]");
  CHECK(form(Tensor({5, 7, 4}, DType::kF32), {.kind = DataKind::kActivations}) ==
        "activations f32 [35, 4]");
  const auto error = [&](const Tensor& array, const ReadOptions& options = {}) {
    return error_of(dir, [&] { form(array, options); });
  };
  CHECK(error(Tensor({5, 3, 6, 3}, DType::kU8)) ==
        "data: DIR/x.npy: [5, 3, 6, 3]: the channels may be the second axis or the last: say "
        "--layout CHW or HWC");
  CHECK(
      error(Tensor({5, 2, 6, 4}, DType::kU8)) ==
      "data: DIR/x.npy: [5, 2, 6, 4]: expected 1 or 3 channels, [N, C, H, W] or [N, H, W, C]: say "
      "--layout CHW or HWC");
  CHECK(
      error(Tensor({1, 1, 1, 1, 1}, DType::kU8)) ==
      "data: DIR/x.npy: expected [N, D], [N, H, W], [N, C, H, W] or [N, H, W, C]: found u8 [1, 1, "
      "1, 1, 1]");
  CHECK(error(Tensor({0, 4}, DType::kU8)) == "data: DIR/x.npy: holds no examples: [0, 4]");
  CHECK(
      error(Tensor({5, 4}, DType::kU8), {.kind = DataKind::kImage}) ==
      "data: DIR/x.npy: expected images [N, H, W], [N, C, H, W] or [N, H, W, C]: found u8 [5, 4]");
  CHECK(error(Tensor({5, 4, 2}, DType::kU8), {.series = true}) ==
        "data: DIR/x.npy: expected a series [T, C]: found u8 [5, 4, 2]");
}

TEST_CASE("channels last become planes") {
  const TempFolder dir;
  write_npy(dir / "x.npy", Tensor::from<std::uint8_t>({1, 2, 3, 4, 5, 6}, {1, 2, 1, 3}));
  CHECK(read_data(dir / "x.npy")
            .all.examples.tensor()
            .identical(Tensor::from<std::uint8_t>({1, 4, 2, 5, 3, 6}, {1, 3, 2, 1})));
}

TEST_CASE("pixels are taken as they are, pictures in 0..255 of real numbers on request") {
  const TempFolder dir;
  const auto read = [&](const Tensor& array, bool any_range = false) {
    write_npy(dir / "x.npy", array);
    return read_data(dir / "x.npy", {.any_range = any_range});
  };
  const Tensor bytes = Tensor::from<float>({0, 255, 3, 4}, {2, 1, 2});
  CHECK(error_of(dir, [&] { read(bytes); }) ==
        "data: DIR/x.npy: real pixels from 0 to 255, which look like those of pictures in 0..255: "
        "say --scale pixels or none");
  CHECK(read(bytes, true).notes == Names{"pixels from 0 to 255"});
  CHECK(read(Tensor::from<float>({-1, 1, 0, 0.5F}, {2, 1, 2})).notes ==
        Names{"pixels from -1 to 1"});
  CHECK(read(Tensor::from<float>({0, 1, 0, 0.5F}, {2, 1, 2})).notes == Names{"pixels from 0 to 1"});
  CHECK(form_of(read(Tensor::from<std::int32_t>({0, 255, 3, 4}, {2, 1, 2}))) ==
        "image u8 [2, 1, 1, 2]");
  CHECK(error_of(dir, [&] {
          read(Tensor::from<float>({0, NAN, 3, 4}, {2, 1, 2}));
        }) == "data: DIR/x.npy: image 0, pixel 1: expected a finite number, found nan");

  put(dir / "x.npy", npy("|b1", "1, 1, 2", "\x00\x01"s));
  CHECK(read_data(dir / "x.npy")
            .all.examples.tensor()
            .identical(Tensor::from<std::uint8_t>({0, 255}, {1, 1, 1, 2})));
  put(dir / "x.npy", npy("<u2", "1, 1, 2", "\xff\xff\x00\x80"s));
  const RawData wide = read_data(dir / "x.npy");
  CHECK(wide.all.examples.tensor().identical(
      Tensor::from<float>({1, 32768 / 65535.0F}, {1, 1, 1, 2})));
  CHECK(wide.notes == Names{"pixels of 16 bits, up to 65535: divided by 65535"});
}

TEST_CASE("missing values of an array are treated as those of a table") {
  const TempFolder dir;
  write_npy(dir / "x.npy", Tensor::from<double>({1, 2, NAN, 4}, {2, 2}));
  CHECK(error_of(dir, [&] { read_data(dir / "x.npy"); }) ==
        "data: DIR/x.npy: row 2, column 1: a value is missing (--missing mask, mean or drop)");
  CHECK(read_data(dir / "x.npy", {.missing = Missing::kDrop}).all.count() == 1);
  CHECK(read_data(dir / "x.npy", {.missing = Missing::kMask}).all.count() == 2);
}

TEST_CASE("an archive's examples are x, or what is named, or the only array of two axes") {
  const TempFolder dir;
  const Tensor table = Tensor::from<double>({1, 2, 3, 4}, {2, 2});
  const Tensor other({2, 3}, DType::kF32), labels = Tensor::from<std::int32_t>({1, 0}, {2});
  write_npz(dir / "a.npz", {{"X", table}, {"other", other}, {"y", labels}});
  CHECK(read_data(dir / "a.npz").all.examples.tensor().identical(table));
  CHECK(read_data(dir / "a.npz").all.labels.identical(labels));
  CHECK(form_of(read_data(dir / "a.npz", {.member = "other"})) == "row f32 [2, 3]");
  write_npz(dir / "a.npz", {{"codes", table}, {"classes", labels}});
  CHECK(read_data(dir / "a.npz", {.labels_member = "classes"}).all.labels.identical(labels));
  write_npz(dir / "a.npz", {{"codes", table}, {"other", other}});
  CHECK(error_of(dir, [&] { read_data(dir / "a.npz"); }) ==
        "data: DIR/a.npz: which array holds the examples (--member)? Found codes [2, 2], other [2, "
        "3]");
  CHECK(error_of(dir, [&] { read_data(dir / "a.npz", {.member = "code"}); }) ==
        "data: DIR/a.npz: no array 'code': found codes [2, 2], other [2, 3]");
  write_npz(dir / "a.npz", {{"x", table}, {"y", Tensor({3}, DType::kU8)}});
  CHECK(error_of(dir, [&] { read_data(dir / "a.npz"); }) ==
        "data: DIR/a.npz: 3 labels for 2 examples");
  write_npz(dir / "a.npz",
            {{"x_train", table}, {"y_train", labels}, {"x_test", table}, {"y_test", labels}});
  REQUIRE(read_data(dir / "a.npz").test);
  CHECK(read_data(dir / "a.npz").test->labels.identical(labels));
}

TEST_CASE("safetensors are activations, several files one after the other") {
  const TempFolder dir;
  write_safetensors(dir / "a.safetensors", {{"layer.3", Tensor::from<float>({1, 2}, {1, 2})}});
  write_safetensors(dir / "b.safetensors", {{"layer.3", Tensor::from<float>({3, 4}, {1, 2})}});
  const RawData data = read_data(dir.path());
  CHECK(data.all.kind == DataKind::kActivations);
  CHECK(data.all.examples.tensor().identical(Tensor::from<float>({1, 2, 3, 4}, {2, 2})));
  write_safetensors(dir / "b.safetensors", {{"layer.3", Tensor({1, 3}, DType::kF32)}});
  CHECK(error_of(dir, [&] { read_data(dir.path()); }) ==
        "data: DIR/b.safetensors: expected examples as in DIR/a.safetensors, activations f32 [2]: "
        "found activations f32 [3]");
}
