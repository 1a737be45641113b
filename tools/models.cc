#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include "tensor/files/json_fields.h"
#include "tools/catalogue.h"
#include "tools/commands.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

using namespace internal;
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
  if (json) fmt::print("{}\n", json_text(list, 2));
  return kDone;
}

void add_models(CommandLine& program) {
  auto json = std::make_shared<bool>(false);
  const Command command = program.add_command("models", "List the models that train knows");
  command.add_flag("--json", *json, "As JSON");
  command.set_action([json] { return models(*json); });
}

const CommandEntry kModelsEntry(12, add_models);

}  // namespace
}  // namespace hourglass::tools
