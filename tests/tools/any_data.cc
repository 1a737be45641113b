// Data of each kind through the commands: learnt, judged, and answered in their own units.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nn/data/read_data.h"
#include "tensor/files/npy.h"
#include "tests/tools/data_files.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

// Data of one kind, how they are learnt, and what train and evaluate say of them.
struct Kind {
  std::string file, options, notes, parts, taken, judged;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"days.csv", "dense --label site", "header: the first line names the columns\n",
       "48 training and 6 test rows of 4 columns",
       "6 validation rows\ntaken for rows: scale "
       "standard, output identity, loss mse, code of 2\n",
       "6 test rows"},
      {"sensors.csv", "conv --window 8", "header: the first line names the columns\n",
       "73 training and 3 test windows of 8 steps of 2 channels",
       "3 validation windows\ntaken for "
       "windows: scale standard, output identity, loss mse, code of 8\n",
       "3 test windows"},
      {"photos", "conv", "", "16 training and 2 test images of 32 by 24 in colour",
       "2 validation images\n", "2 test images"},
      {"words.svm", "vae", "indices from 1: 12 columns\n",
       "32 training and 4 test counts of 12 things",
       "4 validation counts\ntaken for counts: scale "
       "log1p, output identity, loss multinomial, code of 6\n",
       "4 test counts"},
      {"genes.mtx", "dense --loss zinb", "the rows of the matrix are the examples\n",
       "32 training and 4 test counts of 10 things",
       "4 validation counts\ntaken for counts: scale "
       "log1p, output identity, loss zinb, code of 5\n",
       "4 test counts"},
      {"units.npy", "dense --kind activations", "",
       "32 training and 4 test activations of 12 units",
       "4 validation activations\ntaken for "
       "activations: scale rms, output identity, loss mse, code of 6\n",
       "4 test activations"}};
  return all;
}

// All of the files, and what commands make of them.
struct DataScene {
  TemporaryFolder folder;

  DataScene() {
    write_bytes(path("days.csv"), kelvin_csv());
    write_bytes(path("sensors.csv"), sensors_csv());
    write_photos(path("photos"));
    write_bytes(path("words.svm"), words_svm());
    write_bytes(path("genes.mtx"), genes_mtx());
    write_npy(path("units.npy"), activations());
  }
  std::string path(const std::string& name) const { return folder.path(name); }

  // Everything but its own errors; it must have none.
  std::string told(const std::string& command) const {
    const Output output = run_hourglass(command);
    CAPTURE(command);
    CHECK(output.err == "");
    REQUIRE(output.code == 0);
    return output.out;
  }
  std::string train(const std::string& file, const std::string& options,
                    const std::string& run = "run") const {
    return told("train " + options + " --batch 8 --force --data " + path(file) + " --out " +
                path(run));
  }
  Tensor written(const std::string& command, const std::string& in, const std::string& out) const {
    told(command + " " + path("run") + " " + path(in) + " -o " + path(out));
    return out.ends_with(".npy") ? read_npy(path(out))
                                 : nn::read_data(path(out)).all.examples.tensor();
  }
  void refused(const std::string& command, const std::string& line) const {
    const auto before = folder.list();
    const Output output = run_hourglass(command);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK(output.code == 2);
    CHECK(folder.list() == before);
  }
  void train_refused(const std::string& file, const std::string& options,
                     const std::string& line) const {
    refused("train " + options + " --data " + path(file) + " --out " + path("none"), line);
  }
};

// [100, 2] of windows [N, 2, 8], each a step after the last: where they overlap, their mean.
std::vector<double> averaged(const Tensor& windows) {
  std::vector<double> sums(200), counts(200);
  for (std::int64_t i = 0; i < windows.elements(); ++i) {
    const std::int64_t step = i / 16 + i % 8, channel = i / 8 % 2;
    const auto at = static_cast<std::size_t>(2 * step + channel);
    sums[at] += windows.at(i);
    ++counts[at];
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= counts[i];
  return sums;
}

double mean_square(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) sum += std::pow(a.at(i) - b.at(i), 2);
  return sum / static_cast<double>(a.elements());
}

}  // namespace

