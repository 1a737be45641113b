// Codes by the command line: encode, decode, sample, interpolate, manifold, traverse, arithmetic.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

// A run of a small model in a folder of its own.
struct SmallRun {
  TemporaryFolder folder;
  std::string run = folder.path("run");

  explicit SmallRun(const std::string& options = "--code 2") {
    write_small_data(folder.path("data"));
    REQUIRE(run_hourglass("train dense --hidden 9 --epochs 1 --batch 16 " + options + " --data " +
                          folder.path("data") + " --out " + run)
                .code == 0);
  }
  std::string images() const { return folder.path("data/t10k-images-idx3-ubyte"); }
  Output command(const std::string& name, const std::string& rest) const {
    return run_hourglass(name + " " + run + " " + rest);
  }
  void refused(const std::string& name, const std::string& rest, const std::string& line) const {
    const auto before = folder.list();
    const Output output = command(name, rest);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK(folder.list() == before);
  }
};

}  // namespace

TEST_CASE("decode of encode is reconstruct, through NPY and IDX files alike") {
  const SmallRun small;
  const auto path = [&](const char* name) { return small.folder.path(name); };
  CHECK(small.command("reconstruct", small.images() + " -o " + path("y.npy")).code == 0);
  const Tensor expected = read_npy(path("y.npy"));
  for (const char* codes : {"h.npy", "h.idx", "h.idx.gz"}) {
    CHECK(small.command("encode", small.images() + " -o " + path(codes)).err == "");
    const Output decoded = small.command("decode", path(codes) + " -o " + path("z.npy"));
    CHECK(decoded.out == "wrote 10 images to " + path("z.npy") + "\n");
    CHECK(read_npy(path("z.npy")).identical(expected));
  }
  CHECK(read_npy(path("h.npy")).shape() == Shape{10, 2});
  CHECK(small.command("encode", small.images() + " -o " + path("h.png")).code == 0);
  CHECK(small.command("decode", path("h.npy") + " -o " + path("z.png")).code == 0);
  CHECK(small.command("decode", path("h.npy") + " -o " + path("z.idx")).code == 0);
  CHECK(read_idx_images(path("z.idx")).shape() == Shape{10, 6, 6});
}

TEST_CASE("a picture of a code has a square for each number, row by row, grey by its size") {
  const SmallRun small("--code 3 --code-activation relu");
  const auto path = [&](const char* name) { return small.folder.path(name); };
  write_npy(path("x.npy"), Tensor::full(Shape{1, 6, 6}, 0.5));
  REQUIRE(small.command("encode", path("x.npy") + " -o " + path("h.npy")).code == 0);
  REQUIRE(small.command("encode", path("x.npy") + " -o " + path("h.png")).code == 0);
  const std::vector<double> h = read_npy(path("h.npy")).values();
  const Tensor picture = read_png(path("h.png"));
  REQUIRE(picture.shape() == Shape{36, 36});  // 2 by 2 squares of 18 pixels
  const double largest = *std::max_element(h.begin(), h.end());
  REQUIRE(largest > 0);
  for (const std::int64_t at : {0, 17, 18, 35}) {
    for (const std::int64_t to : {0, 17, 18, 35}) {
      const auto unit = static_cast<std::size_t>(at / 18 * 2 + to / 18);
      const double grey = unit < 3 ? 255 * h[unit] / largest : 0;
      CHECK(picture.at(at * 36 + to) == doctest::Approx(grey).epsilon(0.01));
    }
  }
}

TEST_CASE("codes that do not fit the model are refused in one line") {
  const SmallRun small;
  const std::string codes = small.folder.path("codes.npy"), out = small.folder.path("y.png");
  write_npy(codes, Tensor({4, 3}, DType::kF32));
  small.refused("decode", codes + " -o " + out,
                "codes: " + codes + ": sizes differ: [4, 3] for a model with a code of 2");
  write_npy(codes, Tensor::from<float>({1, std::numeric_limits<float>::infinity()}, {2}));
  small.refused("decode", codes + " -o " + out,
                "codes: " + codes + ": number 1 is inf: expected finite numbers");
  write_npy(codes, Tensor::from<double>({1, 1e300}, {1, 2}));
  small.refused("decode", codes + " -o " + out,
                "codes: " + codes + ": number 1 is 1e+300: expected finite numbers of f32");
  write_npy(codes, Tensor::from<float>({1, 0}, {2}));
  CHECK(small.command("decode", codes + " -o " + out).code == 0);
  small.refused("decode", codes + " -o y.jpg",
                "output: y.jpg: expected a name that ends in .idx, .idx.gz, .npy or .png");
}

