// `classify`: how much codes say about classes, and what it learns that from.

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "tests/tools/data_files.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

TEST_CASE("classify reports the test error of the epoch that validation chose, and fine-tunes") {
  const Folder f;
  REQUIRE(f.train("dense --code 4 --epochs 1").code == 0);
  const std::string classify = "classify " + f.folder.path("run") + " --epochs 3 --batch 8 ";
  const Output plain = run_hourglass(classify + "--json");
  REQUIRE(plain.err == "");
  const json result = json::parse(plain.out);
  CHECK(result["training_images"] == 34);
  CHECK(result["test_error"].get<double>() <= 1);
  CHECK(result["best_epoch"].get<int>() >= 1);
  CHECK(result["baseline"]["input"] == "raw");
  CHECK(result["baseline"]["test_error"].get<double>() <= 1);
  CHECK(json::parse(run_hourglass(classify + "--json --fine-tune").out)["fine_tuned"] == true);
  // Fresh weights are those of the seed: with the run's own they are where its training began.
  const Output fresh = run_hourglass(classify + "--json --untrained --seed 3");
  CHECK(json::parse(fresh.out)["untrained"] == true);
  CHECK(fresh.out != run_hourglass(classify + "--json --seed 3").out);
  const std::string told = run_hourglass(classify).out;
  CHECK(told.find("epoch 3  cross-entropy ") != std::string::npos);
  const Output unchosen = run_hourglass(classify + "--validation 0");
  CHECK(unchosen.err ==
        "hourglass: error: classify: validation: the epoch is chosen on it: expected at least 1: "
        "got 0\n");
  const Output refused = run_hourglass(classify + "--top-k 3");
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "hourglass: error: classify: top-k: the model keeps all units of its code\n");
}

TEST_CASE("classify measures the weights of the best epoch, not of the last") {
  const Folder f;
  REQUIRE(f.train("dense --code 4 --epochs 1").code == 0);
  int passed = 0;
  for (int seed = 0; seed < 6; ++seed) {
    const auto classify = [&](int epochs) {
      return json::parse(run_hourglass("classify " + f.folder.path("run") +
                                       " --json --batch 8 --lr 1 --seed " + std::to_string(seed) +
                                       " --epochs " + std::to_string(epochs))
                             .out);
    };
    const json whole = classify(8);
    const int best = whole["best_epoch"];
    passed += best < 8;
    CHECK(classify(best) == whole);
  }
  CHECK(passed > 2);
}

TEST_CASE("classify says that training diverged, and measures nothing then") {
  const Folder f;
  REQUIRE(f.train("dense --code 4 --epochs 1").code == 0);
  const std::string classify = "classify " + f.folder.path("run") + " --epochs 3 --batch 8 ";
  for (const char* options : {"--lr 1e300", "--lr 1e300 --json", "--fine-tune --lr 1e30"}) {
    CAPTURE(options);
    const Output output = run_hourglass(classify + options);
    CHECK(output.code == 1);
    CHECK(output.err.starts_with("hourglass: error: classify: "));
    CHECK(output.err.find(" is not finite at step ") != std::string::npos);
    CHECK(output.out.find("test") == std::string::npos);
  }
}

TEST_CASE("images to learn from are drawn by class, from the seed, and a missing class is said") {
  // Sorted by label: ten black or brighter images of each of four classes.
  const TemporaryFolder f;
  write_small_data(f.path("data"), 40, 8);
  const auto labels = [](int count, int each) {
    std::string bytes = idx_bytes({static_cast<std::uint32_t>(count)});
    for (int i = 0; i < count; ++i) {
      bytes[bytes.size() - static_cast<std::size_t>(count - i)] = static_cast<char>(i / each);
    }
    return bytes;
  };
  write_bytes(f.path("data/train-labels-idx1-ubyte"), labels(40, 10));
  write_bytes(f.path("data/t10k-labels-idx1-ubyte"), labels(8, 2));
  const std::string run = f.path("run");
  REQUIRE(
      run_hourglass("train dense --code 3 --epochs 1 --data " + f.path("data") + " --out " + run)
          .err == "");
  const auto classify = [&](const std::string& options) {
    return run_hourglass("classify " + run + " --epochs 2 " + options).out;
  };
  for (const char* options : {"--images 4", "--images 4 --seed 5", "--images 13", ""}) {
    CAPTURE(options);
    CHECK(json::parse(classify(std::string("--json ") + options))["missing_classes"] ==
          json::array());
    CHECK(classify(options).find("class") == std::string::npos);
  }
  CHECK(classify("--images 8 --seed 1") == classify("--images 8 --seed 1"));
  CHECK(classify("--images 8 --seed 1") != classify("--images 8 --seed 2"));
  CHECK(json::parse(classify("--json --images 3"))["missing_classes"].size() == 1);
  CHECK(classify("--images 3").find("nothing is learnt of class ") != std::string::npos);
  CHECK(classify("--images 3").find(": no training example is of it\n") != std::string::npos);
  const auto trained = [&](const std::string& options) {
    return run_hourglass("train dense --code 3 --epochs 1 --force --data " + f.path("data") +
                         " --out " + run + " " + options)
        .out;
  };
  CHECK(trained("--images 4").find("class") == std::string::npos);
  const std::string missing = json::parse(classify("--json --images 3"))["missing_classes"].dump();
  CHECK(trained("--images 3")
            .find("\nnothing is learnt of class " + missing.substr(1, missing.size() - 2) +
                  ": no training example is of it\n") != std::string::npos);
}