TEST_CASE("data of each kind are learnt and judged, in one file of bytes on 1 and 2 threads") {
  const DataScene scene;
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.file);
    const std::string model = kind.options.substr(0, kind.options.find(' '));
    const std::string options = kind.options + " --epochs 2 --seed 3 --threads ";
    const std::string out = scene.train(kind.file, options + "1");
    CHECK(out.starts_with(kind.notes + model + ": " + kind.parts + " (" + scene.path(kind.file) +
                          ")\n" + kind.taken + "epoch 1/2  loss "));
    const std::string evaluated = scene.told("evaluate " + scene.path("run"));
    CHECK(evaluated.starts_with(model + " on " + kind.judged + " (" + scene.path(kind.file) +
                                ")\nmse  "));
    scene.train(kind.file, options + "2", "other");
    CHECK(read_bytes(scene.path("run/model.safetensors")) ==
          read_bytes(scene.path("other/model.safetensors")));
  }
}

TEST_CASE(
    "kernels and strides of convolutions need not be square, and lie along the time of a series") {
  const DataScene scene;
  const auto learnt = [&](const char* file, const std::string& options) {
    scene.train(file, options + " --epochs 1 --conv 4,5 --force");
    return scene.told("info " + scene.path("run"));
  };
  const std::string photos = learnt("photos", "conv --kernel 5,3 --conv-stride 2,1");
  CHECK(photos.find("conv: 3x32x24-4x16x24-5x8x24-4x16x24-3x32x24\n") != std::string::npos);
  CHECK(photos.find("\nencoder.0.weight         [4, 3, 5, 3] ") != std::string::npos);
  const std::string series = learnt("sensors.csv", "conv --window 8 --kernel 5");
  CHECK(series.find("\nencoder.0.weight         [4, 2, 1, 5] ") != std::string::npos);
  CHECK(series.find("conv: 2x1x8-4x1x4-5x1x2-4x1x4-2x1x8\n") != std::string::npos);
}

TEST_CASE("codes of each kind of data decode to their reconstructions") {
  const DataScene scene;
  for (const Kind& kind : kinds()) {
    if (kind.file == "sensors.csv") continue;  // whose windows lie over one another
    CAPTURE(kind.file);
    scene.train(kind.file, kind.options + " --epochs 1 --no-diagnostics");
    const Tensor y = scene.written("reconstruct", kind.file, "y.npy");
    const Tensor codes = scene.written("encode", kind.file, "h.csv");
    CHECK(codes.shape()[0] == y.shape()[0]);
    CHECK(scene.written("decode", "h.csv", "z.npy").shape() == y.shape());
    // Counts are decoded as shares: how many there are of all is not in the code.
    if (kind.file != "words.svm") CHECK(mean_square(read_npy(scene.path("z.npy")), y) < 1e-9);
  }
}

TEST_CASE("a model of temperatures in kelvin answers in kelvin, with the columns' names") {
  const DataScene scene;
  scene.train("days.csv", "linear --label site --epochs 60 --lr 0.01 --no-diagnostics");
  const Tensor y = scene.written("reconstruct", "days.csv", "y.csv");
  const Tensor x = nn::read_data(scene.path("days.csv"), {.label = "site"}).all.examples;
  CHECK(read_bytes(scene.path("y.csv")).starts_with("morning,noon,evening,night\n"));
  REQUIRE(y.shape() == Shape{60, 4});
  CHECK(mean_square(x, y) < 0.5);  // where the temperatures' own variance is 12
  CHECK(std::abs(y.at(1) - 300) < 8);
  const std::string info = scene.told("info " + scene.path("run"));
  CHECK(info.find("\nscale: standard\n") != std::string::npos);
  CHECK(info.find("\nrows of 4 columns from " + scene.path("days.csv") + "\n") !=
        std::string::npos);
}

