#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/files/atomic_file.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/report/page.h"
#include "tools/report/report.h"

namespace hourglass::tools {
namespace {

struct ReportArguments {
  std::string run;
  std::optional<std::string> data;
};

int write_page(const ReportArguments& a) {
  const std::string page = a.run + "/report.html";
  if (is_run(a.run) && !std::filesystem::exists(a.run + "/model.safetensors")) {
    const RunConfig config = read_config_file(a.run + "/config.json");
    Json report = journals_of("report", config, a.run, run_name(a.run));
    std::string why = "its training has not ended";
    if (was_killed(config, a.run)) {
      report["killed"] = resume_command(a.run);
      why = fmt::format("its training was killed, {} goes on with it", resume_command(a.run));
    }
    internal::write_text(page, page_of(PageKind::kReport, report), "report");
    fmt::print("wrote {}: {}: what there is so far\n", page, why);
    return kDone;
  }
  const LoadedRun run = open_run(a.run);
  write_report(run, a.run, run_name(a.run), *data_of("report", run, a.data).test);
  fmt::print("wrote {}\n", page);
  return kDone;
}

void add_report(CommandLine& program) {
  auto arguments = std::make_shared<ReportArguments>();
  ReportArguments& a = *arguments;
  const Command command = program.add_command(
      "report", "A page that shows what a run learnt, and how: RUN/report.html");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("--data", a.data, data_help("(nothing: what it learnt from)"));
  command.set_action([arguments] { return write_page(*arguments); });
}

const CommandEntry kReportEntry(12, add_report);

}  // namespace
}  // namespace hourglass::tools
