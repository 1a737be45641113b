#include "tools/commands.h"

#include <map>

namespace hourglass::tools {
namespace {

// By place. Made when the first command asks for it: files are initialised in any order.
std::multimap<int, void (*)(CommandLine&)>& entries() {
  static std::multimap<int, void (*)(CommandLine&)> all;
  return all;
}

}  // namespace

CommandEntry::CommandEntry(int place, void (*add)(CommandLine& program)) {
  entries().emplace(place, add);
}

void add_commands(CommandLine& program) {
  for (const auto& [place, add] : entries()) add(program);
}

}  // namespace hourglass::tools
