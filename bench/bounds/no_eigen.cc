#include "bench/bounds/rows.h"

namespace hourglass::bench {

Row eigen_row(const std::string& name, int, double) {
  return {.name = name, .missing = "Eigen (libeigen3-dev)"};
}

}  // namespace hourglass::bench
