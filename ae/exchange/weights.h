#pragma once

#include <string>
#include <vector>

#include "ae/model/autoencoder.h"
#include "tensor/files/named_tensor.h"

namespace hourglass::ae {

// A tensor of a file and the parameter that it stands for; either name is empty where the other has
// no counterpart.
struct WeightMatch {
  std::string theirs, ours;
  Shape shape;            // the tensor's, or else the parameter's
  bool optional = false;  // a parameter that may stay as it is: what is known of the columns
};

// Which tensors, under PyTorch's names or any others, stand for which of the model's parameters:
// first those of equal names, then layer by layer in their order (encoder.2 ahead of encoder.10,
// what is called a decoder behind the rest), the first whose tensors have the layer's last names and
// shapes; a head that is called after a mean or a variance is that one's. Of a convolution over a
// series weights may lack their axis of 1. The model's parameters come first, in their order.
std::vector<WeightMatch> match_weights(const std::vector<NamedTensor>& tensors, Autoencoder& model);

// Whether every parameter that is not optional has a tensor, and every tensor a place.
bool fits(const std::vector<WeightMatch>& matches);

// "theirs  shape  ours", a line each, "-" where there is none.
std::string weights_table(const std::vector<WeightMatch>& matches);

// Fills the model with the tensors, in its own dtype. Throws Error for those that do not fit, and
// naming a number that is not finite.
void take_weights(const std::vector<NamedTensor>& tensors, const std::vector<WeightMatch>& matches,
                  Autoencoder& model);

}  // namespace hourglass::ae
