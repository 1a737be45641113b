#pragma once

#include <string>

#include "tools/run_folder.h"

namespace hourglass::tools {

// The page that shows a report's data: HTML of one file that asks for no other. Whatever the data
// hold is text to it.
std::string report_page(const Json& report);

}  // namespace hourglass::tools
