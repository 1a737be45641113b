#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <string>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tools/command_line.h"
#include "tools/commands.h"

namespace {

using namespace hourglass;

int fail(int code, const std::string& text) {
  // One line, whatever the text holds.
  std::string line = text;
  for (char& c : line) c = c == '\n' ? ' ' : c;
  fmt::print(stderr, "hourglass: error: {}\n", line);
  return code;
}

int run(int argc, char** argv) {
  CLI::App app("Trains, inspects and applies autoencoders.", "hourglass");
  app.set_version_flag("--version", "hourglass " HOURGLASS_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.set_config("--config", "", "Read options from a TOML file: one section a sub-command");
  app.allow_config_extras(CLI::config_extras_mode::error);  // nothing in it is ignored
  std::string cpu = "best";
  app.add_option("--cpu", cpu, "Narrow the SIMD kernels: best, avx512, avx2 or baseline");
  tools::Action action;
  tools::add_train(app, action);
  tools::add_evaluate(app, action);
  tools::add_reconstruct(app, action);
  tools::add_encode(app, action);
  tools::add_decode(app, action);
  tools::add_sample(app, action);
  tools::add_interpolate(app, action);
  tools::add_manifold(app, action);
  tools::add_traverse(app, action);
  tools::add_arithmetic(app, action);
  tools::add_classify(app, action);
  tools::add_info(app, action);
  tools::add_models(app, action);
  tools::add_certificate(app, action);
  tools::add_gradcheck(app, action);
  tools::add_explain(app, action);
  tools::add_bench(app, action);
  tools::check_numbers(app);
  tools::check_lists(app, {argv + 1, argv + argc});
  tools::check_config_lists(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return fail(tools::kBadInput, tools::text_of(app, error));
  }
  kernels::set_cpu_target(cpu);
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return fail(tools::kBadInput, error.what());
  } catch (const std::exception& error) {
    return fail(tools::kFailed, error.what());
  }
}
