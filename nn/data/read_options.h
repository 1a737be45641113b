#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "tensor/enum_names.h"
#include "tensor/files/csv.h"

namespace hourglass::nn {

using hourglass::HeaderRow;  // whether the first row of a table names its columns

// What becomes of a value that a table lacks.
enum class Missing : std::uint8_t {
  kRefuse,  // an error that names row and column
  kMask,    // NaN in the examples, for a model that leaves it out of its loss
  kMean,    // NaN in the examples, for a model that fills in the column's mean
  kDrop     // its row is left out
};
const EnumNames<Missing>& names_of(Missing);  // "refuse", "mask", "mean", "drop"

// Where the channels of an array of images stand: [N, C, H, W] or [N, H, W, C].
enum class ImageLayout : std::uint8_t { kChannelsFirst, kChannelsLast };
const EnumNames<ImageLayout>& names_of(ImageLayout);  // "CHW", "HWC"

struct ImageSize {
  std::int64_t height = 0, width = 0;
};

// A column is said by its name, by its number from 1, or as "last".
struct ReadOptions {
  std::optional<DataKind> kind = {};  // else as the path's format has it
  std::string format = {};            // the name of a format, else the one that the path looks like
  bool series = false;                // the rows of a table or of an array [T, C] are time steps

  // Tables.
  HeaderRow header = HeaderRow::kAuto;
  bool decimal_comma = false;
  std::optional<char> delimiter = {};      // else found
  std::vector<std::string> columns = {};   // these and no others, in this order
  std::vector<std::string> drop = {};      // these left out
  std::vector<std::string> category = {};  // one-hot, as "colour=red", "colour=blue", ...
  std::optional<std::string> label = {};   // words or whole numbers, kept from the examples
  Missing missing = Missing::kRefuse;

  // Images.
  std::optional<ImageSize> resize = {};
  bool grey = false;
  std::array<std::uint8_t, 3> background = {255, 255, 255};  // behind transparent pixels
  std::optional<ImageLayout> layout = {};                    // else by the shape of an array
  bool of_255 = false;     // real pixels that look like those of bytes are: divide them
  bool any_range = false;  // real pixels beyond [0, 1] are meant as they are: a scale was given

  // Arrays by name.
  std::string member = {};         // of the examples: else x, or the only one that could be
  std::string labels_member = {};  // of the labels: else y, if there is one

  // Plain text.
  std::int64_t vocabulary = 2000;  // so many words at most, those that are seen most often
  std::string stop_words = {};     // left out: "english", or a file of words; else none

  // Of the data that a run has learnt from: others are then read alike.
  std::optional<Schema> schema = {};
};

}  // namespace hourglass::nn
