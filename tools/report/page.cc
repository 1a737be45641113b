#include "tools/report/page.h"

#include <nlohmann/json.hpp>
#include <string_view>

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

struct Filling {
  std::string_view mark, text;
};

// The page with each mark filled, in the order in which they stand in it.
std::string filled(std::string_view page, std::initializer_list<Filling> fillings) {
  std::string text;
  for (const auto& [mark, filling] : fillings) {
    const std::size_t at = page.find(mark);
    text += page.substr(0, at);
    text += filling;
    page.remove_prefix(at + mark.size());
  }
  return text.append(page);
}

std::string_view script_of(PageKind kind) {
  switch (kind) {
    case PageKind::kReport:
      return kReportScript;
    case PageKind::kLive:
      return kLiveScript;
    case PageKind::kCompare:
      return kCompareScript;
    case PageKind::kPlay:
      break;
  }
  return kPlayScript;
}

}  // namespace

std::string page_of(PageKind kind, const Json& data) {
  const std::string json = without_tags(internal::json_text(data));
  const char* connect = kind == PageKind::kLive ? "; connect-src 'self'" : "";
  return filled(kPageText, {{"@CONNECT@", connect},
                            {"@DATA@", json},
                            {"@CHARTS@", kind == PageKind::kPlay ? "" : kCharts},
                            {"@SCRIPT@", script_of(kind)}});
}

}  // namespace hourglass::tools
