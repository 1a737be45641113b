#include <fmt/core.h>

#include <filesystem>

#include "tools/commands.h"
#include "tools/data.h"
#include "tools/report/report.h"

namespace hourglass::tools {
namespace {

struct ReportArguments {
  std::string run;
  std::optional<std::string> data;
};

int write_page(const ReportArguments& a) {
  const LoadedRun run = open_run(a.run);
  const nn::DataSet test = *data_of("report", run, a.data).test;
  const std::string name = std::filesystem::path(a.run + "/").parent_path().filename().string();
  write_report(run, a.run, name, test);
  fmt::print("wrote {}/report.html\n", a.run);
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
