#include "tensor/files/npy.h"

#include "nn/data/formats/arrays.h"
#include "nn/data/formats/format.h"

namespace hourglass::internal {

using namespace nn;

const Format& npy_format = define_format({
    .name = "npy",
    .what = "a NumPy array (.npy)",
    .match = [](const DataFile& file) { return match(file, "\x93NUMPY", {"npy"}); },
    .read =
        [](const DataFile& file, const ReadOptions& options) {
          if (const auto mapped = mapped_npy(file.path)) {
            return from_array(file.path, *mapped, mapped->stored(), options);
          }
          const StoredTensor array = read_stored_npy(file.path);
          return from_array(file.path, array.value, array.stored, options);
        },
});

}  // namespace hourglass::internal
