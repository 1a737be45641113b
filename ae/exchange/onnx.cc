#include "ae/exchange/onnx.h"

#include "autograd/ops/ops.h"

namespace hourglass::ae {
namespace {

// [N, example...] -> [N, D], and back.
Var as_rows(const Var& x) { return reshape_to(x, {x.size(0), -1}); }

Var as_examples(const Spec& spec, const Var& rows) {
  return reshape(rows, spec.example_shape().with_axis(0, rows.size(0)));
}

}  // namespace

const EnumNames<ModelPart>& names_of(ModelPart) {
  static const EnumNames<ModelPart> names = {"part",
                                             {{"all", ModelPart::kAll},
                                              {"encoder", ModelPart::kEncoder},
                                              {"decoder", ModelPart::kDecoder}}};
  return names;
}

void export_onnx(const std::string& path, const Autoencoder& model, const OnnxExport& options) {
  const Spec& spec = model.spec;
  const DType real = is_real(options.stored) ? options.stored : DType::kF32;
  const auto reconstruction = [&](const Var& y) {
    return as_examples(spec, cast(model.unscaled(y), real)).named("reconstruction");
  };
  const auto part = [&](const std::vector<Var>& inputs) -> std::vector<Var> {
    const Var labels = inputs.size() > 1 ? inputs[1] : Var();
    if (options.part == ModelPart::kDecoder) {
      return {reconstruction(model.decode({.code = inputs[0], .labels = labels}))};
    }
    const Var x = model.scaled(as_rows(inputs[0]));
    const Var code = model.encode(x, labels).code.named("code");
    if (options.part == ModelPart::kEncoder) return {code};
    return {reconstruction(model.reconstruct(x, labels)), code};
  };
  std::vector<nn::OnnxInput> inputs = {{"x", spec.example_shape(), options.stored}};
  if (options.part == ModelPart::kDecoder) {
    inputs = {{"code", Shape{spec.code_width()}, model.dtype()}};
  }
  if (spec.classes > 0) inputs.push_back({"labels", {}, DType::kI32});
  nn::OnnxMetadata metadata = options.metadata;
  metadata["spec"] = to_json(spec);
  nn::write_onnx(path, nn::onnx(part, inputs, metadata));
}

}  // namespace hourglass::ae
