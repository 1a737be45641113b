// cases FOLDER: the functions of the certificate as ONNX, with numbers: NAME-i.onnx takes x0, x1, ... and gives
// y, which NAME-i.safetensors holds, in f32. A line for each that has no counterpart.

#include <fmt/core.h>

#include "autograd/certificate/certificate.h"
#include "autograd/certificate/sample.h"
#include "autograd/graph/evaluate.h"
#include "autograd/transform/transform.h"
#include "nn/onnx/onnx.h"
#include "tensor/error.h"
#include "tensor/files/safetensors.h"

namespace {

using namespace hourglass;

// In f32, as most who run ONNX have it.
void write_case(const check::Case& c, const std::string& path) {
  const std::vector<Tensor> numbers = check::sample(c.arguments, 1);
  std::vector<Var> all;
  for (const Tensor& x : numbers) all.push_back(input(x.shape(), x.dtype()));
  all.push_back(c.build(all));
  all = cast_graph(all, DType::kF32);
  const Var y = all.back();
  all.pop_back();
  std::vector<NamedTensor> tensors;
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < all.size(); ++i) {
    tensors.push_back({fmt::format("x{}", i), numbers[i].cast(all[i].dtype())});
    feeds.push_back({all[i].named(tensors[i].name), tensors[i].value});
  }
  nn::write_onnx(path + ".onnx", nn::onnx({y}, all));
  tensors.push_back({"y", evaluate({y}, feeds)[0]});
  write_safetensors(path + ".safetensors", tensors);
}

void write_row(const check::Row& row, const std::string& folder) {
  int i = 0;
  for (const check::Case& c : row.cases) {
    if (c.use == check::Case::Use::kAll) {
      write_case(c, fmt::format("{}/{}-{}", folder, row.name, i++));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: cases FOLDER\n");
    return 2;
  }
  for (const check::Row& row : check::certificate_rows()) {
    try {
      write_row(row, argv[1]);
    } catch (const Error& error) {
      fmt::print("{}: {}\n", row.name, error.what());
    }
  }
}
