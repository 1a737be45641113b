#pragma once

// What the models of this room draw, by name. They were numbered before streams had names: models
// and metrics keep the bits that they had.

#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/random.h"

namespace hourglass::ae {

struct OwnStream {
  std::string_view name;
  std::uint32_t number = 0;

  operator Stream() const { return {std::string(name), number}; }
};

namespace streams {

inline constexpr OwnStream kPosterior = {"posterior", 1100};
inline constexpr OwnStream kPrior = {"prior", 1101};
inline constexpr OwnStream kProbe = {"probe", 1102};
inline constexpr OwnStream kNeighbour = {"neighbour", 1103};
inline constexpr OwnStream kBinarize = {"binarize", 1104};
inline constexpr OwnStream kRestart = {"restart", 1105};
inline constexpr OwnStream kHidden = {"hidden", 1106};  // entries that impute hides

// Of the corruption at a place of the list, from 0: it and the number behind it.
inline Stream corruption(std::uint32_t place) {
  return {"corruption." + std::to_string(place), 1000 + 2 * place};
}

}  // namespace streams
}  // namespace hourglass::ae
