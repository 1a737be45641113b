#include "bench/common/main.h"

#include <fmt/core.h>

#include <optional>

#include "tensor/error.h"
#include "tools/guarded.h"

namespace hourglass::bench {

int run_main(const BenchProgram& program, int argc, char** argv,
             const std::function<std::function<void()>(const tools::Command&)>& add) {
  const auto run = [&] {
    tools::CommandLine line(program.about, program.name, HOURGLASS_VERSION);
    line.set_footer(program.footer);
    const std::function<void()> chosen = add(line.whole());
    if (const std::optional<int> ended = line.read(argc, argv)) return *ended;
    chosen();
    return 0;
  };
  return tools::guarded(run, program.speaker.empty() ? program.name : program.speaker);
}

void check_range(const char* name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw Error(fmt::format("{}: expected {} to {}: got {}", name, least, most, value));
}

void check_seconds(double seconds, const std::string& before) {
  if (seconds > 0 && seconds <= 3600) return;
  throw Error(fmt::format("{}seconds: expected above 0, at most 3600: got {}", before, seconds));
}

}  // namespace hourglass::bench
