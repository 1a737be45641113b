#pragma once

#include <string_view>

namespace hourglass::tools {

// What pages are made of, by meson from the files beside this one. page.html with its style; @DATA@,
// @CHARTS@, @SCRIPT@ and @CONNECT@ stand where the rest goes.
extern const std::string_view kPageText;
extern const std::string_view kCharts;  // Chart.js, or nothing where it was built without
extern const std::string_view kReportScript, kLiveScript, kCompareScript, kPlayScript;

}  // namespace hourglass::tools
