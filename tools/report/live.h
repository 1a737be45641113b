#pragma once

#include <memory>
#include <string>

namespace hourglass::tools {

// The page of a run that may be learning: its journals until training has ended, the whole report
// then. Of a run that is being replaced it is the new one's. It goes on by the events of the server
// that it comes from. Throws Error where the folder is no run.
std::string live_page(const std::string& folder);

// What one that looks on has not seen yet, as server-sent events: "whole" with all of the page's
// data, "more" with lines that have been added to journals, "trouble" with why the folder cannot be
// read.
class LiveEvents {
 public:
  explicit LiveEvents(const std::string& folder);
  ~LiveEvents();
  std::string next();  // nothing where nothing is new; the first is the whole

 private:
  struct Seen;
  std::unique_ptr<Seen> seen_;
};

}  // namespace hourglass::tools
