#pragma once

#include <cstdint>
#include <string>

#include "ae/model/autoencoder.h"
#include "nn/onnx/onnx.h"
#include "tensor/enum_names.h"

namespace hourglass::ae {

enum class ModelPart : std::uint8_t {
  kAll,      // x -> reconstruction, code
  kEncoder,  // x -> code
  kDecoder   // code -> reconstruction
};
const EnumNames<ModelPart>& names_of(ModelPart);  // "all", "encoder", "decoder"
using hourglass::name_of;

struct OnnxExport {
  ModelPart part = ModelPart::kAll;
  DType stored = DType::kF32;  // of x: u8 of images as bytes
  nn::OnnxMetadata metadata = {};
};

// A model as an ONNX file, for any number N of examples and without noise. It takes and gives what
// the model's users have, x [N, example...], scaling and what is missing included: reconstruction is
// like x, f32 where that holds bytes and pixels in [0, 1] then; code is f32 [N, H]. A class-conditional
// model takes labels, i32 [N], too. The file holds the spec as "spec". Throws Error naming an op that
// ONNX has no counterpart for, FileError where the file cannot be written.
void export_onnx(const std::string& path, const Autoencoder& model, const OnnxExport& options = {});

}  // namespace hourglass::ae
