#include "nn/onnx/writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

constexpr std::int64_t kIrVersion = 8, kOpset = 17;
constexpr const char* kExamples = "N";  // what the open size is called

// What differs from host to host is the order of a number's bytes alone.
template <class T>
std::string little_endian(const T* numbers, std::size_t count) {
  std::string bytes;
  bytes.reserve(count * sizeof(T));
  for (std::size_t i = 0; i < count; ++i) {
    const auto* p = reinterpret_cast<const char*>(numbers + i);
    if constexpr (std::endian::native == std::endian::little) {
      bytes.append(p, sizeof(T));
    } else {
      bytes.append(std::make_reverse_iterator(p + sizeof(T)), std::make_reverse_iterator(p));
    }
  }
  return bytes;
}

ProtobufMessage attribute_message(const OnnxAttribute& attribute) {
  ProtobufMessage m;
  m.text(1, attribute.first);
  constexpr int kType = 20;
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.second)) {
    m.integer(3, *integer);
    m.integer(kType, 2);
  } else if (const auto* real = std::get_if<double>(&attribute.second)) {
    m.real(2, static_cast<float>(*real));
    m.integer(kType, 1);
  } else if (const auto* text = std::get_if<std::string>(&attribute.second)) {
    m.text(4, *text);
    m.integer(kType, 3);
  } else {
    for (std::int64_t n : std::get<std::vector<std::int64_t>>(attribute.second)) m.integer(8, n);
    m.integer(kType, 7);
  }
  return m;
}

// A ValueInfoProto: a name, and a type with a dtype and sizes.
ProtobufMessage value_message(const std::string& name, DType dtype, const OnnxShape& shape) {
  ProtobufMessage sizes;
  for (const OnnxSize& size : shape) {
    ProtobufMessage m;
    if (!size.open) {
      m.integer(1, size.number);
    } else {
      m.text(2, size.number == 1 ? kExamples : fmt::format("{}{}", size.number, kExamples));
    }
    sizes.message(1, m);
  }
  ProtobufMessage tensor;
  tensor.integer(1, static_cast<std::int64_t>(onnx_type(dtype)));
  tensor.message(2, sizes);
  ProtobufMessage type;
  type.message(1, tensor);
  ProtobufMessage value;
  value.text(1, name);
  value.message(2, type);
  return value;
}

// key = 1, value = 2: of metadata; domain = 1, version = 2: of an opset.
ProtobufMessage pair_message(const std::string& key, const std::string& value) {
  ProtobufMessage m;
  m.text(1, key);
  m.text(2, value);
  return m;
}

}  // namespace

OnnxType onnx_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return OnnxType::kF32;
    case DType::kF64:
      return OnnxType::kF64;
    case DType::kI32:
      return OnnxType::kI32;
    case DType::kU8:
      break;
  }
  return OnnxType::kU8;
}

std::string OnnxWriter::fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
  return name;
}

std::string OnnxWriter::node(std::string_view type, OnnxNames inputs,
                             std::vector<OnnxAttribute> attributes, std::size_t output) {
  ProtobufMessage rest;
  for (const std::string& name : inputs) rest.text(1, name);
  rest.text(4, type);
  for (const OnnxAttribute& attribute : attributes) rest.message(5, attribute_message(attribute));
  std::string& value = values_[rest.bytes()];
  if (!value.empty()) return value;
  OnnxNames outputs;
  for (std::size_t i = 0; i <= output; ++i) {
    outputs.push_back(fresh(scope_ + (scope_.empty() ? "" : "/") + std::string(type)));
  }
  value = outputs.back();
  nodes_.push_back({std::move(inputs), std::move(outputs), std::move(rest)});
  return value;
}

std::string OnnxWriter::cast(const std::string& value, OnnxType type) {
  return node("Cast", {value}, {{"to", static_cast<std::int64_t>(type)}});
}

std::string OnnxWriter::mask(const std::string& truth, DType dtype) {
  const std::string value = cast(truth, onnx_type(dtype));
  truths_[value] = truth;
  return value;
}

std::string OnnxWriter::truth(const std::string& mask) {
  const auto known = truths_.find(mask);
  return known == truths_.end() ? cast(mask, OnnxType::kBool) : known->second;
}

std::string OnnxWriter::constant(const Tensor& tensor, const std::string& name) {
  const auto count = static_cast<std::size_t>(tensor.elements());
  std::string bytes = visit(tensor.dtype(), [&](auto zero) {
    return little_endian(tensor.data<decltype(zero)>(), count);
  });
  constants_.push_back({fresh(name.empty() ? "constant" : name), onnx_type(tensor.dtype()),
                        tensor.shape().sizes(), std::move(bytes)});
  return constants_.back().name;
}

