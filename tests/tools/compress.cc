#include <doctest/doctest.h>
#include <fmt/core.h>

#include <filesystem>
#include <string>

#include "tensor/files/npy.h"
#include "tests/tensor/pictures.h"
#include "tests/tools/data_files.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

struct Compressed {
  TemporaryFolder folder;
  std::string run = folder.path("run"), data = folder.path("data"), file = folder.path("codes");

  explicit Compressed(const std::string& model) {
    write_small_data(data);
    train(model);
  }
  void train(const std::string& model) const {
    REQUIRE(run_hourglass("train " + model + " --epochs 1 --batch 16 --force --data " + data +
                          " --out " + run)
                .code == 0);
  }
  std::string images() const { return data + "/t10k-images-idx3-ubyte"; }
  Output command(const std::string& name, const std::string& words) const {
    return run_hourglass(name + " " + run + " " + words);
  }
  Output compress(const std::string& options = "") const {
    return command("compress", images() + " -o " + file + " " + options);
  }
  Tensor decompressed() const {
    const std::string out = folder.path("back.npy");
    const Output output = command("decompress", file + " -o " + out);
    CHECK(output.err == "");
    CHECK(output.out == "wrote 10 images to " + out + "\n");
    return read_npy(out);
  }
  Tensor reconstructed() const {
    const std::string out = folder.path("direct.npy");
    REQUIRE(command("reconstruct", images() + " -o " + out).code == 0);
    return read_npy(out);
  }
  void refused(const Output& output, const std::string& line) const {
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  }
};

}  // namespace

TEST_CASE("decompress of compress is reconstruct but for the steps, finer ones the nearer") {
  const Compressed small("dense --hidden 9 --code 3");
  const Output wrote = small.compress("--bits 12");
  CHECK(wrote.err == "");
  CHECK(wrote.out.starts_with("wrote 10 images to " + small.file + "\n360 bytes in, "));
  CHECK(wrote.out.find(" bits a number, PSNR ") != std::string::npos);
  const std::uintmax_t fine = std::filesystem::file_size(small.file);
  CHECK(wrote.out.find(fmt::format(" {} bytes out", fine)) != std::string::npos);
  CHECK(farthest(small.decompressed(), small.reconstructed()) < 1e-3);
  REQUIRE(small.compress("--step 4").code == 0);
  CHECK(std::filesystem::file_size(small.file) < fine);
  CHECK(farthest(small.decompressed(), small.reconstructed()) > 1e-3);
}

TEST_CASE("codes of a codebook are kept as their places in it, exactly") {
  const Compressed small("vq-vae --hidden 9 --code 8 --codebook 5,2");
  REQUIRE(small.compress().err == "");
  CHECK(small.decompressed().identical(small.reconstructed()));
  small.refused(small.compress("--bits 3"),
                "compress: the model's codes are of a codebook: they have no steps");
}

TEST_CASE("a table is compressed too, and comes back in its own units") {
  const TemporaryFolder folder;
  const std::string table = folder.path("days.csv"), run = folder.path("run");
  write_bytes(table, kelvin_csv());
  REQUIRE(run_hourglass("train pca --code 2 --label site --data " + table + " --out " + run).code ==
          0);
  const std::string file = folder.path("codes"), back = folder.path("back.csv");
  const Output wrote = run_hourglass("compress " + run + " " + table + " -o " + file);
  CHECK(wrote.err == "");
  CHECK(wrote.out.find(" bits a number, root of the mean squared error ") != std::string::npos);
  REQUIRE(run_hourglass("decompress " + run + " " + file + " -o " + back).err == "");
  CHECK(read_bytes(back).starts_with("morning,noon,evening,night\n2"));
}

TEST_CASE("what compress and decompress cannot do is said in one line") {
  const Compressed small("dense --hidden 9 --code 3");
  small.refused(small.compress("--bits 17"), "compress: bits: expected 1 to 16: got 17");
  small.refused(small.compress("--step 0"), "quantiser: step: must be above 0: got 0");
  write_small_data(small.folder.path("wide"), 12, 5, 9);
  const std::string wide = small.folder.path("wide/t10k-images-idx3-ubyte");
  small.refused(small.command("compress", wide + " -o " + small.file),
                "compress: the model takes images of 6 by 6, " + wide + " holds images of 9 by 9");
  CHECK_FALSE(std::filesystem::exists(small.file));
  REQUIRE(small.compress().code == 0);
  const std::string out = small.folder.path("back.npy");
  const auto decompress = [&] { return small.command("decompress", small.file + " -o " + out); };
  const std::string bytes = read_bytes(small.file);
  write_bytes(small.file, bytes.substr(0, bytes.size() - 3));
  small.refused(decompress(),
                "compressed: " + small.file + ": is cut off or damaged: it ends too early");
  small.refused(small.command("decompress", wide + " -o " + out),
                "compressed: " + wide +
                    ": is no file of hourglass compress: it does not begin with \"hourglass codes "
                    "1\"");
  write_bytes(small.file, bytes);
  small.train("dense --hidden 9 --code 3 --seed 5");
  const Output other = decompress();
  CHECK(other.code == 2);
  CHECK(other.err.starts_with("hourglass: error: decompress: " + small.file +
                              ": is of another model: SHA-256 "));
  CHECK(other.err.ends_with(" of the run\n"));
  CHECK_FALSE(std::filesystem::exists(out));
}
