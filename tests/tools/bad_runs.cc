// Run folders that were edited, and files that are not what a command reads.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "tensor/files/npy.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

struct Edited {
  TemporaryFolder folder;
  std::string run = folder.path("run"), config = run + "/config.json";
  json original;

  explicit Edited(const std::string& model) {
    write_small_data(folder.path("data"), 20, 5, 8);
    REQUIRE(run_hourglass("train " + model + " --epochs 1 --batch 16 --data " +
                          folder.path("data") + " --out " + run)
                .err == "");
    original = json::parse(read_bytes(config));
  }

  // The config with one value changed, as every command finds it.
  void refused(const char* pointer, const json& value, const std::string& line) const {
    json edited = original;
    edited[json::json_pointer(pointer)] = value;
    write_bytes(config, edited.dump());
    for (const char* command : {"info ", "evaluate ", "gradcheck "}) {
      CHECK(run_hourglass(command + run).err ==
            "hourglass: error: run folder: " + config + ": " + line + "\n");
    }
  }
};

}  // namespace

TEST_CASE("a run folder's config that contradicts itself is refused by name") {
  const Edited dense("dense --code 3");
  dense.refused("/spec/input", {1, 8, 9},
                "spec: the input is an image of 1 by 8 by 9, 72 numbers: encoder=[64, 3]");
  dense.refused("/spec/input", {1, -8, -8},
                "spec: input must be [D], [C, T] or [C, H, W], each at least 1: got [1, -8, -8]");
  dense.refused("/reading/pad", -1, "reading: pad must be at least 0: got -1");
  dense.refused(
      "/reading/wide", -1,
      "reading: field: there is none named wide: expected one of of_255, any_range, kind, "
      "format, header, delimiter, decimal_comma, columns, drop, category, label, missing, "
      "resize, grey, background, layout, member, labels_member, vocabulary, stop_words, "
      "window, stride, pad");
  dense.refused("/spec/input", {8}, "spec: the input is a row of 8 numbers: encoder=[64, 3]");
  dense.refused("/schema/categories", {{{"name", "hue"}, {"first", 1}, {"words", json::array()}}},
                "schema: categories: 'hue' has no words");
  dense.refused("/training/batch", "many", "training: batch: expected a whole number: got many");
  dense.refused("/spec/tied", "yes", "spec: tied: expected true or false: got yes");
  dense.refused("/spec/loss", "bcee",
                "spec: loss: there is none named bcee: did you mean bce? Expected one of mse, bce, "
                "correntropy, gaussian, learnt-gaussian, multinomial, poisson, nb, zinb");
  dense.refused("/format", 0, "format: must be at least 1: got 0");
  dense.refused("/format", 4, "its format is 4, newer than 3, which this version reads");
  dense.refused("/epochz", 2,
                "field: there is none named epochz: expected one of format, reading, schema, "
                "spec, training, computed_by, model, data, source, kind, checksum, split, "
                "split_seed, images, validation, pretrain, diagnostics, init, init_sha256, "
                "steps, best_epoch, outcome");
  dense.refused("/training/batch", true, "training: batch: expected a whole number: got yes");
  dense.refused("/training/epochs", true, "training: epochs: expected a whole number: got yes");
  dense.refused("/training/epochs", 1e300, "training: epochs: expected a whole number: got 1e+300");
  dense.refused("/training/batch", 0.5, "training: batch: expected a whole number: got 0.5");
  dense.refused("/training/batch", -1, "training: batch must be at least 1: got -1");
  dense.refused("/training/batch", 1e300, "training: batch: expected a whole number: got 1e+300");
  dense.refused("/training/seed", -1,
                "training: seed: expected a whole number from 0 to 2^64 - 1: got -1");
  dense.refused("/training/lr", "fast", "training: lr: expected a number: got fast");
  dense.refused("/training/schedule", 3, "training: schedule: expected text: got 3");
  dense.refused("/training", json::array(), "training: epochs is missing");
  dense.refused("/steps", -5, "steps must be at least 0: got -5");
  dense.refused("/steps", std::numeric_limits<std::uint64_t>::max(),
                "steps: expected a whole number: got 18446744073709551615");
  dense.refused("/model", 3, "model: expected text: got 3");
  dense.refused("/model", nullptr, "model: expected a number, a text or a list: got null");
  dense.refused("/computed_by/portable_bits", 1,
                "computed_by: portable_bits: expected true or false: got 1");
  dense.refused("/spec/rule/kind", 3, "spec: kind: expected text: got 3");
  dense.refused("/spec/encoder", {64, 3e58},
                "spec: encoder: expected a number, a text or a list: got [64,3e+58]");
  dense.refused("/spec/encoder", {64, std::numeric_limits<std::uint64_t>::max()},
                "spec: encoder: expected a number, a text or a list: got "
                "[64,18446744073709551615]");
  dense.refused("/a\u001bb", 2,
                "field: there is none named a\\x1bb: expected one of format, reading, schema, "
                "spec, training, computed_by, model, data, source, kind, checksum, split, "
                "split_seed, images, validation, pretrain, diagnostics, init, init_sha256, "
                "steps, best_epoch, outcome");
  dense.refused(
      "/spec/los", "bce",
      "spec: field: there is none named los: did you mean loss? Expected one of conv, "
      "rule, image, input, missing, categories, encoder, upsampling, decoder, hidden, code, tied, "
      "init, loss, "
      "loss_scale, output, scale, corruption, code_noise, penalties, classes, discriminator, "
      "adversarial, "
      "binarize");
  dense.refused("/spec/rule/active", 3,
                "spec: field: there is none named active: expected one of kind");
  dense.refused(
      "/training/epoch", 3,
      "training: field: there is none named epoch: did you mean epochs? Expected one of epochs, "
      "batch, lr, schedule, decay, decay_epochs, restarts, lr_warm_up, clip_norm, average, "
      "optimizer, "
      "momentum, weight_decay, l2, seed, threads, keep_best, patience");
  const Edited conv("conv --conv 4,4");
  conv.refused("/spec/conv/1/stride", 0, "spec: conv.1: stride must be at least 1: got 0");
}

