#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hourglass::test {

// The data of a page: what stands between the tags that hold them.
inline nlohmann::json data_in(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"run\">";
  const std::size_t first = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(first, page.find("</script>", first) - first));
}

}  // namespace hourglass::test