TEST_CASE("sample draws as many as asked for, the same for the same seed") {
  const SmallRun small;
  const auto sample = [&](const std::string& options, const char* name) {
    const Output output = small.command("sample", options + " -o " + small.folder.path(name));
    CHECK(output.err == "");
    return output.out;
  };
  CHECK(sample("--count 5 --seed 3", "a.npy") ==
        "wrote 5 samples of codes from a normal fitted to the codes of 40 training images to " +
            small.folder.path("a.npy") + "\n");
  sample("--count 3 --seed 3", "b.npy");
  sample("--count 5 --seed 4", "c.npy");
  sample("--count 5 --seed 3 --from prior", "d.npy");
  const auto read = [&](const char* name) { return read_npy(small.folder.path(name)); };
  CHECK(read("a.npy").shape() == Shape{5, 6, 6});
  CHECK(read("a.npy").rows(0, 3).identical(read("b.npy")));
  CHECK_FALSE(read("a.npy").identical(read("c.npy")));
  CHECK_FALSE(read("a.npy").identical(read("d.npy")));
  CHECK(sample("--novelty", "e.png").find("distance to the nearest training example: samples ") !=
        std::string::npos);
  small.refused("sample", "--label 1 -o x.png", "label: the model is not class-conditional");
  small.refused("sample", "--count 0 -o x.png", "sample: count: must be at least 1: got 0");
  small.refused("sample", "--from posterior -o x.png",
                "sample: from: expected prior or fitted: got posterior");
}

TEST_CASE("a normal is fitted to the codes of 20,000 training images at most") {
  const TemporaryFolder f;
  write_small_data(f.path("data"), 20010, 4, 2);
  const std::string run = f.path("run");
  REQUIRE(run_hourglass("train linear --code 2 --epochs 1 --images 40 --data " + f.path("data") +
                        " --out " + run)
              .err == "");
  CHECK(run_hourglass("sample " + run + " --count 2 -o " + f.path("y.npy")).out ==
        "wrote 2 samples of codes from a normal fitted to the codes of 20000 training images to " +
            f.path("y.npy") + "\n");
}

TEST_CASE("interpolate starts and ends at the reconstructions of its images") {
  const SmallRun small;
  const auto path = [&](const char* name) { return small.folder.path(name); };
  CHECK(small.command("reconstruct", small.images() + " -o " + path("y.npy")).code == 0);
  for (const char* way : {"", "--spherical "}) {
    const Output output = small.command(
        "interpolate", std::string(way) + "--from 1,4 --to 3,0 --steps 5 -o " + path("i.npy"));
    REQUIRE(output.err == "");
    const Tensor y = read_npy(path("y.npy")), i = read_npy(path("i.npy"));
    CHECK(i.shape() == Shape{10, 6, 6});
    const auto near = [](const Tensor& a, const Tensor& b) {
      for (std::int64_t k = 0; k < a.elements(); ++k) {
        if (std::abs(a.at(k) - b.at(k)) > 1e-6) return false;
      }
      return true;
    };
    CHECK(near(i.rows(0, 1), y.rows(1, 2)));
    CHECK(near(i.rows(4, 5), y.rows(3, 4)));
    CHECK(near(i.rows(5, 6), y.rows(4, 5)));
  }
  CHECK(small.command("interpolate", "-o " + path("i.png")).code == 0);
  small.refused("interpolate", "--from 1 --to 10 -o x.png",
                "interpolate: of 10 images there is no number 10 (they count from 0)");
  small.refused("interpolate", "--from 1,2 --to 3 -o x.png",
                "interpolate: --from and --to need as many examples: 2 vs 1");
  small.refused("interpolate", "--steps 1 -o x.png",
                "interpolate: steps: must be at least 2: got 1");
}

TEST_CASE("manifold and traverse decode grids over units of the code") {
  const SmallRun small("--code 3");
  const auto path = [&](const char* name) { return small.folder.path(name); };
  CHECK(small.command("manifold", "--units 2,0 --size 4 -o " + path("m.npy")).err == "");
  CHECK(read_npy(path("m.npy")).shape() == Shape{16, 6, 6});
  CHECK(small.command("traverse", "--steps 5 -o " + path("t.npy")).err == "");
  CHECK(read_npy(path("t.npy")).shape() == Shape{15, 6, 6});
  const SmallRun wide("--code 12");  // of which the first ten
  CHECK(wide.command("traverse", "--steps 2 -o " + path("w.npy")).err == "");
  CHECK(read_npy(path("w.npy")).shape() == Shape{20, 6, 6});
  CHECK(small.command("traverse", "--units 1 --image 2 -o " + path("t.png")).err == "");
  small.refused("manifold", "-o x.png",
                "manifold: the code has 3 units: choose two of them, such as --units 0,1");
  small.refused("manifold", "--units 1 -o x.png", "manifold: units: expected two: got 1");
  small.refused("manifold", "--units 1,1 -o x.png", "manifold: unit 1 is named twice");
  small.refused("traverse", "--units 3 -o x.png",
                "traverse: the code has 3 units: there is no unit 3 (they count from 0)");
  small.refused("traverse", "--range 0 -o x.png",
                "traverse: range: must be a positive number: got 0");
  small.refused("traverse", "--image 10 -o x.png",
                "traverse: of 10 images there is no number 10 (they count from 0)");
}

