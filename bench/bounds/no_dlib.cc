#include "bench/bounds/rows.h"

namespace hourglass::bench {

Row dlib_row(const std::string& name, int, double) {
  return {.name = name, .missing = "dlib (libdlib-dev)"};
}

}  // namespace hourglass::bench
