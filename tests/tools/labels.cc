// A class-conditional model, by the command line: where labels come from, and what is said where
// there are none.

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tensor/files/npy.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

struct ToldRun {
  TemporaryFolder folder;
  std::string run = folder.path("run"), data = folder.path("data");
  std::string images = folder.path("data/t10k-images-idx3-ubyte");

  ToldRun() {
    write_small_data(data);
    REQUIRE(run_hourglass("train cvae --hidden 9 --code 2 --epochs 1 --classes 251 --data " + data +
                          " --out " + run)
                .code == 0);
  }
  std::string path(const std::string& name) const { return folder.path(name); }
  Tensor written(const std::string& name, const std::string& rest) const {
    const Output output = run_hourglass(name + " " + run + " " + rest + " -o " + path("out.npy"));
    REQUIRE(output.err == "");
    return read_npy(path("out.npy"));
  }
  void refused(const std::string& name, const std::string& rest, const std::string& line) const {
    const Output output = run_hourglass(name + " " + run + " " + rest);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  }
};

}  // namespace

TEST_CASE("labels are told, read from a file, or found beside the images") {
  const ToldRun told;
  for (const char* command : {"encode", "reconstruct"}) {
    const Tensor own = told.written(command, told.images);  // labels 0, 7, 14, ... of 10 images
    write_npy(told.path("labels.npy"),
              Tensor::from<std::int32_t>({0, 7, 14, 21, 28, 35, 42, 49, 56, 63}, {10}));
    CHECK(
        own.identical(told.written(command, told.images + " --labels " + told.path("labels.npy"))));
    const Tensor third = told.written(command, told.images + " --class 21");
    CHECK(own.rows(3, 4).identical(third.rows(3, 4)));
    CHECK_FALSE(own.rows(4, 5).identical(third.rows(4, 5)));
  }
  write_npy(told.path("codes.npy"), Tensor({4, 2}, DType::kF32));
  const Tensor one = told.written("decode", told.path("codes.npy") + " --class 1");
  CHECK_FALSE(one.identical(told.written("decode", told.path("codes.npy") + " --class 2")));
}

TEST_CASE("samples are of the class that is asked for, or of each in turn") {
  const ToldRun told;
  const Tensor all = told.written("sample", "--count 3");
  const Tensor first = told.written("sample", "--count 3 --class 1");
  CHECK(all.rows(1, 2).identical(first.rows(1, 2)));
  CHECK_FALSE(all.rows(2, 3).identical(first.rows(2, 3)));
  CHECK(told.written("sample", "--count 3 --label 1").identical(first));
  const Tensor line = told.written("interpolate", "--from 4 --to 6 --steps 3");
  CHECK(line.rows(0, 1).identical(told.written("reconstruct", told.images).rows(4, 5)));
  CHECK(told.written("traverse", "--image 2 --steps 3").shape()[0] == 6);
  CHECK(told.written("manifold", "--class 2 --size 3").shape()[0] == 9);
}

TEST_CASE("without labels, or with wrong ones, a class-conditional model says so") {
  const ToldRun told;
  const std::string images = told.path("images.npy"), labels = told.path("labels.npy");
  const std::string out = " -o " + told.path("x.npy");
  write_npy(images, Tensor({2, 6, 6}, DType::kU8));
  const std::string missing =
      ": the model is conditional on 251 classes and there are no labels: say which, as in --class "
      "3";
  told.refused("encode", images + out, "encode" + missing);
  told.refused("reconstruct", images + out, "reconstruct" + missing);
  told.refused("manifold", out, "manifold" + missing);
  told.refused("traverse", out, "traverse" + missing);
  told.refused("sample", "--class 251" + out, "label: expected 0 to 250: got 251");
  write_npy(labels, Tensor::from<std::int32_t>({1, 2, 3}, {3}));
  told.refused("encode", images + " --labels " + labels + out,
               "labels: " + labels + ": expected a label an example or code, [2]: got [3]");
  write_npy(labels, Tensor::from<std::int32_t>({1, 251}, {2}));
  told.refused("encode", images + " --labels " + labels + out,
               "labels: " + labels + ": label 1 is 251: expected 0 to 250");
  write_npy(labels, Tensor::from<double>({1, 2.7}, {2}));
  told.refused("encode", images + " --labels " + labels + out,
               "labels: " + labels + ": label 1 is 2.7: expected a whole number from 0 to 250");
  write_npy(labels, Tensor::from<double>({1, std::nan("")}, {2}));
  told.refused("encode", images + " --labels " + labels + out,
               "labels: " + labels + ": label 1 is nan: expected 0 to 250");
  told.refused("encode", images + " --class 1 --labels " + labels + out,
               "encode: --class and --labels say the same: leave one out");
  told.refused(
      "classify", "--untrained",
      "classify: the model is class-conditional: without --fine-tune nothing is trained, only "
      "--data applies");
}

TEST_CASE("a class-conditional model is classified by") {
  const ToldRun told;
  const Output output = run_hourglass("classify " + told.run);
  CHECK(output.err == "");
  CHECK(output.out.starts_with("the class that explains an example best: test error "));
}

TEST_CASE("evaluate tells each image's class wherever it looks") {
  const ToldRun told;
  const auto measured = nlohmann::json::parse(run_hourglass("evaluate --json " + told.run).out);
  // Without noise the tolerance curve starts at the error of the images as they are.
  CHECK(measured["mse_at_noise_0"].get<double>() ==
        doctest::Approx(measured["mse"].get<double>()).epsilon(1e-6));
}

TEST_CASE("a table's own labels are those of its rows") {
  const test::TemporaryFolder folder;
  std::string text = "a,b,kind\n";
  for (int i = 0; i < 40; ++i) {
    text += std::to_string(i % 7) + "," + std::to_string(i % 5) + (i % 2 ? ",cat\n" : ",dog\n");
  }
  test::write_bytes(folder.path("t.csv"), text);
  const std::string run = folder.path("run"), table = folder.path("t.csv");
  const auto written = [&](const std::string& options) {
    const test::Output output = test::run_hourglass("encode " + run + " " + table + options +
                                                    " -o " + folder.path("codes.npy"));
    CHECK(output.err == "");
    return read_npy(folder.path("codes.npy"));
  };
  REQUIRE(test::run_hourglass("train cvae --code 2 --hidden 6 --epochs 3 --data " + table +
                              " --label kind --out " + run)
              .err == "");
  const Tensor own = written("");
  const Tensor first = written(" --class 0"), second = written(" --class 1");
  for (std::int64_t row = 0; row < 4; ++row) {
    const Tensor mine = own.rows(row, row + 1);
    CHECK(mine.identical(first.rows(row, row + 1)) != mine.identical(second.rows(row, row + 1)));
  }
  CHECK_FALSE(own.identical(first));
}
