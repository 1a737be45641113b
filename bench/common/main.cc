#include "bench/common/main.h"

#include <fmt/core.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <stdexcept>

#include "tensor/error.h"

namespace hourglass::bench {
namespace {

int parse_and_run(const BenchProgram& program, int argc, char** argv,
                  const std::function<std::function<void()>(CLI::App&)>& add) {
  CLI::App app(program.about, program.name);
  const std::function<void()> run = add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    throw Error(program.errors + error.what());
  }
  run();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw std::runtime_error("standard output cannot be written");
  }
  return 0;
}

int fail(const BenchProgram& program, int code, const char* what) {
  fmt::print(stderr, "{}: error: {}\n", program.speaker.empty() ? program.name : program.speaker,
             what);
  return code;
}

}  // namespace

int run_main(const BenchProgram& program, int argc, char** argv,
             const std::function<std::function<void()>(CLI::App&)>& add) {
  try {
    return parse_and_run(program, argc, argv, add);
  } catch (const Error& error) {
    return fail(program, 2, error.what());
  } catch (const std::exception& error) {
    return fail(program, 1, error.what());
  }
}

void check_seconds(double seconds, const std::string& before) {
  if (seconds > 0 && seconds <= 3600) return;
  throw Error(fmt::format("{}seconds: expected above 0, at most 3600: got {}", before, seconds));
}

}  // namespace hourglass::bench
