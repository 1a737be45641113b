#include "tools/pictures.h"

#include "autograd/ops/ops.h"
#include "tensor/files/images.h"

namespace hourglass::tools {

Tensor pictures(const Tensor& images) {
  const Shape& s = images.shape();
  const Tensor bytes = images.dtype() == DType::kU8 ? images : to_u8_image(images);
  if (s[1] == 1) return bytes.reshape(s.without_axis(1));
  const Var planes = constant(bytes);
  if (s[1] == 3) return permute(planes, {0, 2, 3, 1}).value();
  return reshape(slice(planes, 1, {0, 1}), s.without_axis(1)).value();
}

}  // namespace hourglass::tools
