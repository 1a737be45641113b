#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::tools {

// Images [N, H, W] (u8, or f32 in [0, 1]) from an IDX file, an NPY array ([N, H, W], [H, W] or [N,
// H * W]) or a PNG of one grey image, told by the name's ending, or from a folder of PNGs, ordered
// by name. Throws FileError where the sizes are not H by W; with `pad`, smaller ones are put into
// the middle (H = W).
Tensor read_image_file(const std::string& path, std::int64_t height, std::int64_t width,
                       bool pad = false);

// The same from a path, or from several, which must be PNG files.
Tensor read_image_files(const std::vector<std::string>& paths, std::int64_t height,
                        std::int64_t width, bool pad = false);

// Throws Error unless the name ends in .idx, .idx.gz, .npy or .png (before work is done for it).
void check_image_output(const std::string& path);

// Pixels f32 [N, H, W]: NPY keeps them, IDX and PNG round to u8; a PNG of several images is a sheet
// of so many columns (0: one line of up to 12, else nearly as many as rows), small images twice as
// large.
void write_image_file(const std::string& path, const Tensor& pixels, int columns = 0);

}  // namespace hourglass::tools
