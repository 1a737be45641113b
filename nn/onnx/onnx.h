#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass::nn {

// What the file says of itself, by name.
using OnnxMetadata = std::map<std::string, std::string>;

// A graph as the bytes of an ONNX file (IR version 8, opset 17), for any reader of ONNX: ONNX Runtime,
// say. Inputs and outputs are called by their labels, x.named("x"), or input_0, output_0, ...; what
// the graph holds, parameters included, is in the file. Sizes are those of the graph. What is only
// there for derivatives goes. Throws Error naming an op that ONNX has no counterpart for (random
// draws, lgamma, products with sparse arrays), an input that is not listed or a name that is used
// twice, and where the file would be longer than 2 GiB.
std::string onnx(const std::vector<Var>& outputs, const std::vector<Var>& inputs,
                 const OnnxMetadata& metadata = {});

// An input whose first size is the number of examples, [N, example...].
struct OnnxInput {
  std::string name;
  Shape example = {};
  DType dtype = DType::kF32;
};

// The same for any number of examples, N in the file: f is called twice, with two numbers of them,
// and every size that differs is a multiple of theirs. Throws Error besides where it is not, and where
// the graph is another one for another N (a mean over examples).
std::string onnx(const std::function<std::vector<Var>(const std::vector<Var>&)>& f,
                 const std::vector<OnnxInput>& inputs, const OnnxMetadata& metadata = {});

// Writes such bytes to a file as a whole. Throws FileError where it cannot be written.
void write_onnx(const std::string& path, const std::string& bytes);

}  // namespace hourglass::nn
