#include "nn/data/images.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("padded images stand in the middle, the odd pixel below and to the right") {
  const Tensor stored = Tensor::from<std::uint8_t>({1, 2, 3, 4, 5, 6}, {1, 1, 2, 3});
  CHECK(nn::pad_images(stored, 5).values() == std::vector<double>{0, 0, 0, 0, 0, 0, 1, 2, 3,
                                                                  0, 0, 4, 5, 6, 0, 0, 0, 0,
                                                                  0, 0, 0, 0, 0, 0, 0});
  const Tensor real = Tensor::from<float>({0.5F, 0.25F}, {2, 1, 1, 1});
  CHECK(nn::pad_images(real, 2).values() == std::vector<double>{0.5, 0, 0, 0, 0.25, 0, 0, 0});
  CHECK_THROWS_WITH_AS(nn::pad_images(stored, 2), "pad: the images are larger: 2 by 3: 2 by 2",
                       Error);
}
