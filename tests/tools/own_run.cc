// A run that the library wrote, ae::save_run, in the hands of the program.

#include <doctest/doctest.h>

#include <filesystem>

#include "ae/model/model_file.h"
#include "tensor/error.h"
#include "tensor/files/npy.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

struct OwnRun {
  TemporaryFolder folder;
  std::string run = folder.path("run"), rows = folder.path("rows.npy");
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {3, 4, 2}, .scale = ae::Scale::kStandard}, 7);

  OwnRun() {
    const Tensor x = Tensor::from<float>({1, 20, 300, 2, 21, 310, 3, 25, 290, 2, 24, 305}, {4, 3});
    ae::fit_input(model, x);
    write_npy(rows, x);
    ae::save_run(run, model,
                 {.model = "mine", .kind = nn::DataKind::kRow, .steps = 12, .outcome = "good"});
  }
  Output command(const std::string& words, const std::string& rest = "") const {
    return run_hourglass(words + " " + run + " " + rest);
  }
};

}  // namespace

TEST_CASE("a run that a program of one's own wrote is read by the commands") {
  const OwnRun own;
  CHECK(ae::load_run(own.run).spec == own.model.spec);
  const Output info = own.command("info");
  CHECK(info.code == 0);
  CHECK(info.out.starts_with("mine: 3-4-2-4-3\n"));
  CHECK(info.out.find("\n12 steps of adam: ") != std::string::npos);
  CHECK(info.out.find(": good\n") != std::string::npos);
  CHECK(own.command("encode", own.rows + " -o " + own.folder.path("codes.npy")).code == 0);
  CHECK(read_npy(own.folder.path("codes.npy")).shape() == Shape{4, 2});
  const Output judged = own.command("evaluate", "--data " + own.rows);
  CHECK(judged.code == 0);
  CHECK(judged.out.find("\nmse ") != std::string::npos);
  CHECK(judged.out.find("\nloss ") == std::string::npos);  // whose objective is not the program's
  CHECK(own.command("export", "--onnx -o " + own.folder.path("own.onnx")).code == 0);
}

TEST_CASE("what such a run has not is said in one line, and no other run is overwritten") {
  const OwnRun own;
  const Output judged = own.command("evaluate");
  CHECK(judged.code == 2);
  CHECK(judged.err ==
        "hourglass: error: evaluate: what the run learnt from is in no file: say --data PATH\n");
  for (const Output& output :
       {own.command("gradcheck", "--data " + own.rows), own.command("explain")}) {
    CHECK(output.code == 2);
    CHECK(output.err ==
          "hourglass: error: "
          "model: the run is of 'mine', whose objective is none of `hourglass models`: it can "
          "be given to info, evaluate, encode, decode, reconstruct, score, report and export\n");
  }
  CHECK_THROWS_WITH_AS(ae::save_run(own.run, own.model),
                       ("save_run: " + own.run + ": exists already").c_str(), FileError);
}
