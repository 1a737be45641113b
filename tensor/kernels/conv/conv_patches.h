#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// What a convolution handles at once: the patches of `channels` input channels for the output rows
// [row, row + rows) of `images` images, as a matrix with a row a tap (channel, kernel row, kernel
// column) and a column a position (image, output row, output column).
struct PatchTile {
  std::int64_t image = 0, images = 1;
  std::int64_t row = 0, rows = 0;
  std::int64_t channel = 0, channels = 0;
  std::int64_t pitch = 0;  // elements from one row of the matrix to the next
};

// How gather and scatter see a channel of an image: split into planes, one for each pair of
// residues modulo the strides, with the padding in place. Then a tap's row of the matrix is one run
// of a plane for each output row, and no tap asks where the image ends.
struct PatchPlanes {
  PatchPlanes(const Conv2d& conv, std::int64_t row, std::int64_t rows);

  std::int64_t height, width;  // padded rows and columns that the tile reads
  std::int64_t pitch,
      plane;              // elements a plane row (whole vectors of any target), elements a plane
  std::int64_t elements;  // of all planes, with room for what vectors write beyond
  std::int64_t masks;     // elements behind them that scattering takes
  std::int64_t slack;     // elements of the matrix' memory that vectors may touch: before it, after
                          // each of its rows and behind the last
  std::int64_t shift_h, shift_w;                  // padded index minus image index
  std::int64_t first_h, last_h, first_w, last_w;  // the part of the image that lies inside
};

// Fills the matrix from x [batch, in_channels, in_h, in_w], zeros where a tap lies outside.
void gather_patches(const Conv2d& conv, const PatchTile& tile, const float* x, float* planes,
                    float* patches);
void gather_patches(const Conv2d& conv, const PatchTile& tile, const double* x, double* planes,
                    double* patches);

// The adjoint: each number of x that the tile's rows reach becomes the sum of its patches' entries,
// in order of the taps; numbers of those channels and images that it does not reach become 0. With
// `add` the sum is added to what x holds, and nothing is set to 0.
void scatter_patches(const Conv2d& conv, const PatchTile& tile, const float* patches, bool add,
                     float* planes, float* x);
void scatter_patches(const Conv2d& conv, const PatchTile& tile, const double* patches, bool add,
                     double* planes, double* x);

// y [images, channels, positions] from a matrix [channels, images * positions].
template <class T>
void place_outputs(const Conv2d& c, const PatchTile& tile, std::int64_t outputs,
                   const T* side_by_side, T* y) {
  const std::int64_t positions = c.out_h * c.out_w;
  for (std::int64_t image = 0; image < tile.images; ++image) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      std::copy_n(side_by_side + (o * tile.images + image) * positions, positions,
                  y + (image * c.out_channels + o) * positions);
    }
  }
}

// Of a convolution, and of each of its gradients.
inline double multiply_adds(const Conv2d& c) {
  return static_cast<double>(c.in_channels / c.groups * c.kernel_h * c.kernel_w) *
         static_cast<double>(c.batch * c.out_channels * c.out_h * c.out_w);
}

}  // namespace hourglass::kernels::internal