TEST_CASE("the largest seed survives its run folder") {
  const Edited dense("dense --code 3 --seed 18446744073709551615");
  CHECK(dense.original["training"]["seed"] == std::numeric_limits<std::uint64_t>::max());
  CHECK(run_hourglass("info " + dense.run).out.find("seed 18446744073709551615: done") !=
        std::string::npos);
}

TEST_CASE("a config is JSON to its last byte") {
  const Edited dense("dense --code 3");
  const auto error_of = [&](const std::string& bytes) {
    write_bytes(dense.config, bytes);
    return run_hourglass("info " + dense.run).err;
  };
  const std::string whole = dense.original.dump(),
                    start = "hourglass: error: run folder: " + dense.config + ": ";
  CHECK(error_of(whole + std::string("\0 more", 6)) ==
        start + "byte " + std::to_string(whole.size()) + ": NUL, which JSON has not\n");
  CHECK(error_of(whole + "}").starts_with(start + "parse error at line 1, column "));
  CHECK(error_of("[]") == start + "expected an object: got []\n");
  json lacking = dense.original;
  lacking["training"].erase("epochs");
  CHECK(error_of(lacking.dump()) == start + "training: epochs is missing\n");
  lacking.erase("model");
  CHECK(error_of(lacking.dump()) == start + "model is missing\n");
}

