#include "tensor/files/jpeg.h"

#include "nn/data/formats/format.h"

namespace hourglass::internal {

using namespace nn;

const Format& jpeg_format = define_format({
    .name = "jpeg",
    .what = "a JPEG picture",
    .match =
        [](const DataFile& file) {
          return match(file, "\xff\xd8\xff", {"jpg", "jpeg"});
        },
    .picture = [](const std::string& path, const ReadOptions&) { return read_jpeg(path); },
});

}  // namespace hourglass::internal
