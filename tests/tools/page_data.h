#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

namespace hourglass::test {

// The data of a page: what stands between the tags that hold them.
inline nlohmann::json data_in(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"run\">";
  const std::size_t first = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(first, page.find("</script>", first) - first));
}

// A script of this folder, with its arguments, finds all right in a browser and says so in a line that
// begins like this; where there is no browser it says that.
inline void check_in_browser(const std::string& script, const std::string& begins) {
  const Output seen = run_program("python3", HOURGLASS_SOURCE_ROOT "/tests/tools/" + script);
  if (seen.code != 0) MESSAGE(seen.out);  // what was wrong, or why there is no browser
  CHECK(seen.err == "");
  if (seen.code == 77) return;
  CHECK(seen.code == 0);
  CHECK(seen.out.starts_with(begins));
}

}  // namespace hourglass::test
