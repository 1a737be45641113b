#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "nn/onnx/protobuf.h"
#include "tensor/tensor.h"

namespace hourglass::internal {

// A size of an array in an ONNX graph: a number or, where open, so many times the number of examples,
// which is known when the graph runs.
struct OnnxSize {
  std::int64_t number = 0;
  bool open = false;
  bool operator==(const OnnxSize&) const = default;
};
using OnnxShape = std::vector<OnnxSize>;

// What Protocol Buffers, and so a file, can hold.
inline constexpr std::uint64_t kMostOnnxBytes = 0x7fffffff;

// TensorProto.DataType, as far as it is written here.
enum class OnnxType : std::int64_t { kF32 = 1, kU8 = 2, kI32 = 6, kI64 = 7, kBool = 9, kF64 = 11 };
OnnxType onnx_type(DType dtype);

using OnnxAttribute =
    std::pair<std::string,
              std::variant<std::int64_t, double, std::vector<std::int64_t>, std::string>>;
using OnnxNames = std::vector<std::string>;  // of values

// A graph of ONNX (onnx.ai, IR version 8, opset 17) while it is written: nodes in the order in which
// they are added. Values are known by their names.
class OnnxWriter {
 public:
  // What the next nodes' values are called after: "encoder.0".
  void set_scope(const std::string& scope) { scope_ = scope; }

  // The value of a node of this type; of one with several outputs that of number `output`. Equal
  // nodes are one.
  std::string node(std::string_view type, OnnxNames inputs,
                   std::vector<OnnxAttribute> attributes = {}, std::size_t output = 0);
  std::string cast(const std::string& value, OnnxType type);
  // A truth value as 0 or 1 of the dtype; and back, which asks for the truth value itself.
  std::string mask(const std::string& truth, DType dtype);
  std::string truth(const std::string& mask);

  std::string constant(const Tensor& tensor, const std::string& name = "");
  std::string number(double value, DType dtype);                // a scalar
  std::string integers(const std::vector<std::int64_t>& list);  // i64 [n]
  std::string shape(const OnnxShape& shape);                    // the same, of sizes

  // Keeps a name for an input or an output: Error where another has it.
  void reserve(const std::string& name);
  // Inputs and outputs in their order, under names that were reserved. The first input whose first
  // size is open tells how many examples there are.
  void input(const std::string& name, DType dtype, const OnnxShape& shape);
  void output(const std::string& name, const std::string& value, DType dtype,
              const OnnxShape& shape);

  // The file, without the nodes and constants that no output needs. Error where it would be longer
  // than Protocol Buffers can be.
  std::string file(const std::map<std::string, std::string>& metadata) const;

 private:
  struct Node {
    OnnxNames inputs, outputs;
    ProtobufMessage rest;  // its type, attributes and inputs
  };
  struct Constant {
    std::string name;
    OnnxType type;
    std::vector<std::int64_t> sizes;
    std::string bytes;
  };
  struct Port {
    std::string name;
    DType dtype;
    OnnxShape shape;
  };

  std::string fresh(const std::string& wanted);
  std::string examples();  // how many there are, i64 [1]
  std::set<std::string> needed() const;
  ProtobufMessage graph() const;

  std::string scope_;
  std::vector<Node> nodes_;
  std::vector<Constant> constants_;
  std::vector<Port> inputs_, outputs_;
  std::set<std::string> names_;
  std::map<std::string, std::string> values_;  // of nodes, by what they are
  std::map<std::string, std::string> truths_;  // of masks
  std::map<std::pair<DType, std::uint64_t>, std::string> numbers_;
  std::map<std::vector<std::int64_t>, std::string> integers_;
  std::map<std::vector<std::pair<std::int64_t, bool>>, std::string> shapes_;
  std::string counted_;  // the input that tells how many examples there are
  std::string examples_;
};

}  // namespace hourglass::internal
