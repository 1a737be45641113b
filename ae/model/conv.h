#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/spec.h"
#include "autograd/graph/var.h"
#include "nn/layers/linear.h"

namespace hourglass::ae {

// Where each pooled value was, layer by layer, as max_pool2d says it (Zeiler & Fergus's switches).
using Switches = std::vector<Var>;

// The convolutional layers of one side, numbered and named as an nn.Sequential of Conv2d (or
// ConvTranspose2d), activation and MaxPool2d (or what undoes it) would.
struct ConvStack {
  struct Layer {
    Var weight;  // [out, in, kh, kw]; of a transposed convolution [in, out, kh, kw]; of a tied decoder
                 // undefined: the encoder's is used
    Var bias;  // [out]
    int index = 0;
  };
  std::vector<Layer> layers;

  void visit(const nn::Visitor& visitor);
};
// Without layers where the spec has none. `next` is set to the number of the module that follows.
ConvStack make_conv_encoder(const Spec& spec, nn::InitSource& source, int& next);
ConvStack make_conv_decoder(const Spec& spec, int first, nn::InitSource& source);

// Images or series [B, D] to features [B, F]: convolution, activation, max-pooling. Masci et al., "Stacked
// convolutional auto-encoders", 2011.
struct Features {
  Var h;
  Switches switches;  // one a pooling
};
Features conv_encode(const Spec& spec, const ConvStack& encoder, const Var& x);

// Back from features to images before the output's activation. By transposed convolutions; pooling
// is undone by max-unpooling at the switches, or in the corners of windows where there are none; or
// both strides and pooling by repeating pixels (Odena et al., "Deconvolution and checkerboard
// artifacts", 2016), with a plain convolution after it.
Var conv_decode(const Spec& spec, const ConvStack& encoder, const ConvStack& decoder,
                const Var& features, const Switches& switches);

}  // namespace hourglass::ae
