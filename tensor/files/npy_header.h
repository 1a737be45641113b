#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/numbers.h"

namespace hourglass::internal {

struct NpyHeader {
  Stored stored = Stored::kF32;
  ByteOrder order = ByteOrder::kLittle;
  bool fortran_order = false;
  std::vector<std::uint64_t> sizes;
};

// The dictionary of an NPY file, a Python literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }. `fail(position, what)` throws.
using NpyFail = std::function<void(std::size_t, const std::string&)>;
NpyHeader parse_npy_header(std::string_view text, const NpyFail& fail);

}  // namespace hourglass::internal
