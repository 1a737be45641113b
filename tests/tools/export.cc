// What others are handed: `export`.

#include <doctest/doctest.h>

#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;

namespace {

struct ExportedRun : Folder {
  explicit ExportedRun(const std::string& options) {
    REQUIRE(train(options + " --epochs 1").code == 0);
  }
  Output command(const std::string& rest) const {
    return run_hourglass("export " + folder.path("run") + " " + rest);
  }
  std::string file() const { return folder.path("model.onnx"); }
  void writes(const std::string& rest, const std::string& ports) const {
    const Output output = command("--onnx -o " + file() + " " + rest);
    CHECK(output.err == "");
    CHECK(output.out == "wrote " + file() + ": " + ports + "\n");
    CHECK(read_bytes(file()).find("hourglass") != std::string::npos);
  }
  void rejected(const std::string& rest, const std::string& line) const {
    const auto before = folder.list();
    const Output output = command(rest);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK(folder.list() == before);
  }
};

}  // namespace

TEST_CASE("export --onnx says what the file takes and gives, part by part") {
  const ExportedRun run("dense --code 5");
  run.writes("", "x u8 [N, 1, 6, 6] -> reconstruction f32 [N, 1, 6, 6], code f32 [N, 5]");
  run.writes("--part encoder --input f32", "x f32 [N, 1, 6, 6] -> code f32 [N, 5]");
  run.writes("--part decoder", "code f32 [N, 5] -> reconstruction f32 [N, 1, 6, 6]");
  run.writes("--part all --input f64",
             "x f64 [N, 1, 6, 6] -> reconstruction f64 [N, 1, 6, 6], code f32 [N, 5]");
  const std::string first = read_bytes(run.file());
  run.writes("--part all --input f64",
             "x f64 [N, 1, 6, 6] -> reconstruction f64 [N, 1, 6, 6], code f32 [N, 5]");
  CHECK(read_bytes(run.file()) == first);
}

TEST_CASE("a class-conditional model takes labels, and a decoder that unpools is noted") {
  const ExportedRun labelled("cvae");
  labelled.writes("--part decoder",
                  "code f32 [N, 20], labels i32 [N] -> reconstruction f32 [N, 1, 6, 6]");
  const ExportedRun pooled("conv-pool");
  const Output output = pooled.command("--onnx --part decoder -o " + pooled.file());
  CHECK(output.code == 0);
  CHECK(output.err.starts_with("hourglass: note: the decoder unpools"));
}

TEST_CASE("export --torch writes a module that loads the run's weights") {
  const ExportedRun run("dense --code 5");
  const std::string path = run.folder.path("model.py");
  const Output output = run.command("--torch -o " + path);
  CHECK(output.err == "");
  CHECK(output.out == "wrote " + path + ": load(\"" + run.folder.path("run") +
                          "/model.safetensors\") gives the model\n");
  CHECK(read_bytes(path).starts_with("\"\"\"The autoencoder dense, as a PyTorch module"));
}

TEST_CASE("what cannot be exported is refused in one line, and nothing is written") {
  const ExportedRun run("dense");
  const std::string to = " -o " + run.file();
  run.rejected("-o x.onnx", "export: expected either --onnx or --torch");
  run.rejected("--onnx --torch" + to, "export: expected one of --onnx and --torch");
  run.rejected("--torch --part encoder" + to, "export: --part is of --onnx alone");
  run.rejected("--torch --input u8" + to, "export: --input is of --onnx alone");
  run.rejected("--onnx --part middle" + to,
               "part: there is none named middle: expected one of all, encoder, decoder");
  run.rejected("--onnx --input f16" + to, "export: --input: expected u8, i32, f32 or f64: got f16");
  run.rejected("--onnx", "export: --output is required: see hourglass export --help");
  run.rejected("--onnx -o " + run.folder.path("none/x.onnx"),
               "write_onnx: " + run.folder.path("none/x.onnx") +
                   ": cannot create: No such file or directory");
  const Output missing = run_hourglass("export nowhere --onnx -o x.onnx");
  CHECK(missing.code == 2);
  CHECK(missing.err ==
        "hourglass: error: run folder: nowhere/config.json: cannot open: No such file or "
        "directory\n");
}