TEST_CASE("a series comes back a row a time step, the mean of the windows that cover it") {
  const DataScene scene;
  scene.train("sensors.csv", "conv --window 8 --epochs 2 --no-diagnostics");
  CHECK(scene.told("reconstruct " + scene.path("run") + " " + scene.path("sensors.csv") + " -o " +
                   scene.path("y.csv")) ==
        "wrote 93 reconstructions to " + scene.path("y.csv") + ": 73 of them were trained on\n");
  CHECK(read_bytes(scene.path("y.csv")).starts_with("flow,pressure\n"));
  const Tensor y = nn::read_data(scene.path("y.csv")).all.examples;
  REQUIRE(y.shape() == Shape{100, 2});
  scene.written("encode", "sensors.csv", "h.npy");
  const Tensor windows = scene.written("decode", "h.npy", "z.npy");
  REQUIRE(windows.shape() == Shape{93, 2, 8});
  const std::vector<double> expected = averaged(windows);
  for (std::int64_t i = 0; i < 200; ++i) {
    CHECK(std::abs(y.at(i) - expected[static_cast<std::size_t>(i)]) < 1e-3);
  }
  scene.written("decode", "h.npy", "z.csv");
  CHECK(read_bytes(scene.path("z.csv")).starts_with("window,flow,pressure\n0,"));
}

TEST_CASE("steps that no window covers are empty") {
  const DataScene scene;
  scene.told("train dense --window 8 --stride 30 --epochs 1 --data " + scene.path("sensors.csv") +
             " --out " + scene.path("run"));
  const Tensor y = scene.written("reconstruct", "sensors.csv", "y.npy");
  for (std::int64_t i = 0; i < 200; ++i) CHECK(std::isnan(y.at(i)) == (i / 2 % 30 >= 8));
}

TEST_CASE("pictures in colour come back in colour, counts as counts of as many words") {
  const DataScene scene;
  scene.train("photos", "conv --epochs 1 --no-diagnostics");
  CHECK(scene.written("reconstruct", "photos", "y.npy").shape() == Shape{20, 3, 32, 24});
  scene.told("reconstruct " + scene.path("run") + " " + scene.path("photos") + " -o " +
             scene.path("y.png"));
  CHECK(read_png(scene.path("y.png")).shape().rank() == 3);
  scene.train("words.svm", "vae --epochs 1 --no-diagnostics");
  const Tensor x = nn::read_data(scene.path("words.svm")).all.examples;
  const Tensor y = scene.written("reconstruct", "words.svm", "y.csv");
  for (std::int64_t i = 0; i < 40; ++i) {
    double seen = 0, expected = 0;
    for (std::int64_t j = 0; j < 12; ++j) {
      seen += x.at(12 * i + j);
      expected += y.at(12 * i + j);
    }
    CHECK(std::abs(seen - expected) < 1e-4);
  }
}

TEST_CASE("impute fills a table's holes, keeps what is known, and is judged on what it hides") {
  const DataScene scene;
  std::string text = kelvin_csv();
  text.replace(text.find("300.20"), 6, "");  // noon of the first day
  write_bytes(scene.path("holes.csv"), text);
  scene.train_refused(
      "holes.csv", "linear --label site",
      "data: " + scene.path("holes.csv") +
          ": line 2, column 3 (noon): a value is missing (--missing mask, mean or drop)");
  scene.train("holes.csv", "linear --label site --missing mask --epochs 60 --lr 0.01");
  const std::string out = scene.told("impute " + scene.path("run") + " " + scene.path("holes.csv") +
                                     " -o " + scene.path("full.csv"));
  CHECK(out.starts_with("column                     hidden         rmse  of the mean\nmorning  "));
  CHECK(out.ends_with("better than the mean in 4 of 4 columns\nfilled 1 value in 60 rows, wrote " +
                      scene.path("full.csv") + ": 48 of them were trained on\n"));
  const Tensor x = nn::read_data(scene.path("days.csv"), {.label = "site"}).all.examples;
  const Tensor y = nn::read_data(scene.path("full.csv")).all.examples;
  CHECK(std::abs(y.at(1) - 300.2) < 1);
  for (std::int64_t i = 0; i < 240; ++i) {
    if (i != 1) CHECK(y.at(i) == x.at(i));
  }
}