TEST_CASE("classify says in one line which labels it has not") {
  const TemporaryFolder folder;
  const std::string table = folder.path("t.csv"), run = folder.path("run");
  std::string rows = "x,y,kind\n";
  for (int i = 0; i < 40; ++i) rows += fmt::format("{},{},{}\n", i, i * i, i % 2 ? "a" : "b");
  write_bytes(table, rows);
  REQUIRE(run_hourglass("train pca --code 1 --label kind --data " + table + " --out " + run).code ==
          0);
  const auto refused = [&](const std::string& text, const std::string& line) {
    const std::string data = folder.path("other.csv");
    write_bytes(data, text);
    const Output output = run_hourglass("classify " + run + " --epochs 1 --data " + data);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + fmt::format(fmt::runtime(line), data) + "\n");
  };
  refused("x,y\n1,2\n3,4\n", "classify: {}: there are no labels");
  refused("x,y,kind\n1,2,a\n3,4,\n", "data: {}: line 3, column 3 (kind): the label is missing");
  refused("x,y,kind\n1,2,a\n3,4,c\n",
          "data: {}: line 3, column 3 (kind): a class that the model does not know: 'c'");
}

TEST_CASE("fine-tuning trains the head of a Gaussian code too") {
  const Folder f;
  REQUIRE(f.train("vae --hidden '' --code 4 --epochs 1").err == "");  // the head is all there is
  const std::string classify = "classify " + f.folder.path("run") + " --epochs 2 --batch 8 ";
  const Output plain = run_hourglass(classify), tuned = run_hourglass(classify + "--fine-tune");
  CHECK(tuned.err == "");
  CHECK(tuned.out != plain.out);
}

TEST_CASE(
    "classify sets the same regression on the input beside the codes': of counts their TF-IDF") {
  const TemporaryFolder folder;
  const std::string counts = folder.path("words.svm"), run = folder.path("run");
  write_bytes(counts, words_svm());
  REQUIRE(run_hourglass("train dense --epochs 1 --data " + counts + " --out " + run).code == 0);
  const std::string classify = "classify " + run + " --lr 0.1 --epochs 30 --batch 8 ";
  const json result = json::parse(run_hourglass(classify + "--json").out);
  CHECK(result["baseline"]["input"] == "tf-idf");
  CHECK(result["baseline"]["test_error"] == 0);  // each class has words of its own
  const std::string text = run_hourglass(classify).out;
  CHECK(text.ends_with("of the input's TF-IDF, without a model: test error 0.00 %\n"));
}

TEST_CASE("codes are brought to one scale for the regression, unless they are wanted as they are") {
  const TemporaryFolder folder;
  const std::string table = folder.path("t.csv"), run = folder.path("run");
  // What tells the classes apart is the smallest of three directions by far.
  std::string text = "a,b,c,kind\n";
  for (int i = 0; i < 200; ++i) {
    const double x = i * 37 % 101 - 50, y = i * 53 % 97 - 48, z = i % 2 == 0 ? 1 : -1;
    text += fmt::format("{},{},{},{}\n", x + y + 0.05 * z, x - y, x + 0.05 * z, i % 2);
  }
  write_bytes(table, text);
  REQUIRE(run_hourglass("train pca --code 3 --data " + table + " --label kind --out " + run).code ==
          0);
  const auto error = [&](const std::string& options) {
    return json::parse(run_hourglass("classify " + run + " --json --epochs 10 --lr 0.05 " + options)
                           .out)["test_error"]
        .get<double>();
  };
  CHECK(error("") == 0);
  CHECK(error("--unscaled") > 0.2);
}
