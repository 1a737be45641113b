// Writes what libFuzzer begins with: a folder a reader, with a few small files that it takes.

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "ae/model/model_file.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/idx.h"
#include "tensor/files/input_file.h"
#include "tensor/files/jpeg.h"
#include "tensor/files/npy.h"
#include "tensor/files/safetensors.h"
#include "tests/fuzz/readers.h"
#include "tests/tensor/npz_support.h"
#include "tests/tensor/png_support.h"
#include "tools/run_folder.h"

using namespace hourglass;
using namespace std::string_literals;

namespace {

class Seeds {
 public:
  explicit Seeds(std::string folder) : folder_(std::move(folder)) {
    for (const fuzz::Reader& reader : fuzz::readers()) {
      std::filesystem::create_directories(folder_ + "/" + reader.name);
    }
  }

  // Throws where the reader refuses it.
  void add(const std::string& name, const std::string& bytes) {
    for (const fuzz::Reader& reader : fuzz::readers()) {
      if (reader.name == name) reader.read(bytes);
    }
    internal::write_text(fmt::format("{}/{}/{}", folder_, name, count_++), bytes, "seeds");
  }
  // Data, which a last byte says how to read.
  void add_data(const std::string& name, const std::string& bytes, unsigned way = 0) {
    add(name, bytes + static_cast<char>(way));
  }

  // What `write` writes to a path that ends so.
  template <class Write>
  std::string written(const std::string& name, const Write& write) const {
    const std::string path = folder_ + "/" + name;
    write(path);
    std::string bytes = read_text(path, "seeds");
    std::filesystem::remove(path);
    return bytes;
  }

 private:
  std::string folder_;
  int count_ = 0;
};

Tensor numbers(const Shape& shape, DType dtype) {
  Tensor x(shape, DType::kU8);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    x.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 7 % 50);
  }
  return x.cast(dtype);
}

void add_arrays(Seeds& seeds) {
  const std::vector<Tensor> arrays = {numbers({5, 4, 3}, DType::kU8), numbers({4, 3}, DType::kF32),
                                      numbers({6}, DType::kI32), numbers({3, 8}, DType::kF64),
                                      numbers({2, 4, 4, 3}, DType::kU8)};
  for (const Tensor& x : arrays) {
    for (const char* name : {"x.idx", "x.idx.gz"}) {
      seeds.add_data("idx",
                     seeds.written(name, [&](const std::string& path) { write_idx(path, x); }));
    }
    const std::string npy =
        seeds.written("x.npy", [&](const std::string& path) { write_npy(path, x); });
    seeds.add_data("npy", npy);
    seeds.add_data("npz", test::Archive{.name = "x.npy", .bytes = npy}.text());
    seeds.add_data("npz", test::Archive{.name = "x.npy", .bytes = npy, .zip64 = true}.text());
    const std::vector<NamedTensor> named = {{"x", x}, {"y", numbers({x.shape()[0]}, DType::kI32)}};
    seeds.add_data(
        "npz", seeds.written("x.npz", [&](const std::string& path) { write_npz(path, named); }));
    seeds.add_data("safetensors", seeds.written("x.safetensors", [&](const std::string& path) {
      write_safetensors(path, named, {{"made", "by hand"}});
    }));
  }
}

void add_pictures(Seeds& seeds) {
  const std::string pixels = "\0abcdefghijkl"s, rows = pixels + pixels + pixels;
  for (const test::Png& png : {
           test::Png{.width = 12, .height = 3, .rows = rows},
           test::Png{.width = 4, .height = 3, .colour = 2, .rows = rows},
           test::Png{.width = 3, .height = 3, .colour = 6, .rows = rows},
           test::Png{.width = 6, .height = 3, .bits = 16, .rows = rows},
           test::Png{.width = 96, .height = 3, .bits = 1, .rows = rows},
           test::Png{.width = 24,
           .height = 3,
           .bits = 4,
           .colour = 3,
           .chunks = test::chunk("PLTE", std::string(48, '7')) + test::chunk("tRNS", "\x20\x40"),
           .rows = rows},
           test::Png{.width = 1, .height = 1, .interlaced = 1, .rows = "\0a"s},
       }) {
    seeds.add_data("png", png.text());
  }
  seeds.add_data("jpeg", jpeg_bytes(numbers({9, 12}, DType::kU8), 80));
  seeds.add_data("jpeg", jpeg_bytes(numbers({9, 12, 3}, DType::kU8), 80));
  for (const std::string& pnm :
       {"P1\n# drawn\n3 2\n1 0 1\n0 1 0\n"s, "P2 3 2 15 1 2 3 4 5 6\n"s, "P3 1 2 9 1 2 3 4 5 6\n"s,
        "P4 10 2\nabcd"s, "P5 3 2 255\nabcdef"s, "P5 1 2 65535 abcd"s, "P6 1 2 255\nabcdef"s}) {
    seeds.add_data("pnm", pnm);
  }
}

