#pragma once

// What a model is modified by, as values with one textual form for the command line and for files:
// "masking:0.25", "kl:0.05,1".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::ae {

// What the encoder sees in place of the image while training; the image stays the target. Fresh at
// each step. Vincent et al., "Stacked denoising autoencoders", 2010.
enum class Noise : std::uint8_t {
  kGaussian,       // x + level * N(0, 1); level > 0
  kMasking,        // 0 with probability level, 0 < level < 1
  kSaltAndPepper,  // with probability level 0 or 1, each as likely; 0 < level < 1
  kCauchy          // x + level * Cauchy(0, 1), held in [0, 1]: rare, gross errors; level > 0
};
struct Corruption {
  Noise noise = Noise::kGaussian;
  double level = 0.1;
  bool operator==(const Corruption&) const = default;
};

// Terms beside the reconstruction error, each times its weight (> 0). Their values are per image.
enum class PenaltyKind : std::uint8_t {
  kL1,           // sum over code units of |h|
  kKl,           // sum over code units of KL(rho || mean activation); 0 < rho < 1
  kContractive,  // |dh/dx|_F^2, exact
  kHutchinson,   // an unbiased estimate of it, by one probe a step
  kCaeh,         // |J(x) - J(x + e)|_F^2, e ~ N(0, sigma^2): Rifai et al. 2011, the CAE+H's second
  kMmd           // how far codes are from N(0, 1): Tolstikhin et al. 2018, the WAE-MMD's
};
struct Penalty {
  PenaltyKind kind = PenaltyKind::kL1;
  double weight = 0.1;
  double parameter = 0;  // rho of kl, sigma of caeh; 0 for the others
  bool operator==(const Penalty&) const = default;
};

std::string_view name_of(Noise noise);
std::string_view name_of(PenaltyKind kind);  // also the name of its term

// "gaussian:0.5", "masking:0.25", "salt-and-pepper:0.1", "cauchy:0.1".
std::string to_text(const Corruption& corruption);
Corruption corruption_from_text(const std::string& text);
// "l1:WEIGHT", "kl:RHO,WEIGHT", "contractive:WEIGHT", "hutchinson:WEIGHT", "caeh:WEIGHT,SIGMA",
// "mmd:WEIGHT".
std::string to_text(const Penalty& penalty);
Penalty penalty_from_text(const std::string& text);

// Throw Error naming what is out of range; the functions from text do so too, and list what there
// is where a name is unknown.
void check(const Corruption& corruption);
void check(const Penalty& penalty);

// "NAME:NUMBER,NUMBER" taken apart; Error, naming `what`, where a number is not one.
struct NamedNumbers {
  std::string name;
  std::vector<double> numbers;
};
NamedNumbers parse_named_numbers(const char* what, const std::string& text);

}  // namespace hourglass::ae
