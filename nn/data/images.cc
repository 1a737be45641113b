#include "nn/data/images.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/png.h"
#include "tensor/memory.h"

namespace hourglass::nn {

using namespace internal;

namespace {

namespace fs = std::filesystem;

// A file of the folder by one of the spellings of MNIST's names: train-images-idx3-ubyte,
// .idx3-ubyte, .gz.
std::optional<std::string> find_named(const fs::path& folder, const std::string& stem, int rank) {
  for (const char* joint : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      const fs::path path = folder / fmt::format("{}{}idx{}-ubyte{}", stem, joint, rank, ending);
      if (fs::exists(path)) return path.string();
    }
  }
  return std::nullopt;
}

DataSet load_pair(const std::string& images, const std::optional<std::string>& labels,
                  const std::string& source) {
  DataSet result{.examples = load_images(images), .source = source};
  if (!labels) return result;
  result.labels = read_idx_labels(*labels).cast(DType::kI32);
  if (result.labels.elements() != result.count()) {
    throw FileError(fmt::format("data: {}: {} labels for {} images in {}", *labels,
                                result.labels.elements(), result.count(), images));
  }
  return result;
}

// What a folder without the usual names holds.
struct Found {
  std::vector<std::string> images, labels;
  std::string list;  // every file, with what it is
};

// How many axes an IDX file holds; 0 where the file is none.
std::size_t idx_rank(const std::string& path) {
  try {
    return read_idx_header(path).sizes.size();
  } catch (const FileError&) {
    return 0;
  }
}

Found search(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  Found found;
  for (const fs::path& path : paths) {
    const std::size_t rank = is_png(path.string()) ? 0 : idx_rank(path.string());
    if (rank == 3) found.images.push_back(path.string());
    if (rank == 1) found.labels.push_back(path.string());
    const char* what = rank == 3 ? " (images)" : rank == 1 ? " (labels)" : "";
    found.list += (found.list.empty() ? "" : ", ") + path.filename().string() + what;
  }
  if (found.list.empty()) found.list = "no files";
  return found;
}

}  // namespace

Tensor load_images(const std::string& path) {
  const IdxHeader header = read_idx_header(path);
  const bool real = header.stored == Stored::kF32 || header.stored == Stored::kF64;
  Tensor images = real && header.sizes.size() == 3 ? read_idx(path) : read_idx_images(path);
  if (images.elements() == 0) throw FileError(fmt::format("data: {}: holds no images", path));
  images = images.reshape(images.shape().with_axis(1, 1));
  if (images.dtype() == DType::kU8) return images;
  images = images.cast(DType::kF32);
  const float* x = images.data<float>();
  const std::int64_t pixels = images.shape().product(1, 4);
  for (std::int64_t i = 0; i < images.elements(); ++i) {
    if (x[i] >= 0 && x[i] <= 1) continue;
    throw FileError(
        fmt::format("data: {}: pixel {} of image {} is {}: expected numbers from 0 to 1", path,
                    i % pixels, i / pixels, x[i]));
  }
  return images;
}

bool is_png(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".png";
}

std::vector<std::string> png_files(const std::string& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_png(entry.path().string())) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Tensor load_png_images(const std::vector<std::string>& paths) {
  Tensor images;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Tensor image = read_png(paths[i]);
    if (image.shape().rank() != 2) {
      throw FileError(fmt::format("images: {}: is in colour: expected a grey image", paths[i]));
    }
    if (i == 0) {
      images = Tensor::uninitialized(
          image.shape().with_axis(0, static_cast<std::int64_t>(paths.size())), DType::kU8);
    } else if (image.shape() != images.shape().without_axis(0)) {
      throw FileError(fmt::format("images: {}: sizes differ: {}, {} has {}", paths[i],
                                  to_string(image.shape()), paths[0],
                                  to_string(images.shape().without_axis(0))));
    }
    std::memcpy(images.data<std::uint8_t>() + static_cast<std::int64_t>(i) * image.elements(),
                image.raw(), image.bytes());
  }
  return images.reshape(images.shape().with_axis(1, 1));
}

Tensor pad_images(const Tensor& images, std::int64_t side) {
  const std::int64_t n = images.shape().product(0, 2), h = images.shape()[2], w = images.shape()[3];
  if (h > side || w > side) {
    throw Error(fmt::format("pad: the images are larger: {} by {}: {} by {}", h, w, side, side));
  }
  const Shape shape{images.shape()[0], images.shape()[1], side, side};
  check_memory("pad", "the images",
               static_cast<std::size_t>(shape.elements()) * size_of(images.dtype()),
               available_memory(), {});
  Tensor padded(shape, images.dtype());
  const std::size_t pixel = size_of(images.dtype());
  const std::size_t row_bytes = static_cast<std::size_t>(w) * pixel;
  const char* from = static_cast<const char*>(images.raw());
  char* to = static_cast<char*>(padded.raw());
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t y = 0; y < h; ++y) {
      const std::int64_t at = (i * side + (side - h) / 2 + y) * side + (side - w) / 2;
      std::memcpy(to + static_cast<std::size_t>(at) * pixel,
                  from + static_cast<std::size_t>(i * h + y) * row_bytes, row_bytes);
    }
  }
  return padded;
}

RawData load_image_folder(const std::string& folder) {
  if (!fs::is_directory(folder)) {
    throw FileError(fmt::format(
        "data: {}: {}", folder,
        fs::exists(folder) ? "not a folder: expected one that holds IDX files or PNG images"
                           : "there is no such folder"));
  }
  const auto train = find_named(folder, "train-images", 3);
  const auto test = find_named(folder, "t10k-images", 3);
  if (train && test) {
    RawData data{.all = load_pair(*train, find_named(folder, "train-labels", 1), folder),
                 .test = load_pair(*test, find_named(folder, "t10k-labels", 1), folder)};
    const Shape &learnt = data.all.examples.shape(), &other = data.test->examples.shape();
    if (learnt.without_axis(0) == other.without_axis(0)) return data;
    throw FileError(
        fmt::format("data: {}: image sizes differ: {} by {} for training, {} by {} for testing",
                    folder, learnt[2], learnt[3], other[2], other[3]));
  }
  const Found found = search(folder);
  if (found.images.empty() && found.labels.empty() && !png_files(folder).empty()) {
    return {.all = {.examples = load_png_images(png_files(folder)), .source = folder}};
  }
  if (found.images.size() != 1 || found.labels.size() > 1) {
    throw FileError(fmt::format(
        "data: {}: expected MNIST's names (train-images-idx3-ubyte, "
        "t10k-images-idx3-ubyte, ...) or one pair of IDX files, or PNG images: found {}",
        folder, found.list));
  }
  const auto labels = found.labels.empty() ? std::nullopt : std::optional(found.labels[0]);
  return {.all = load_pair(found.images[0], labels, folder)};
}

}  // namespace hourglass::nn
