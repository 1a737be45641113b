#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// A folder of IDX files, .gz or plain. With MNIST's names (train-images-idx3-ubyte, ...,
// t10k-labels-idx1-ubyte; labels may be missing) those are read. Otherwise the folder must hold one
// file of images and at most one of labels, or, without IDX files, PNG images: there is no test part
// then. Throws Error listing what was found, and FileError where a file is damaged, holds something
// else, or does not agree with its partner.
RawData load_image_folder(const std::string& folder);

// Images [N, C, h, w] in the middle of [N, C, side, side], zeros around them; where they do not divide
// evenly, one more below and to the right. Throws Error where they are larger.
Tensor pad_images(const Tensor& images, std::int64_t side);

// Whether the name says so: it ends in .png, .PNG or the like.
bool is_png(const std::string& path);

// The PNG files of a folder, ordered by name.
std::vector<std::string> png_files(const std::string& folder);

// Grey PNG images of one size: u8 [N, 1, H, W], in the order of the paths, of which there is at least
// one. FileError naming the file that is in colour or of another size.
Tensor load_png_images(const std::vector<std::string>& paths);

// One file of images: IDX [N, H, W], as [N, 1, H, W]; real-valued pixels must be finite and in [0, 1], else
// FileError.
Tensor load_images(const std::string& path);

}  // namespace hourglass::nn
