#include "tensor/files/png.h"

#include "nn/data/formats/format.h"

namespace hourglass::internal {

using namespace nn;

const Format& png_format = define_format({
    .name = "png",
    .what = "a PNG picture",
    .match = [](const DataFile& file) { return match(file, "\x89PNG", {"png"}); },
    .picture =
        [](const std::string& path, const ReadOptions& options) {
          return read_png(path, {.background = options.background, .wide = true});
        },
});

}  // namespace hourglass::internal
