#include "tools/report/live.h"

#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/new_folder.h"
#include "tools/codes.h"
#include "tools/report/journal.h"
#include "tools/report/page.h"
#include "tools/report/report.h"

namespace hourglass::tools {

using namespace internal;

namespace {

namespace fs = std::filesystem;

constexpr int kLooks = 10;  // at journals that grow as they are reported: lines come once

// Where it learns: a folder that is to be replaced has the new one beside it.
std::string place_of(const std::string& folder) {
  std::string beside = folder;
  while (beside.size() > 1 && beside.back() == '/') beside.pop_back();
  beside += ".new";
  return is_run(beside) ? beside : folder;
}

std::string event(const char* name, const Json& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, json_text(data));
}

Json live_report(const std::string& folder) {
  const std::string place = place_of(folder), name = run_name(folder);
  if (!is_run(place)) throw Error(fmt::format("watch: {}: there is no run in it", folder));
  const RunConfig config = read_config_file(place + "/config.json");
  const bool under_way = config.outcome == kUnderWay || !fs::exists(place + "/model.safetensors");
  Json report;
  if (under_way) {
    report = journals_of("watch", config, place, name);
  } else {
    const LoadedRun run = open_run(place);
    report = report_of("watch", run, place, name, *data_of("watch", run, {}).test);
  }
  const bool killed = was_killed(config, place);
  if (killed) report["killed"] = resume_command(folder);
  report["live"] = under_way && !killed;
  return report;
}

}  // namespace

// A journal that grows: what has been added to it since the last look.
class JournalTail {
 public:
  explicit JournalTail(const char* name) : name_(name) {}
  const char* name() const { return name_; }

  // New lines; null where there are none. `restarted` is set where it does not begin as before.
  Json next(const std::string& folder, bool& restarted) {
    const std::string path = folder + "/" + name_;
    std::string now = fs::exists(path) ? read_text(path, "watch", kMostOfJournal) : "";
    now.resize(now.rfind('\n') + 1);  // a line that is being written is no line yet
    restarted = restarted || !now.starts_with(seen_);
    Json lines;
    if (!restarted) {
      for (const std::string& line : lines_of(now.substr(seen_.size()))) {
        lines.push_back(reading(path, [&] { return parse_json(line); }));
      }
    }
    seen_ = std::move(now);
    return lines;
  }

 private:
  const char* name_;
  std::string seen_;
};

struct LiveEvents::Seen {
  std::string changes();
  bool grown(const std::string& now);  // whether a journal is not as it was at the last look

  std::string folder, place, config, trouble;
  bool unfinished = false, free = false;  // at the last look; nobody trained it
  std::array<JournalTail, 3> journals = {JournalTail("metrics.jsonl"), JournalTail("timing.jsonl"),
                                         JournalTail("reconstructions.jsonl")};
};

bool LiveEvents::Seen::grown(const std::string& now) {
  bool any = false;
  for (JournalTail& journal : journals) {
    bool restarted = false;
    any = !journal.next(now, restarted).is_null() || restarted || any;
  }
  return any;
}

std::string LiveEvents::Seen::changes() {
  const std::string now = place_of(folder);
  const std::string says = read_text(now + "/config.json", "watch");
  const bool is_free = internal::is_free(now);
  bool restarted = now != place || says != config || (unfinished && is_free != free);
  Json more = Json::object();
  for (JournalTail& journal : journals) {
    Json lines = journal.next(now, restarted);
    if (!lines.is_null()) more[journal.name()] = std::move(lines);
  }
  if (!restarted) return more.empty() ? "" : event("more", more);
  Json report = live_report(folder);
  for (int look = 0; look < kLooks && grown(now); ++look) report = live_report(folder);
  unfinished = report["live"] || report.contains("killed");
  place = now;
  config = says;
  free = is_free || report.contains("killed");  // which may be since the look above
  return event("whole", report);
}

std::string live_page(const std::string& folder) {
  return page_of(PageKind::kLive, live_report(folder));
}

LiveEvents::LiveEvents(const std::string& folder) : seen_(std::make_unique<Seen>()) {
  seen_->folder = folder;
}

LiveEvents::~LiveEvents() = default;

std::string LiveEvents::next() {
  try {
    const std::string text = seen_->changes();
    seen_->trouble.clear();
    return text;
  } catch (const Error& error) {
    if (seen_->trouble == error.what()) return "";
    seen_->trouble = error.what();
    return event("trouble", seen_->trouble);
  }
}

}  // namespace hourglass::tools
