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
  dense.refused("/image", {8, 9}, "image: 8 by 9 pixels are not the 64 that the model takes");
  dense.refused("/image", {-8, -8}, "image: -8 by -8 pixels are not the 64 that the model takes");
  dense.refused("/pad", -1, "pad: must be at least 0: got -1");
  dense.refused("/image", {8}, "array index 1 is out of range");
  dense.refused("/training/batch", "many", "type must be number, but is string");
  dense.refused("/spec/tied", "yes", "spec: tied: expected true or false: got yes");
  dense.refused("/spec/loss", "bcee",
                "spec: loss: there is none named bcee: did you mean bce? Expected one of mse, bce, "
                "correntropy, gaussian");
  dense.refused("/format", 2, "its format is 2, newer than 1, which this version reads");
  dense.refused("/epochz", 2,
                "field: there is none named epochz: expected one of format, model, spec, data, "
                "source, image, pad, images, validation, training, pretrain, steps, best_epoch, "
                "outcome, computed_by");
  dense.refused(
      "/spec/los", "bce",
      "spec: field: there is none named los: did you mean loss? Expected one of conv, "
      "rule, image, encoder, upsampling, decoder, hidden, code, output, tied, init, loss, "
      "loss_scale, corruption, code_noise, penalties, classes, discriminator, adversarial, "
      "binarize");
  dense.refused("/spec/rule/active", 3,
                "spec: field: there is none named active: expected one of kind");
  dense.refused(
      "/training/epoch", 3,
      "field: there is none named epoch: did you mean epochs? Expected one of epochs, "
      "batch, lr, schedule, decay, decay_epochs, lr_warm_up, clip_norm, average, optimizer, "
      "momentum, weight_decay, l2, seed, threads, keep_best, patience");
  const Edited conv("conv --conv 4,4");
  conv.refused("/spec/conv/1/stride", 0, "spec: conv.1: stride must be at least 1: got 0");
}

TEST_CASE("a run folder from before there were formats is read") {
  const Edited dense("dense --code 3");
  json old = dense.original;
  CHECK(old["format"] == 1);
  old.erase("format");
  for (const char* later : {"conv", "image", "upsampling", "loss_scale", "rule", "corruption",
                            "penalties", "classes", "discriminator", "adversarial", "binarize"}) {
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
    for (const char* command : {"encode ", "reconstruct "}) {
      const Output output =
          run_hourglass(command + dense.run + " " + in + " -o " + dense.folder.path("out.npy"));
      CHECK(output.code == 2);
      CHECK(output.err == "hourglass: error: images: " + in + ": " + line + "\n");
    }
  };
  refused(Tensor::full({2, 8, 8}, 200),
          "number 0 is 200: expected numbers from 0 to 1, or unsigned bytes");
  refused(Tensor::full({2, 8, 8}, std::nan("")),
          "number 0 is nan: expected numbers from 0 to 1, or unsigned bytes");
  refused(Tensor({0, 8, 8}, DType::kF32), "holds no images");
  refused(Tensor({2, 8, 7}, DType::kF32), "sizes differ: [2, 8, 7] for a model of 8 by 8");
}
