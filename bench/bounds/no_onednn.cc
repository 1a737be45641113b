#include "bench/bounds/rows.h"

namespace hourglass::bench {

Row onednn_row(const std::string& name, int, double) {
  return {.name = name, .missing = "oneDNN (libdnnl-dev)"};
}

}  // namespace hourglass::bench
