#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tensor/error.h"

namespace {

// The exit codes that the README promises.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

int fail(int code, const char* what) {
  fmt::print(stderr, "hourglass: error: {}\n", what);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Train, inspect and apply autoencoders on a CPU.", "hourglass");
  app.set_version_flag("--version", "hourglass " HOURGLASS_VERSION);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
    return kDone;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return fail(kBadUsage, error.what());
  } catch (const hourglass::Error& error) {
    return fail(kBadUsage, error.what());
  } catch (const std::exception& error) {
    return fail(kFailed, error.what());
  }
}