TEST_CASE("arithmetic with b = c gives a back") {
  const SmallRun small;
  const std::string out = small.folder.path("s.npy");
  CHECK(small.command("arithmetic", "--a 1,2 --b 3,4 --c 3,5 -o " + out).err == "");
  const Tensor images = read_npy(out);
  REQUIRE(images.shape() == Shape{8, 6, 6});
  CHECK(images.rows(3, 4).identical(images.rows(0, 1)));
  CHECK_FALSE(images.rows(7, 8).identical(images.rows(4, 5)));
  small.refused("arithmetic", "--a 1 --b 2 --c 3,4 -o x.png",
                "arithmetic: --a, --b and --c need as many examples: 1, 1 and 2");
}

TEST_CASE(
    "a decoder that unpools says that codes alone make poor images, one that repeats does not") {
  const auto decoded = [](const char* options) {
    const TemporaryFolder folder;
    write_small_data(folder.path("data"), 40, 10, 8);
    const std::string run = folder.path("run");
    REQUIRE(run_hourglass("train conv-pool --conv 3,3 --epochs 1 --code 4 " + std::string(options) +
                          " --data " + folder.path("data") + " --out " + run)
                .err == "");
    CHECK(nlohmann::json::parse(read_bytes(run + "/config.json"))["spec"]["conv"][1]["pool"] == 2);
    const Output output =
        run_hourglass("sample " + run + " --count 2 -o " + folder.path("samples.npy"));
    CHECK(output.code == 0);
    return output.err;
  };
  CHECK(
      decoded("").starts_with("hourglass: note: the decoder unpools to where the encoder pooled"));
  CHECK(decoded("--upsampling nearest") == "");
}

TEST_CASE("a decoder may have widths of its own") {
  const SmallRun small("--code 3 --decoder 5,4");
  const auto config = nlohmann::json::parse(read_bytes(small.run + "/config.json"));
  CHECK(config["spec"]["decoder"] == std::vector<int>{3, 5, 4, 36});
  CHECK(small.command("reconstruct", small.images() + " -o " + small.folder.path("y.npy")).err ==
        "");
}

TEST_CASE("PNG files, or a folder of them, are images as an IDX file holds them") {
  const SmallRun small;
  const auto path = [&](const std::string& name) { return small.folder.path(name); };
  const Tensor images = read_idx_images(small.images());
  std::filesystem::create_directory(path("pngs"));
  std::string files;
  for (std::int64_t i = 0; i < 10; ++i) {
    const std::string file = path("pngs/" + std::to_string(i) + ".png");
    write_png(file, images.rows(i, i + 1).reshape({6, 6}));
    files += file + " ";
  }
  for (const char* command : {"encode", "reconstruct"}) {
    REQUIRE(small.command(command, small.images() + " -o " + path("idx.npy")).err == "");
    REQUIRE(small.command(command, files + "-o " + path("files.npy")).err == "");
    REQUIRE(small.command(command, path("pngs") + " -o " + path("folder.npy")).err == "");
    CHECK(read_npy(path("files.npy")).identical(read_npy(path("idx.npy"))));
    CHECK(read_npy(path("folder.npy")).identical(read_npy(path("idx.npy"))));
  }
  small.refused("encode", files + path("idx.npy") + " -o x.npy",
                "data: " + path("pngs/0.png") + " holds images of 6 by 6 of u8, " +
                    path("idx.npy") + " images of 6 by 6 of f32");
  const Output learnt = run_hourglass("train dense --code 2 --epochs 1 --data " + path("pngs") +
                                      " --out " + path("learnt"));
  CHECK(learnt.err == "");
  CHECK(learnt.out.starts_with("dense: 8 training and 1 test image of 6 by 6 ("));
  CHECK(run_hourglass("evaluate " + path("learnt")).code == 0);
}

TEST_CASE(
    "other data without a test part judge as a whole; a run of an older format says its own") {
  const SmallRun small;
  const auto path = [&](const std::string& name) { return small.folder.path(name); };
  std::filesystem::create_directory(path("pngs"));
  for (std::int64_t i = 0; i < 10; ++i) {
    write_png(path("pngs/" + std::to_string(i) + ".png"),
              Tensor::full({6, 6}, static_cast<double>(20 * i), DType::kU8));
  }
  const Output other = run_hourglass("evaluate " + small.run + " --data " + path("pngs"));
  CHECK(other.err == "");
  CHECK(other.out.starts_with("dense on 10 test images ("));
  const std::string train = "train dense --code 2 --epochs 1 --data " + path("pngs");
  REQUIRE(run_hourglass(train + " --out " + path("own")).err == "");
  CHECK(run_hourglass("evaluate " + path("own")).out.starts_with("dense on 1 test image ("));
  auto config = nlohmann::json::parse(read_bytes(path("own/config.json")));
  config.erase("split");
  write_bytes(path("own/config.json"), config.dump());
  CHECK(run_hourglass("evaluate " + path("own")).err ==
        "hourglass: error: evaluate: the run is of an older format, which judged by the last tenth "
        "of its data: train it again, or say --data PATH\n");
}
