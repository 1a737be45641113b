#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tests/tools/program.h"

using namespace hourglass;
using test::run_hourglass;

namespace {

// 40 rows in the plane, of two classes; its model keeps both numbers.
std::string two_towns(int rows = 40, double shift = 0) {
  std::string text = "x,y,kind\n";
  for (int i = 0; i < rows; ++i) {
    text += fmt::format("{:.3f},{:.3f},{}\n", i * 17 % 40 + shift, i * 7 % 40 / 2.0,
                        i * 17 % 40 < 20 ? "west" : "east");
  }
  return text;
}

struct Indexed {
  test::TemporaryFolder folder;
  std::string data = folder.path("t.csv"), run = folder.path("run");

  Indexed() {
    test::write_bytes(data, two_towns());
    train("pca --code 2 ");
  }
  void train(const std::string& model) const {
    REQUIRE(
        run_hourglass("train " + model + "--data " + data + " --label kind --force --out " + run)
            .code == 0);
  }
  void index() const { REQUIRE(run_hourglass("index " + run + " " + data).err == ""); }
  test::Output search(const std::string& words) const {
    return run_hourglass("search " + run + " " + words);
  }
  void refused(const std::string& words, const std::string& line) const {
    const test::Output output = search(words);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  }
};

}  // namespace

TEST_CASE("search finds what an index has nearest: itself first, in text and as JSON") {
  const Indexed indexed;
  const test::Output made = run_hourglass("index " + indexed.run + " " + indexed.data);
  CHECK(made.out == "wrote 40 codes of 2 numbers to " + indexed.run +
                        "/index.safetensors: 32 of them were trained on\n");
  const test::Output text = indexed.search(indexed.data + " --k 3");
  CHECK(text.err == "");
  CHECK(text.out.starts_with("0 (west):  0 (west) 0,  "));
  CHECK(text.out.find("\nprecision at 3  ") != std::string::npos);
  for (const char* metric : {"euclid", "cosine", "hamming"}) {
    const auto json =
        nlohmann::json::parse(indexed.search(indexed.data + " --k 2 --json --" + metric).out);
    CHECK(json["metric"] == metric);
    CHECK(json["queries"].size() == 40);
    CHECK(json["precision"].get<double>() > 0.5);
    for (const auto& query : json["queries"]) {
      const auto& nearest = query["neighbours"][0];
      CHECK(nearest["distance"] == 0);
      if (metric == std::string("euclid")) CHECK(nearest["example"] == query["query"]);
      CHECK(query["class"].is_string());
      CHECK(query["neighbours"][1]["distance"] >= 0);
    }
  }
}

TEST_CASE("a ball of bits is ranked by the codes, and may hold fewer than were asked for") {
  const Indexed indexed;
  indexed.index();
  const auto found = [&](const std::string& options) {
    return nlohmann::json::parse(indexed.search(indexed.data + " --json --k 40 " + options).out);
  };
  const auto ball = found("--hamming --radius 0"), all = found("--hamming --radius 2");
  const auto real = found("--euclid");
  CHECK(all["queries"] == real["queries"]);
  for (std::size_t q = 0; q < 40; ++q) {
    const auto& near = ball["queries"][q]["neighbours"];
    CHECK(near.size() < 40);
    CHECK(near[0] == real["queries"][q]["neighbours"][0]);
  }
}

TEST_CASE("images are found in a page of pictures, a line a query") {
  const test::TemporaryFolder folder;
  test::write_small_data(folder.path("data"));
  const std::string run = folder.path("run"), data = folder.path("data");
  const std::string images = data + "/t10k-images-idx3-ubyte";
  REQUIRE(run_hourglass("train dense --hidden 9 --code 3 --epochs 1 --batch 16 --data " + data +
                        " --out " + run)
              .code == 0);
  REQUIRE(run_hourglass("index " + run + " " + data).code == 0);
  const std::string png = folder.path("page.png"), html = folder.path("page.html");
  const test::Output drawn = run_hourglass("search " + run + " " + images + " --k 4 -o " + png);
  CHECK(drawn.err == "");
  CHECK(drawn.out.ends_with("wrote " + png + "\n"));
  // 10 lines of a query and 4 neighbours, each twice as large.
  CHECK(read_png(png).shape()[0] >= 10 * 12);
  CHECK(read_png(png).shape()[1] >= 5 * 12);
  CHECK(read_png(png).shape()[1] < 6 * 12 + 20);
  REQUIRE(run_hourglass("search " + run + " " + images + " --hamming -o " + html).code == 0);
  const std::string page = test::read_bytes(html);
  std::size_t pictures = 0;
  for (std::size_t at = page.find("<img"); at != std::string::npos;
       at = page.find("<img", at + 1)) {
    ++pictures;
  }
  CHECK(pictures == 10 * 11);
  const test::Output bad = run_hourglass("search " + run + " " + images + " -o page.jpg");
  CHECK(bad.err ==
        "hourglass: error: output: page.jpg: expected a name that ends in .png or .html\n");
  // The examples have changed since: lines are found, no pictures.
  test::write_small_data(folder.path("data"), 41);
  CHECK(run_hourglass("search " + run + " " + images).code == 0);
  const test::Output others = run_hourglass("search " + run + " " + images + " -o " + png);
  CHECK(others.code == 2);
  CHECK(others.err.starts_with(
      "hourglass: error: search: the data are others than the index's: CRC-32 "));
}

