#pragma once

#include <fmt/core.h>

#include <string_view>

#include "tensor/error.h"
#include "tensor/tensor.h"

namespace hourglass::internal {

// Throws Error, which begins with `who`, unless the image is u8 [H, W] or [H, W, 3] with sides of 1
// to `most`, which messages call `most_text`.
inline void check_written_image(std::string_view who, const Tensor& image, std::int64_t most,
                                std::string_view most_text) {
  if (!image.defined()) throw Error(fmt::format("{}: the image is undefined", who));
  const Shape& shape = image.shape();
  const bool grey = shape.rank() == 2, colour = shape.rank() == 3 && shape[2] == 3;
  if (image.dtype() != DType::kU8 || (!grey && !colour)) {
    throw Error(fmt::format("{}: expected u8 [H, W] or [H, W, 3]: got {} {}", who,
                            name_of(image.dtype()), to_string(shape)));
  }
  for (int axis : {0, 1}) {
    if (shape[axis] < 1 || shape[axis] > most) {
      throw Error(
          fmt::format("{}: sizes must be from 1 to {}: {}", who, most_text, to_string(shape)));
    }
  }
}

}  // namespace hourglass::internal
