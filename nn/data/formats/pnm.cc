#include "tensor/files/pnm.h"

#include <cctype>

#include "nn/data/formats/format.h"

namespace hourglass::internal {

using namespace nn;

const Format& pnm_format = define_format({
    .name = "pnm",
    .what = "a PNM picture (.pbm, .pgm, .ppm)",
    .match =
        [](const DataFile& file) {
          const std::string& head = file.head;
          const bool magic = head.size() > 2 && head[0] == 'P' && head[1] >= '1' &&
                             head[1] <= '6' && std::isspace(static_cast<unsigned char>(head[2]));
          return magic ? Match::kContent : match(file, "", {"pbm", "pgm", "ppm", "pnm"});
        },
    .picture = [](const std::string& path, const ReadOptions&) { return read_pnm(path); },
});

}  // namespace hourglass::internal
