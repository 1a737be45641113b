// How `train` learns by the command line: validation, seeds, padding, what is written of the
// inside.

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tensor/files/npy.h"
#include "tests/places.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

std::vector<json> json_lines(const std::string& path) {
  std::istringstream text(read_bytes(path));
  std::vector<json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("each epoch's line says what training looks like from inside") {
  const Folder f;
  REQUIRE(f.train("contractive --code 5 --epochs 2").err == "");
  const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
  REQUIRE(lines.size() == 3);
  const json& line = lines[0];
  CHECK(line["gradient_norms"]["bce_per_image"].get<double>() > 0);
  CHECK(line["gradient_norms"]["contractive"].get<double>() > 0);
  CHECK(line["jacobian_norm"].get<double>() > 0);
  CHECK(line["active_units"].is_number_integer());
  CHECK(line["dead_units"] == 0);
  CHECK(line["noise_tolerance"].size() == 6);
  CHECK(line["terms_per_image"]["bce_per_image"] == line["terms"]["bce_per_image"]);
  CHECK(line["terms_per_dimension"]["bce_per_image"].get<double>() ==
        doctest::Approx(line["terms"]["bce_per_image"].get<double>() / 36));
  CHECK(line["terms_per_dimension"]["contractive"].get<double>() ==
        doctest::Approx(line["terms"]["contractive"].get<double>() / 5));
  CHECK(json_lines(f.folder.path("run/timing.jsonl"))[0].contains("diagnostics_seconds"));
}

TEST_CASE("an error that is a mean over pixels is their sum in the terms of an image") {
  const Folder f;
  REQUIRE(f.train("dense --code 3 --epochs 1").err == "");
  const json line = json_lines(f.folder.path("run/metrics.jsonl"))[0];
  CHECK(line["terms_per_dimension"]["bce"] == line["terms"]["bce"]);
  CHECK(line["terms_per_image"]["bce"].get<double>() ==
        doctest::Approx(line["terms"]["bce"].get<double>() * 36));
}

TEST_CASE("only what is a sum over dimensions has a value of a dimension") {
  const Folder f;
  REQUIRE(
      f.train("adversarial --hidden 9 --code 4 --penalty mmd:1 --penalty l1:0.1 --epochs 1").err ==
      "");
  const json line = json_lines(f.folder.path("run/metrics.jsonl"))[0];
  const auto names = [&](const char* scale) {
    std::vector<std::string> list;
    for (const auto& [name, value] : line[scale].items()) list.push_back(name);
    return list;
  };
  CHECK(names("terms_per_dimension") == std::vector<std::string>{"bce_per_image", "l1"});
  CHECK(names("terms_per_image") ==
        std::vector<std::string>{"bce_per_image", "deception", "discriminator", "l1", "mmd"});
  CHECK(line["terms_per_dimension"]["l1"].get<double>() ==
        doctest::Approx(line["terms"]["l1"].get<double>() / 4));
}

TEST_CASE("a line's loss is the sum of its parts, weights and warm-up included") {
  const Folder f;
  REQUIRE(
      f.train("adversarial --hidden 9 --code 4 --gaussian --beta 3 --warm-up 12 --penalty l1:0.1 "
              "--epochs 2 --validation 8")
          .err == "");
  const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
  REQUIRE(lines.size() == 5);  // two of training, two of validation, one of test
  for (const json& line : lines) {
    double total = 0;
    for (const auto& [name, part] : line["loss_parts"].items()) total += part.get<double>();
    CHECK(total == doctest::Approx(line["loss"].get<double>()).epsilon(1e-6));
    CHECK(line["loss_parts"].size() == 4);  // the discriminator's loss is its own
    CHECK(line["loss_parts"]["l1"].get<double>() ==
          doctest::Approx(0.1 * line["terms"]["l1"].get<double>()));
  }
  const auto weight = [&](const json& line) {
    return line["loss_parts"]["kl_per_image"].get<double>() /
           line["terms"]["kl_per_image"].get<double>();
  };
  CHECK(weight(lines[0]) < 3.0 * 2 / 12);  // of steps 0 and 1
  CHECK(weight(lines[2]) > weight(lines[0]));
  CHECK(weight(lines[4]) == doctest::Approx(3));  // whole outside of training
}

TEST_CASE("a term that is warmed up has the gradient of its weight by then") {
  const Folder f, slow;
  // 3 steps an epoch: half way after two epochs; and the same steps with a hundredth of the weight.
  const std::string vae = "vae --hidden 9 --code 4 --epochs 2 --lr 1e-9 --warm-up ";
  REQUIRE(f.train(vae + "12").err == "");
  REQUIRE(slow.train(vae + "1200").err == "");
  const auto norm = [](const Folder& folder) {
    const json line = json_lines(folder.folder.path("run/metrics.jsonl"))[1];
    return line["gradient_norms"]["kl_per_image"].get<double>();
  };
  CHECK(norm(slow) > 0);
  CHECK(norm(f) == doctest::Approx(100 * norm(slow)).epsilon(1e-3));
}

TEST_CASE("evaluate gives the numbers of the training's last line, whichever products made them") {
  const Folder f;
  REQUIRE(f.train("conv-vae --epochs 1 --no-portable-bits").err == "");
  const json last = json_lines(f.folder.path("run/metrics.jsonl")).back();
  const json measured = json::parse(run_hourglass("evaluate --json " + f.folder.path("run")).out);
  for (const char* name : {"mse", "sse_per_image", "bce"}) CHECK(measured[name] == last[name]);
}

TEST_CASE("a blind run writes its terms alone and learns the same weights") {
  const Folder f, blind;
  REQUIRE(f.train("dense --code 3 --epochs 2").code == 0);
  REQUIRE(blind.train("dense --code 3 --epochs 2 --no-diagnostics").code == 0);
  CHECK_FALSE(json_lines(blind.folder.path("run/metrics.jsonl"))[0].contains("gradient_norms"));
  CHECK(read_bytes(f.folder.path("run/model.safetensors")) ==
        read_bytes(blind.folder.path("run/model.safetensors")));
}

TEST_CASE("validation images are taken from the training set, and the best epoch is kept") {
  const Folder f;
  const Output output = f.train("dense --code 3 --epochs 4 --validation 8 --keep-best");
  REQUIRE(output.err == "");
  CHECK(output.out.find("8 validation images\n") != std::string::npos);
  const json config = json::parse(read_bytes(f.folder.path("run/config.json")));
  CHECK(config["images"] == 32);
  CHECK(config["validation"] == 8);
  CHECK(config["best_epoch"].get<int>() >= 1);
  const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
  REQUIRE(lines.size() == 9);
  CHECK(lines[1]["split"] == "validation");
  Folder().refused("dense --validation 40",
                   "validation: expected 0 to 39 of 40 training examples: got 40");
}

TEST_CASE("several seeds leave a run folder each, and mean and spread of their metrics") {
  const Folder f;
  const Output output = f.train("dense --code 3 --epochs 1 --seeds 3 --seed 5");
  REQUIRE(output.err == "");
  CHECK(output.out.find(" over 3 seeds\n") != std::string::npos);
  const json summary = json::parse(read_bytes(f.folder.path("run/summary.json")));
  CHECK(summary["seeds"] == json({5, 6, 7}));
  std::vector<double> each;
  for (const char* seed : {"seed-5", "seed-6", "seed-7"}) {
    const Output evaluated = run_hourglass("evaluate --json " + f.folder.path("run/") + seed);
    REQUIRE(evaluated.code == 0);
    each.push_back(json::parse(evaluated.out)["mse"]);
  }
  const double mean = (each[0] + each[1] + each[2]) / 3;
  double squares = 0;
  for (double x : each) squares += (x - mean) * (x - mean);
  const json& mse = summary["test"]["mse"];
  CHECK(mse["each"] == json(each));
  CHECK(mse["mean"].get<double>() == doctest::Approx(mean).epsilon(1e-12));
  CHECK(mse["spread"].get<double>() == doctest::Approx(std::sqrt(squares / 2)).epsilon(1e-9));
}

TEST_CASE("seeds that were learnt ahead of one that diverges are kept") {
  const Folder f;
  const Output output = f.train("linear --lr 1e30 --epochs 2 --seeds 2");
  CHECK(output.code == 1);
  const std::string run = f.folder.path("run");
  CHECK(
      output.err.ends_with(": the weights of the last good step are kept in " + run + "/seed-0\n"));
  const json summary = json::parse(read_bytes(run + "/summary.json"));
  CHECK(summary["seeds"] == json({0}));
  CHECK(summary["diverged"] == 0);
  CHECK(run_hourglass("evaluate " + run + "/seed-0").code == 0);
}

TEST_CASE("Ctrl-C, early or late, leaves a whole run folder or none") {
  const Folder f;
  for (const char* seconds : {"0.01", "0.05", "0.2", "0.5"}) {
    const Output output = run_program(
        "/usr/bin/timeout", "--foreground --preserve-status -s INT " + std::string(seconds) + " " +
                                HOURGLASS_PROGRAM + " train dense --code 2 --epochs 1000000 " +
                                "--no-diagnostics --data " + f.folder.path("data") + " --out " +
                                f.folder.path("run") + " --force");
    CHECK(output.code == 130);
    CHECK(output.err == "");
    for (const std::string& name : f.folder.list()) CHECK((name == "data" || name == "run"));
  }
  // Soon enough to be ahead of the first step, nothing is there.
  if (std::filesystem::exists(f.folder.path("run"))) {
    CHECK(run_hourglass("info " + f.folder.path("run")).out.find(": stopped\n") !=
          std::string::npos);
  }
}

TEST_CASE("smaller images are padded on request, in training as in every later use") {
  const Folder f;
  REQUIRE(f.train("dense --code 3 --epochs 1 --pad 9").err == "");
  const std::string run = f.folder.path("run"), out = f.folder.path("y.npy");
  CHECK(run_hourglass("evaluate " + run).code == 0);
  CHECK(run_hourglass("info " + run).out.find("images of 9 by 9 ") != std::string::npos);
  const std::string images = f.folder.path("data/t10k-images-idx3-ubyte");
  REQUIRE(run_hourglass("reconstruct " + run + " " + images + " -o " + out).code == 0);
  CHECK(read_npy(out).shape() == Shape{10, 9, 9});
  const Folder small;
  small.refused("dense --pad 5", "pad: the images are larger: 6 by 6: 5 by 5");
}

TEST_CASE("how a model learns is checked before any work is done") {
  const Folder f;
  f.refused("dense --schedule steps",
            "schedule: there is none named steps: did you mean step? Expected one of constant, "
            "cosine, step, plateau");
  f.refused("dense --optimizer rmsprop",
            "optimizer: there is none named rmsprop: expected one of adam, sgd");
  f.refused("dense --momentum 0.9", "momentum: belongs to sgd: adam has beta1");
  f.refused("dense --l2 -1", "l2 must be at least 0: got -1");
  f.refused("dense --images 50", "images: expected 1 to 40, what validation leaves: got 50");
  f.refused("dense --seeds 0", "seeds: expected 1 to 1000: got 0");
  f.refused("dense --seed 18446744073709551614 --seeds 3",
            "seeds: 3 from 18446744073709551614 on: the largest seed is 18446744073709551615");
  f.refused("dense --lr 1e-50", "lr: is 0 in f32, the model's dtype: got 1e-50");
  f.refused("dense --clip-norm 1e-50", "clip-norm: is 0 in f32, the model's dtype: got 1e-50");
  f.refused("dense --clip-norm -1", "clip_norm must be at least 0: got -1");
  f.refused("dense --average 1", "average must be at least 0 and below 1: got 1");
  f.refused("dense --lr-warm-up -1", "lr_warm_up must be at least 0: got -1");
  f.refused("dense --schedule plateau --decay 0", "decay must be above 0 and at most 1: got 0");
  f.refused("vae --samples 1000000000", "spec: samples must be at most 1000000: got 1000000000");
  f.refused("dense --images 15", "batch: expected 1 to 15, the number of examples: got 16");
  CHECK(f.train("dense --code 2 --epochs 2 --optimizer sgd --momentum 0.9 --l2 1e-4 --schedule "
                "step --decay 0.5 --decay-epochs 1 --images 20")
            .err == "");
  CHECK(run_hourglass("info " + f.folder.path("run")).out.find("4 steps of sgd:") !=
        std::string::npos);
}

TEST_CASE("each option of learning changes what is learnt, and where it says nothing, nothing") {
  const Folder f;
  const auto weights = [&](const std::string& options) {
    const Output output =
        f.train("dense --code 2 --epochs 4 --no-diagnostics --validation 8 --force " + options);
    CHECK(output.err == "");
    return read_bytes(f.folder.path("run/model.safetensors"));
  };
  const std::string plain = weights("--schedule constant");
  for (const char* options : {"--lr-warm-up 1", "--clip-norm 1e6", "--average 0"}) {
    CHECK_MESSAGE(weights("--schedule constant " + std::string(options)) == plain, options);
  }
  for (const char* options : {"--lr-warm-up 3", "--clip-norm 1e-3", "--average 0.5"}) {
    CHECK_MESSAGE(weights("--schedule constant " + std::string(options)) != plain, options);
  }
  // A rate that is so high that the loss rises in the second epoch.
  const std::string plateau = "--lr 0.3 --decay-epochs 1 --schedule plateau --decay ";
  CHECK(weights(plateau + "1") == weights("--lr 0.3 --schedule constant"));
  CHECK(weights(plateau + "0.5") != weights(plateau + "1"));
  const std::string config = read_bytes(f.folder.path("run/config.json"));
  CHECK(json::parse(config)["training"]["decay_epochs"] == 1);
}

TEST_CASE("a training that comes to nothing says so, in its outcome too") {
  const Folder f;
  const auto outcome = [&](const std::string& options) {
    const Output output = f.train("dense --code 3 --force " + options);
    CHECK(output.code == 0);
    const std::string text = json::parse(read_bytes(f.folder.path("run/config.json")))["outcome"];
    if (text != "done") {
      REQUIRE(text.starts_with("done, but "));
      CHECK(output.out.find("\n" + text.substr(10) + "\n") != std::string::npos);
    }
    return text;
  };
  CHECK(outcome("--epochs 2") == "done");
  const std::string dead =
      "done, but the code is dead: every unit gives all examples the same number";
  CHECK(outcome("--epochs 40 --lr 3 --no-diagnostics").starts_with(dead));
  const std::string worse = outcome("--epochs 1 --lr 1e3 --activation tanh --no-diagnostics");
  CHECK(worse.find("the loss is ") != std::string::npos);
  CHECK(worse.find(", not below the 0.") != std::string::npos);
}

TEST_CASE("evaluate --importance gives the likelihood of a model that has one") {
  const Folder f;
  REQUIRE(f.train("iwae --hidden 8 --code 2 --samples 2 --binarize dynamic --epochs 1").err == "");
  const Output output = run_hourglass("evaluate --json --importance 5 " + f.folder.path("run"));
  REQUIRE(output.err == "");
  const double nll = json::parse(output.out)["nll_per_image"].get<double>();
  CHECK(nll == doctest::Approx(36 * std::log(2.0)).epsilon(0.3));  // nothing is learnt yet
  const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
  CHECK(lines[0]["kl_per_dimension"].size() == 2);
  REQUIRE(f.train("dense --code 2 --epochs 1 --force").err == "");
  const Output refused = run_hourglass("evaluate --importance 5 " + f.folder.path("run"));
  CHECK(refused.err ==
        "hourglass: error: log_likelihood: the model has no posterior: needs a Gaussian code\n");
}

TEST_CASE("evaluate sets a linear model beside PCA: excess error and principal angles") {
  const Folder f;
  REQUIRE(f.train("linear --code 4 --epochs 3").code == 0);
  const Output output = run_hourglass("evaluate --json --pca " + f.folder.path("run"));
  REQUIRE(output.err == "");
  const json measured = json::parse(output.out);
  CHECK(measured["sse_per_image"].get<double>() ==
        doctest::Approx(measured["pca_sse_per_image"].get<double>() *
                        (1 + measured["excess_over_pca"].get<double>())));
  CHECK(measured["principal_angles"].size() == 4);
  const Folder pca;
  REQUIRE(run_hourglass("train pca --code 4 --data " + pca.folder.path("data") + " --out " +
                        pca.folder.path("run"))
              .code == 0);
  const json itself =
      json::parse(run_hourglass("evaluate --json --pca " + pca.folder.path("run")).out);
  CHECK(std::abs(itself["excess_over_pca"].get<double>()) < 1e-6);
}

TEST_CASE("static black and white is drawn once, the same for the same seed") {
  const auto loss = [](const std::string& options) {
    const Folder f;
    const Output output = f.train("vae --hidden 5 --code 2 --epochs 2 --no-diagnostics " + options);
    REQUIRE(output.err == "");
    return json_lines(f.folder.path("run/metrics.jsonl")).at(0)["loss"].get<double>();
  };
  CHECK(loss("--binarize static --seed 4") == loss("--binarize static --seed 4"));
  CHECK(loss("--binarize static --seed 4") != loss("--binarize threshold --seed 4"));
  CHECK(loss("--binarize static --seed 4") != loss("--binarize dynamic --seed 4"));
}

TEST_CASE("images to learn from and to test by are made black and white by draws of their own") {
  const auto losses = [](const std::string& options) {
    const Folder f;
    // Of the same images, and next to nothing is learnt.
    for (const char* kind : {"images-idx3-ubyte", "labels-idx1-ubyte"}) {
      std::filesystem::copy_file(f.folder.path("data/train-") + kind,
                                 f.folder.path("data/t10k-") + kind,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    REQUIRE(f.train("dense --code 2 --epochs 1 --lr 1e-12 --no-diagnostics " + options).err == "");
    const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
    return std::pair{lines.front()["loss"].get<double>(), lines.back()["loss"].get<double>()};
  };
  const auto [grey, grey_test] = losses("");
  CHECK(grey_test == doctest::Approx(grey).epsilon(1e-6));
  const auto [drawn, drawn_test] = losses("--binarize static");
  CHECK(drawn_test != doctest::Approx(drawn).epsilon(1e-5));
}

TEST_CASE("layers are pretrained for all their epochs, whatever judges the training behind it") {
  const Folder f;
  const std::string deep = "dense --hidden 9,5 --code 3 --validation 8 --force --no-diagnostics ";
  for (const char* judged : {"--patience 1", "--keep-best", "--schedule plateau"}) {
    CAPTURE(judged);
    REQUIRE(f.train(deep + "--pretrain 3 --epochs 2 " + judged).err == "");
    const std::vector<json> lines = json_lines(f.folder.path("run/metrics.jsonl"));
    std::vector<std::string> pretrained;
    for (const json& line : lines) {
      if (line["split"].get<std::string>().starts_with("train layer ")) {
        pretrained.push_back(line["split"]);
      }
    }
    CHECK(pretrained.size() == 3 * 3);
    CHECK(lines.size() > 9 + 2);
  }
}

TEST_CASE("evaluate has Parzen's estimate from samples of the model") {
  const Folder f;
  REQUIRE(f.train("vae --hidden 5 --code 2 --epochs 2 --no-diagnostics").err == "");
  const auto evaluated = [&](const std::string& options) {
    return run_hourglass("evaluate " + f.folder.path("run") + " --json --parzen " + options);
  };
  const json j = json::parse(evaluated("50").out);
  CHECK(j["parzen_sigma"].get<double>() >= 0.05);
  CHECK(std::isfinite(j["parzen_log_likelihood"].get<double>()));
  CHECK(evaluated("50").out == evaluated("50").out);
  CHECK(json::parse(evaluated("60").out)["parzen_log_likelihood"] != j["parzen_log_likelihood"]);
  CHECK(evaluated("0").err == "hourglass: error: parzen: samples: must be at least 1: got 0\n");
}
