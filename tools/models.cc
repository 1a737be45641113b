#include <fmt/core.h>

#include <CLI/App.hpp>

#include "tools/catalogue.h"
#include "tools/commands.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

int models(bool json) {
  Json list = Json::array();
  for (const ModelEntry& entry : catalogue()) {
    if (json) {
      list.push_back({{"name", entry.name}, {"summary", entry.summary}});
    } else {
      fmt::print("{:<15} {}\n", entry.name, entry.summary);
    }
  }
  if (json) fmt::print("{}\n", list.dump(2));
  return kDone;
}

}  // namespace

void add_models(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("models", "List the models that train knows");
  command->add_flag("--json", *json, "As JSON");
  command->callback([&action, json] { action = [json] { return models(*json); }; });
}

}  // namespace hourglass::tools
