// What others have learnt: `import`.

#include <doctest/doctest.h>

#include "tensor/files/npy.h"
#include "tensor/files/safetensors.h"
#include "tests/tools/data_files.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

// A run, and its weights in a file under other names.
struct Foreign : Folder {
  std::string file = folder.path("theirs.safetensors"), run = folder.path("run");

  Foreign() {
    REQUIRE(train("dense --code 5 --epochs 1").code == 0);
    std::vector<NamedTensor> tensors = read_safetensors(run + "/model.safetensors").tensors;
    const std::vector<std::string> names = {"0.weight", "0.bias", "2.weight", "2.bias"};
    for (std::size_t i = 0; i < names.size(); ++i) tensors[i].name = names[i];
    write_safetensors(file, tensors);
  }
  Output import(const std::string& rest) const {
    return run_hourglass("import " + rest + " --data " + folder.path("data"));
  }
  void rejected(const std::string& rest, const std::string& line) const {
    const auto before = folder.list();
    const Output output = import(rest);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK(folder.list() == before);
  }
  Tensor reconstructed(const std::string& from) const {
    const std::string path = folder.path("y.npy");
    REQUIRE(run_hourglass("reconstruct " + from + " " + folder.path("data/t10k-images-idx3-ubyte") +
                          " -o " + path)
                .code == 0);
    return read_npy(path);
  }
};

}  // namespace

TEST_CASE("weights under other names become a run that gives what they gave") {
  const Foreign theirs;
  const std::string out = theirs.folder.path("imported");
  const Output output = theirs.import(theirs.file + " --like dense --code 5 --out " + out);
  CHECK(output.err == "");
  CHECK(output.code == 0);
  CHECK(
      output.out.starts_with("theirs    shape             ours\n"
                             "0.bias    [5]               encoder.0.bias\n"
                             "0.weight  [5, 36]           encoder.0.weight\n"
                             "2.bias    [36]              decoder.0.bias\n"
                             "2.weight  [36, 5]           decoder.0.weight\ntest mse "));
  CHECK(output.out.ends_with("wrote " + out + "\n"));
  CHECK(theirs.reconstructed(out).values() == theirs.reconstructed(theirs.run).values());
  const std::string info = run_hourglass("info " + out).out;
  CHECK(info.find("\nimported from " + theirs.file + "\ncomputed with ") != std::string::npos);
  CHECK(info.find(" steps of ") == std::string::npos);
  // Under our own names there is nothing to be said.
  const Output again = theirs.import(theirs.run + "/model.safetensors --like dense --code 5 " +
                                     "--force --out " + out);
  CHECK(again.out.starts_with("test mse "));
}

TEST_CASE("weights of a table's model are given the scale that its data have") {
  const TemporaryFolder folder;
  const std::string table = folder.path("days.csv"), run = folder.path("run"),
                    out = folder.path("imported"), file = folder.path("theirs.safetensors");
  write_bytes(table, kelvin_csv());
  const std::string data = " --code 2 --label site --data " + table;
  REQUIRE(run_hourglass("train linear --epochs 2 --no-report" + data + " --out " + run).code == 0);
  std::vector<NamedTensor> tensors = read_safetensors(run + "/model.safetensors").tensors;
  std::erase_if(tensors, [](const NamedTensor& t) { return t.name.starts_with("input."); });
  REQUIRE(tensors.size() == 4);
  write_safetensors(file, tensors);
  REQUIRE(run_hourglass("import " + file + " --like linear" + data + " --out " + out).code == 0);
  const auto reconstructed = [&](const std::string& from) {
    const std::string y = folder.path("y.csv");
    REQUIRE(run_hourglass("reconstruct " + from + " " + table + " -o " + y).err == "");
    return read_bytes(y);
  };
  CHECK(reconstructed(out) == reconstructed(run));
}

TEST_CASE("weights that are not the model's are refused in one line, and no run is written") {
  const Foreign theirs;
  const std::string to = " --out " + theirs.folder.path("imported");
  theirs.rejected(theirs.file + " --like dense --code 6" + to,
                  "import: " + theirs.file +
                      ": no tensor for 4 of the model's parameters, no place for 4 tensors: the "
                      "options that say a model's widths are those of train");
  theirs.rejected(theirs.file + to, "import: --like is required: see hourglass import --help");
  const Output unknown = theirs.import(theirs.file + " --like dens" + to);
  CHECK(unknown.code == 2);
  CHECK(
      unknown.err.starts_with("hourglass: error: model: there is none named dens: did you mean "
                              "dense? Expected one of pca, linear, "));
  theirs.rejected(theirs.file + " --like dense --out " + theirs.run,
                  "import: " + theirs.run + ": exists already: --force replaces it");
  const std::string images = theirs.folder.path("data/t10k-images-idx3-ubyte");
  theirs.rejected(images + " --like dense" + to,
                  "read_safetensors: " + images +
                      ": byte 0: a header of 720575940430135296 bytes: expected at most 100000000: "
                      "this looks like an IDX file");
}
