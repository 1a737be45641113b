#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/places.h"

namespace hourglass::test {

// A folder of $HOURGLASS_DATA, or of ../shared/data beside the sources; empty, with one line that
// says so, where it is not there.
inline std::string real_data(const std::string& name) {
  const char* said = std::getenv("HOURGLASS_DATA");
  const std::string folder =
      std::string(said ? said : HOURGLASS_SOURCE_ROOT "/../shared/data") + "/" + name;
  if (std::filesystem::exists(folder)) return folder;
  std::printf("Skipped: no data at %s (set HOURGLASS_DATA)\n", folder.c_str());
  return "";
}

}  // namespace hourglass::test
