#include "tensor/files/safetensors.h"

#include "nn/data/formats/arrays.h"
#include "nn/data/formats/format.h"
#include "tensor/files/input_file.h"

namespace hourglass::internal {

using namespace nn;

// Of another network, unless another kind is asked for.
const Format& safetensors_format = define_format({
    .name = "safetensors",
    .what = "activations (.safetensors)",
    .match =
        [](const DataFile& file) {
          const bool looks = looks_like(file.head.substr(0, 64)) == "a safetensors file";
          return looks ? Match::kContent : match(file, "", {"safetensors"});
        },
    .read =
        [](const DataFile& file, const ReadOptions& options) {
          const std::string name =
              examples_among(file.path, safetensors_arrays(file.path), options);
          ReadOptions as_kind = options;
          if (!as_kind.kind) as_kind.kind = DataKind::kActivations;
          if (const auto mapped = mapped_safetensors(file.path, name)) {
            return from_array(file.path, *mapped, mapped->stored(), as_kind);
          }
          const StoredTensor array = read_stored_safetensors(file.path, name);
          return from_array(file.path, array.value, array.stored, as_kind);
        },
});

}  // namespace hourglass::internal