TEST_CASE("a spec that the weights do not fit is refused before memory is asked for") {
  const Edited dense("dense --code 3");
  json edited = dense.original;
  edited["spec"]["encoder"] = {64, 100'000'000'000};
  edited["spec"]["decoder"] = {100'000'000'000, 64};
  write_bytes(dense.config, edited.dump());
  CHECK(run_hourglass("info " + dense.run).err ==
        "hourglass: error: load_model: " + dense.run +
            "/model.safetensors: encoder.0.weight is f32 [3, 64]: expected f32 [100000000000, "
            "64]\n");
}

TEST_CASE("a run folder from before there were formats is read") {
  const Edited dense("dense --code 3");
  json old = dense.original;
  CHECK(old["format"] == 3);
  old.erase("format");
  for (const char* later : {"kind", "split", "split_seed"}) CHECK(old.erase(later) == 1);
  old["image"] = {8, 8};
  for (const char* later :
       {"conv", "input", "scale", "missing", "categories", "upsampling", "loss_scale", "rule",
        "corruption", "penalties", "classes", "discriminator", "adversarial", "binarize"}) {
    CHECK(old["spec"].erase(later) == 1);
  }
  write_bytes(dense.config, old.dump());
  const Output output = run_hourglass("evaluate " + dense.run);
  CHECK(output.err == "");
  CHECK(output.code == 0);
}

TEST_CASE("weights that are not finite are refused when they are loaded") {
  const Edited dense("dense --code 3");
  const std::string path = dense.run + "/model.safetensors";
  std::string bytes = read_bytes(path);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + bytes.size() - sizeof nan, &nan, sizeof nan);
  write_bytes(path, bytes);
  const Output output = run_hourglass("evaluate " + dense.run);
  CHECK(output.code == 2);
  CHECK(output.err.starts_with("hourglass: error: load_model: " + path + ": "));
  CHECK(output.err.ends_with(" is nan: expected finite numbers\n"));
}

TEST_CASE("numbers that are not pixels are refused in NPY files as in IDX files") {
  const Edited dense("dense --code 3");
  const std::string in = dense.folder.path("in.npy");
  const auto refused = [&](const Tensor& images, const std::string& line) {
    write_npy(in, images);
    for (const std::string command : {"encode", "reconstruct"}) {
      const Output output = run_hourglass(command + " " + dense.run + " " + in + " -o " +
                                          dense.folder.path("out.npy"));
      CHECK(output.code == 2);
      const bool shape = line.starts_with("the model takes");
      CHECK(output.err == "hourglass: error: " +
                              (shape ? command + ": " + line + ", " + in + " holds images of 8 by 7"
                                     : "data: " + in + ": " + line) +
                              "\n");
    }
  };
  refused(Tensor::full({2, 8, 8}, 200),
          "real pixels from 200 to 200, which look like those of pictures in 0..255: say --scale "
          "pixels or none");
  refused(Tensor::full({2, 8, 8}, std::nan("")),
          "image 0, pixel 0: expected a finite number, found nan");
  refused(Tensor({0, 8, 8}, DType::kF32), "holds no examples: [0, 8, 8]");
  refused(Tensor({2, 8, 7}, DType::kF32), "the model takes images of 8 by 8");
}

TEST_CASE("truth values in an NPY file are black and white") {
  const Edited dense("dense --code 3");
  const std::string in = dense.folder.path("in.npy"), out = dense.folder.path("out.npy");
  const auto reconstructed = [&] {
    REQUIRE(run_hourglass("reconstruct " + dense.run + " " + in + " -o " + out).err == "");
    return read_npy(out);
  };
  Tensor bits({1, 8, 8}, DType::kU8), pixels({1, 8, 8}, DType::kU8);
  for (std::int64_t i = 0; i < 64; i += 3) {
    bits.data<std::uint8_t>()[i] = 1;
    pixels.data<std::uint8_t>()[i] = 255;
  }
  write_npy(in, pixels);
  const Tensor expected = reconstructed();
  write_npy(in, bits);
  CHECK_FALSE(reconstructed().identical(expected));
  std::string bytes = read_bytes(in);
  bytes.replace(bytes.find("|u1"), 3, "|b1");
  write_bytes(in, bytes);
  CHECK(reconstructed().identical(expected));
}
