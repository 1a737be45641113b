#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "ae/exchange/onnx.h"
#include "ae/exchange/torch.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/commands.h"

namespace hourglass::tools {

using namespace internal;

namespace {

struct ExportArguments {
  std::string run, out;
  std::optional<std::string> part, input;
  bool onnx = false, torch = false;
};

// Of what x is: said, or bytes of pixels, else f32.
DType stored_as(const ExportArguments& a, const RunConfig& config) {
  if (!a.input) {
    const bool bytes =
        config.kind == nn::DataKind::kImage && config.spec.scale == ae::Scale::kPixels;
    return bytes ? DType::kU8 : DType::kF32;
  }
  for (DType dtype : {DType::kU8, DType::kI32, DType::kF32, DType::kF64}) {
    if (name_of(dtype) == *a.input) return dtype;
  }
  throw Error(fmt::format("export: --input: expected u8, i32, f32 or f64: got {}", *a.input));
}

// "[N, 1, 28, 28]"
std::string open_shape(const Shape& example) {
  const std::string text = to_string(example);
  return text == "[]" ? "[N]" : "[N, " + text.substr(1);
}

std::string ports_text(const ae::Spec& spec, const ae::OnnxExport& options) {
  const std::string example = open_shape(spec.example_shape()),
                    code = fmt::format("code f32 [N, {}]", spec.code_width()),
                    labels = spec.classes > 0 ? ", labels i32 [N]" : "",
                    back = fmt::format("reconstruction {} {}",
                                       options.stored == DType::kF64 ? "f64" : "f32", example);
  const std::string x = fmt::format("x {} {}", name_of(options.stored), example);
  if (options.part == ae::ModelPart::kDecoder) return code + labels + " -> " + back;
  if (options.part == ae::ModelPart::kEncoder) return x + labels + " -> " + code;
  return x + labels + " -> " + back + ", " + code;
}

int export_onnx_file(const ExportArguments& a, const LoadedRun& run) {
  ae::OnnxExport options{.part = enum_named<ae::ModelPart>(a.part.value_or("all")),
                         .stored = stored_as(a, run.config)};
  const std::vector<std::string>& columns = run.config.schema.columns;
  if (!columns.empty()) options.metadata["columns"] = json_text(json_of(columns));
  ae::export_onnx(a.out, run.model, options);
  if (options.part == ae::ModelPart::kDecoder) note_unpooling(run.config);
  fmt::print("wrote {}: {}\n", a.out, ports_text(run.config.spec, options));
  return kDone;
}

int export_torch_file(const ExportArguments& a, const RunConfig& config) {
  if (a.part || a.input) {
    throw Error(fmt::format("export: --{} is of --onnx alone", a.part ? "part" : "input"));
  }
  ae::export_torch(a.out, config.spec, "The autoencoder " + config.model);
  fmt::print("wrote {}: load(\"{}/model.safetensors\") gives the model\n", a.out, a.run);
  return kDone;
}

int export_model(const ExportArguments& a) {
  if (a.onnx == a.torch) {
    throw Error(fmt::format("export: expected {} --onnx {} --torch", a.onnx ? "one of" : "either",
                            a.onnx ? "and" : "or"));
  }
  return a.onnx ? export_onnx_file(a, open_run(a.run)) : export_torch_file(a, read_config(a.run));
}

void add_export(CommandLine& program) {
  auto arguments = std::make_shared<ExportArguments>();
  const Command command = program.add_command(
      "export", "A model for other programs, what is done to its data ahead of it included");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_flag("--onnx", arguments->onnx, "As ONNX, for ONNX Runtime and others");
  command.add_flag("--torch", arguments->torch,
                   "As the Python source of a PyTorch module, which loads RUN/model.safetensors");
  command.add_option("-o,--output", arguments->out, "The file to write").required();
  command
      .add_option("--part", arguments->part,
                  "Of ONNX: " + enum_choices<ae::ModelPart>() +
                      " (nothing: all, which gives reconstruction and code)")
      .offers(enum_words<ae::ModelPart>());
  command
      .add_option("--input", arguments->input,
                  "Of ONNX: what x is: u8, i32, f32 or f64 (nothing: u8 of pixels, else f32)")
      .offers({"u8", "i32", "f32", "f64"});
  command.set_action([arguments] { return export_model(*arguments); });
}

const CommandEntry kExportEntry(17, add_export);

}  // namespace
}  // namespace hourglass::tools
