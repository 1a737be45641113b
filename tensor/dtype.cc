#include "tensor/dtype.h"

namespace hourglass {

std::size_t size_of(DType dtype) {
  return visit(dtype, [](auto zero) { return sizeof(zero); });
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "f32";
    case DType::kF64:
      return "f64";
    case DType::kI32:
      return "i32";
    case DType::kU8:
      break;
  }
  return "u8";
}

}  // namespace hourglass