TEST_CASE("data that a run has not learnt are refused with both kinds and widths") {
  const DataScene scene;
  scene.train("days.csv", "dense --label site --epochs 1 --no-diagnostics");
  const std::string run = scene.path("run"), out = " -o " + scene.path("y.csv");
  write_npy(scene.path("wide.npy"), Tensor(Shape{5, 7}, DType::kF32));
  scene.refused("reconstruct " + run + " " + scene.path("photos") + out,
                "reconstruct: the model takes rows of 4 columns, " + scene.path("photos") +
                    " holds images of 32 by 24 in colour");
  scene.refused("encode " + run + " " + scene.path("wide.npy") + out,
                "encode: the model takes rows of 4 columns, " + scene.path("wide.npy") +
                    " holds rows of 7 columns");
  scene.refused("evaluate " + run + " --data " + scene.path("photos"),
                "evaluate: the model takes rows of 4 columns, " + scene.path("photos") +
                    " holds images of 32 by 24 in colour");
  scene.refused("encode " + run + " " + scene.path("sensors.csv") + out,
                "data: " + scene.path("sensors.csv") +
                    ": columns: there is no column 'morning': expected one of flow, pressure");
}

TEST_CASE("data that cannot be learnt from are refused in one line") {
  const DataScene scene;
  const std::string days = scene.path("days.csv");
  scene.train_refused("sensors.csv", "dense --window 200",
                      "window: " + scene.path("sensors.csv") +
                          ": 200 steps are more than the 80 of the longest recording's training "
                          "part");
  scene.train_refused("days.csv", "dense --label sight",
                      "data: " + days +
                          ": label: there is no column 'sight': did you mean night? Expected one "
                          "of site, morning, noon, evening, night");
  scene.train_refused("days.csv", "conv --label site",
                      "conv: convolutions need images or series: the data are rows of 4 columns");
  write_bytes(scene.path("one.csv"), kelvin_csv().substr(0, kelvin_csv().find("valley")));
  scene.train_refused("one.csv", "dense --label site",
                      "split: expected at least 2 examples: there is 1");
  scene.train_refused("days.csv", "dense --label site --validation 3 --split 80,10,10",
                      "split: --validation and --split say the same: leave one out");
  scene.train_refused("sensors.csv", "dense --window 8 --validation 3",
                      "validation: a series is cut by time: say --split 80,10,10 instead");
  scene.train_refused("words.svm", "dense --window 8",
                      "window: the data are counts of 12 things: only a series has windows");
  scene.train_refused("days.csv", "dense --label site --pad 8",
                      "pad: the data are rows of 4 columns: only images are padded");
}

TEST_CASE("a class that nothing is learnt of is called by its name") {
  const DataScene scene;
  const std::string out = scene.told("train dense --label site --images 2 --epochs 1 --data " +
                                     scene.path("days.csv") + " --out " + scene.path("run"));
  CHECK(out.find("\nnothing is learnt of class valley: no training example is of it\n") !=
        std::string::npos);
}

TEST_CASE("--split 60,0,40 holds nothing out to choose by") {
  const DataScene scene;
  const std::string out =
      scene.train("days.csv", "dense --label site --split 60,0,40 --epochs 1 --no-diagnostics");
  CHECK(out.find("dense: 36 training and 24 test rows of 4 columns (") != std::string::npos);
  CHECK(out.find("validation") == std::string::npos);
}
