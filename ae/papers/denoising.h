#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "tensor/enum_names.h"

namespace hourglass::ae {

// What the encoder sees in place of the image while training; the image stays the target. Fresh at
// each step. Vincent et al., "Stacked denoising autoencoders", 2010.
enum class Noise : std::uint8_t {
  kGaussian,       // x + level * N(0, 1); level > 0
  kMasking,        // 0 with probability level, 0 < level < 1
  kSaltAndPepper,  // with probability level 0 or 1, each as likely; 0 < level < 1
  kCauchy          // x + level * Cauchy(0, 1), held in [0, 1]: rare, gross errors; level > 0
};
const EnumNames<Noise>& names_of(Noise);  // "gaussian", "masking", "salt-and-pepper", "cauchy"
using hourglass::name_of;

struct Corruption {
  Noise noise = Noise::kGaussian;
  double level = 0.1;

  // Of "masking:0.25". Throws Error on an unknown name, listing all, and where check() does.
  static Corruption from_text(const std::string& text);
  bool operator==(const Corruption&) const = default;
};

std::string to_text(const Corruption& corruption);  // "gaussian:0.5", "masking:0.25", ...
std::vector<std::string> corruption_forms();        // "gaussian:LEVEL", ...
void check(const Corruption& corruption);           // Error naming what is out of range

// x with fresh noise, a function of (key, stream). The derivative with respect to x is that of the
// noisy value at fixed noise. Throws Error where check(corruption) does.
Var corrupt(const Var& x, const Corruption& corruption, const RandomKey& key, const Stream& stream);

// All of them in turn; x itself where there are none, and outside of training. Their draws are
// named after where they stand (Step::stream). Throws Error where check() of one does.
Var corrupt(const Var& x, const std::vector<Corruption>& corruptions, Step& step);

}  // namespace hourglass::ae