void add_texts(Seeds& seeds) {
  constexpr unsigned kMissing = 8, kWordsAndLabel = 0xe0;
  seeds.add_data("csv", "1,2,3\n4,5,6\n");
  seeds.add_data("csv", "name;length;class\n'a';1,5;x\n\"b \"\"c\"\"\";-2,5e3;y\n", kWordsAndLabel);
  seeds.add_data("csv", "day\ttime\tx\n2020-03-09\t10:14:33\t1\n9/3/2020\t10:14\tNA\n", kMissing);
  seeds.add_data("csv", "1 2 3\n  4 ? nan\n5 6 7\n", kMissing);
  seeds.add_data("csv", "label,0,1,2\r\n1,0,7,8\r\n0,1,2,\r\n", kMissing);
  seeds.add_data("csv", "\xef\xbb\xbf\"x\ny\"|z\n3|4\n");
  for (const char* svm : {"1 1:2 3:1 # first\n0 2:4\n", "0:0.5 7:-1e3\n\n2:1\n",
                          "+1 qid:3 1:1 2:1\n-1 qid:3 5:2\n"}) {
    seeds.add_data("svmlight", svm);
  }
  for (const char* mtx : {"%%MatrixMarket matrix coordinate integer general\n% words\n3 4 3\n"
                          "1 1 2\n2 4 1\n3 2 7\n",
                          "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n",
                          "%%MatrixMarket matrix array real general\n2 2\n1\n0\n2.5\n-3e-1\n"}) {
    seeds.add_data("mtx", mtx);
  }
  for (const char* text : {"The first document\nand a second, of words and words\n",
                           "\xc3\x84pfel \xce\x91\xce\xb2\xce\xb3 \xd0\x96 9 lives\r\n\n"}) {
    seeds.add_data("text", text);
  }
  seeds.add("toml",
            "force = true\n[train]\ncode = 3\nlr = 1e-3\nhidden = [64, 32]\ndata = 'a \\ b'\n"
            "loss = \"mse\"\nname = '''\na'''\n");
}

// A run of a table, with all that its config.json may say.
tools::RunConfig run_of_a_table(const ae::Spec& spec) {
  tools::RunConfig config;
  config.model = "dense";
  config.data = config.source = "/data/table.csv";
  config.reading.read = {.columns = {"a", "2"}, .label = "class", .missing = nn::Missing::kMask};
  config.reading.pad = config.reading.window = 2;
  config.schema = {.width = 3,
                   .columns = {"a", "b=red", "b=blue"},
                   .categories = {{.name = "b", .first = 1, .words = {"red", "blue"}}},
                   .classes = {"x", "y"}};
  config.kind = nn::DataKind::kRow;
  config.split = {80, 10, 10};
  config.spec = spec;
  config.outcome = "done";
  config.options.batch = 16;
  return config;
}

void add_models(Seeds& seeds) {
  ae::Spec table{.encoder = {3, 4, 2}, .scale = ae::Scale::kNone, .categories = {1, 2}};
  table.penalties = {ae::penalties::contractive(0.1)};
  ae::Spec pictures{.encoder = {16, 2}, .input = {1, 4, 4}, .conv = {{.channels = 2, .stride = 2}}};
  pictures.rule = ae::Gaussian{};
  pictures.loss = ae::Loss::kBce;
  for (const ae::Spec& spec : {table, pictures, ae::Spec{.encoder = {4, 2}, .tied = true}}) {
    seeds.add("model", seeds.written("model.safetensors", [&](const std::string& path) {
      ae::save_model(path, ae::make_autoencoder(spec, 0));
    }));
    seeds.add("config", tools::to_json(run_of_a_table(spec)).dump());
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) throw std::runtime_error("expected a folder");
  Seeds seeds(words[1]);
  add_arrays(seeds);
  add_pictures(seeds);
  add_texts(seeds);
  add_models(seeds);
}
