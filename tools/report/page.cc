#include "tools/report/page.h"

#include <nlohmann/json.hpp>

#include "tensor/files/json_fields.h"
#include "tools/report/page_text.h"

namespace hourglass::tools {
namespace {

// JSON that stands in a <script>: no "<" that could end it or begin a comment.
std::string without_tags(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string report_page(const Json& report) {
  const std::string_view page = kPageText, mark = "@DATA@";
  const std::size_t at = page.find(mark);
  std::string text(page.substr(0, at));
  text += without_tags(internal::json_text(report));
  text += page.substr(at + mark.size());
  return text;
}

}  // namespace hourglass::tools