std::string OnnxWriter::number(double value, DType dtype) {
  std::string& name = numbers_[{dtype, std::bit_cast<std::uint64_t>(value)}];
  if (name.empty()) name = constant(Tensor::full(Shape{}, value, dtype));
  return name;
}

std::string OnnxWriter::integers(const std::vector<std::int64_t>& list) {
  std::string& name = integers_[list];
  if (name.empty()) {
    name = fresh("sizes");
    constants_.push_back({name,
                          OnnxType::kI64,
                          {static_cast<std::int64_t>(list.size())},
                          little_endian(list.data(), list.size())});
  }
  return name;
}

std::string OnnxWriter::examples() {
  if (examples_.empty()) {
    examples_ = node("Slice", {node("Shape", {counted_}), integers({0}), integers({1})});
  }
  return examples_;
}

std::string OnnxWriter::shape(const OnnxShape& shape) {
  std::vector<std::pair<std::int64_t, bool>> key;
  for (const OnnxSize& size : shape) key.emplace_back(size.number, size.open);
  std::string& name = shapes_[key];
  if (!name.empty()) return name;
  OnnxNames parts;
  std::vector<std::int64_t> known;
  const auto flush = [&] {
    if (!known.empty()) parts.push_back(integers(known));
    known.clear();
  };
  for (const OnnxSize& size : shape) {
    if (!size.open) {
      known.push_back(size.number);
      continue;
    }
    flush();
    parts.push_back(size.number == 1 ? examples()
                                     : node("Mul", {examples(), integers({size.number})}));
  }
  if (parts.empty()) return name = integers(known);
  flush();
  name = parts.size() == 1 ? parts[0] : node("Concat", parts, {{"axis", std::int64_t{0}}});
  return name;
}

void OnnxWriter::reserve(const std::string& name) {
  if (names_.insert(name).second) return;
  throw Error(fmt::format("onnx: two inputs or outputs are called {}", name));
}

void OnnxWriter::input(const std::string& name, DType dtype, const OnnxShape& shape) {
  inputs_.push_back({name, dtype, shape});
  if (counted_.empty() && !shape.empty() && shape[0].open) counted_ = name;
}

void OnnxWriter::output(const std::string& name, const std::string& value, DType dtype,
                        const OnnxShape& shape) {
  ProtobufMessage rest;
  rest.text(1, value);
  rest.text(4, "Identity");
  nodes_.push_back({{value}, {name}, std::move(rest)});
  outputs_.push_back({name, dtype, shape});
}

std::set<std::string> OnnxWriter::needed() const {
  std::set<std::string> values;
  for (const Port& output : outputs_) values.insert(output.name);
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    const bool used = std::any_of(node->outputs.begin(), node->outputs.end(),
                                  [&](const std::string& name) { return values.count(name) > 0; });
    if (used) values.insert(node->inputs.begin(), node->inputs.end());
    if (used) values.insert(node->outputs.begin(), node->outputs.end());
  }
  return values;
}

ProtobufMessage OnnxWriter::graph() const {
  const std::set<std::string> values = needed();
  ProtobufMessage graph;
  for (const Node& node : nodes_) {
    if (values.count(node.outputs[0]) == 0) continue;
    ProtobufMessage m = node.rest;
    for (const std::string& name : node.outputs) m.text(2, name);
    m.text(3, node.outputs[0]);
    graph.message(1, m);
  }
  graph.text(2, "hourglass");
  for (const Constant& constant : constants_) {
    if (values.count(constant.name) == 0) continue;
    ProtobufMessage m;
    for (std::int64_t size : constant.sizes) m.integer(1, size);
    m.integer(2, static_cast<std::int64_t>(constant.type));
    m.text(8, constant.name);
    m.text(9, constant.bytes);
    graph.message(5, m);
  }
  for (const Port& p : inputs_) graph.message(11, value_message(p.name, p.dtype, p.shape));
  for (const Port& p : outputs_) graph.message(12, value_message(p.name, p.dtype, p.shape));
  return graph;
}

std::string OnnxWriter::file(const std::map<std::string, std::string>& metadata) const {
  ProtobufMessage model, opset;
  model.integer(1, kIrVersion);
  model.text(2, "hourglass");
  model.message(7, graph());
  opset.text(1, "");
  opset.integer(2, kOpset);
  model.message(8, opset);
  for (const auto& [key, value] : metadata) model.message(14, pair_message(key, value));
  if (model.bytes().size() > kMostOnnxBytes) {
    throw Error(fmt::format("onnx: a file of {} bytes: ONNX files hold at most 2 GiB",
                            model.bytes().size()));
  }
  return model.bytes();
}

}  // namespace hourglass::internal
