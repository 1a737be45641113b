#pragma once

#include <string>

#include "tools/run_folder.h"

namespace hourglass::tools {

// A report; the same kept up to date by the server that it comes from; runs beside each other; a
// training step that is played.
enum class PageKind { kReport, kLive, kCompare, kPlay };

// The page that shows the data: HTML of one file that asks nobody for anything, but for a live one
// its server. Whatever the data hold is text to it.
std::string page_of(PageKind kind, const Json& data);

}  // namespace hourglass::tools