TEST_CASE(
    "a page of neighbours has each query's picture, then those of the lines that are printed") {
  const test::TemporaryFolder folder;
  test::write_small_data(folder.path("data"), 60, 23);
  const std::string run = folder.path("run"), data = folder.path("data");
  REQUIRE(
      run_hourglass("train dense --hidden 9 --code 3 --epochs 1 --batch 16 --no-report --data " +
                    data + " --out " + run)
          .code == 0);
  REQUIRE(run_hourglass("index " + run + " " + data).code == 0);
  const std::string png = folder.path("page.png"), html = folder.path("page.html"),
                    search = "search " + run + " " + data;  // 60 and 23 images
  const auto found = nlohmann::json::parse(run_hourglass(search + " --k 2 --json").out)["queries"];
  REQUIRE(found.size() == 83);
  REQUIRE(run_hourglass(search + " --k 2 -o " + png).code == 0);
  const Tensor shown = read_png(png), train = read_idx(data + "/train-images-idx3-ubyte"),
               test = read_idx(data + "/t10k-images-idx3-ubyte");
  const auto known = [&](std::int64_t i, std::int64_t pixel) {
    return i < 60 ? train.at(36 * i + pixel) : test.at(36 * (i - 60) + pixel);
  };
  // Twenty lines of three images, twice as large, two apart.
  REQUIRE(shown.shape() == Shape{20 * 14 + 2, 3 * 14 + 2});
  int wrong = 0;
  for (std::size_t q = 0; q < 20; ++q) {
    for (std::size_t place = 0; place < 3; ++place) {
      const auto example = place == 0
                               ? static_cast<std::int64_t>(q)
                               : found[q]["neighbours"][place - 1]["example"].get<std::int64_t>();
      for (std::int64_t p = 0; p < 36; ++p) {
        const std::int64_t y = 14 * static_cast<std::int64_t>(q) + 2 + 2 * (p / 6),
                           x = 14 * static_cast<std::int64_t>(place) + 2 + 2 * (p % 6);
        const double pixel = known(example, p);
        wrong += shown.at(y * 44 + x) != pixel || shown.at((y + 1) * 44 + x + 1) != pixel;
      }
    }
  }
  CHECK(wrong == 0);
  const std::string text = run_hourglass(search + " --k 2 -o " + html).out;
  const std::string page = test::read_bytes(html);
  for (std::size_t q = 0; q < 20; ++q) {
    const auto& first = found[q]["neighbours"][0];
    const std::string caption =
        fmt::format("{} ({}) {:.4g}", first["example"].get<int>(),
                    first["class"].get<std::string>(), first["distance"].get<double>());
    CHECK(page.find("<br>" + caption + "</td>") != std::string::npos);
    CHECK(text.find(fmt::format(":  {},  ", caption)) != std::string::npos);
  }
  CHECK(page.find("<tr><td><img") != std::string::npos);
  for (const std::size_t q : {19, 20}) {
    const std::string query =
        fmt::format("<br>{} ({})</td>", q, found[q]["class"].get<std::string>());
    CHECK((page.find(query) != std::string::npos) == (q < 20));
  }
}

TEST_CASE("what search cannot do is said in one line") {
  const Indexed indexed;
  const std::string index = indexed.run + "/index.safetensors";
  indexed.refused(indexed.data,
                  "index: " + indexed.run + ": has none yet: hourglass index RUN DATA makes it");
  indexed.index();
  for (const char* k : {"0", "41"}) {
    indexed.refused(indexed.data + " --k " + k,
                    std::string("search: k: expected 1 to 40, as many as the index has: got ") + k);
  }
  indexed.refused(indexed.data + " --radius 1", "search: radius: is of bits: say --hamming too");
  indexed.refused(indexed.data + " --hamming --radius -1",
                  "k_nearest: radius: must be at least 0: got -1");
  indexed.refused(indexed.data + " -o page.png",
                  "output: page.png: only images have a page of pictures, the model takes rows");
  const std::string wide = indexed.folder.path("wide.npy");
  write_npy(wide, Tensor({4, 3}, DType::kF64));
  indexed.refused(
      wide, "search: the model takes rows of 2 columns, " + wide + " holds rows of 3 columns");

  const std::string other = indexed.folder.path("other.csv");
  test::write_bytes(other, "x,y,kind\n1,2,west\n3,4,north\n");
  indexed.refused(other, "data: " + other +
                             ": line 3, column 3 (kind): a class that the model does not know: "
                             "'north'");

  const std::string bytes = test::read_bytes(index);
  test::write_bytes(index, bytes.substr(0, bytes.size() - 4));
  CHECK(
      indexed.search(indexed.data).err.starts_with("hourglass: error: read_safetensors: " + index));
  write_npy(index, Tensor({4, 3}, DType::kF64));
  CHECK(indexed.search(indexed.data).code == 2);
}

TEST_CASE("an index of another model is refused by both hashes") {
  const Indexed indexed;
  indexed.index();
  const std::string index = indexed.run + "/index.safetensors", old = test::read_bytes(index);
  indexed.train("dense --code 2 --hidden 5 --epochs 1 ");
  test::write_bytes(index, old);
  const test::Output output = indexed.search(indexed.data);
  CHECK(output.code == 2);
  CHECK(output.err.starts_with("hourglass: error: index: " + index +
                               ": is of another model: SHA-256 "));
  CHECK(output.err.ends_with(" of the run: hourglass index RUN DATA makes it again\n"));
  CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 1);
}
