#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/commands.h"
#include "tools/other_program.h"

namespace hourglass::tools {
namespace {

const OtherProgram kWatch = {"watch", "hourglass-watch", "hourglass-watch",
                             "it is built by: ninja hourglass-watch"};

void add_watch(CommandLine& program) {
  auto run = std::make_shared<std::string>();
  auto port = std::make_shared<std::int64_t>(8642);
  const Command command = program.add_command(
      "watch", "Serve the page of a run on this machine alone, live while it trains");
  command.add_option("run", *run, "The run folder").required();
  command.add_option("--port", *port, "Of 127.0.0.1; 0: any that is free").show_default();
  command.set_action([run, port]() -> int {
    run_instead(kWatch, {"--port", std::to_string(*port), "--", *run});
  });
}

const CommandEntry kWatchEntry(12, add_watch);

}  // namespace
}  // namespace hourglass::tools
