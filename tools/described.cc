// What --help says of a program, for other forms of it.

#include <CLI/App.hpp>
#include <algorithm>

#include "tools/command_line.h"

namespace hourglass::tools {
namespace {

OptionText text_of(const CLI::Option& option, const CommandState& state) {
  OptionText text;
  text.in_place = option.get_positional();
  if (text.in_place) text.names = {option.get_name(true)};
  for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  text.value = option.get_type_name();
  if (text.value.empty() && option.get_items_expected_max() > 0) text.value = "FILE";
  text.otherwise = option.get_default_str();
  text.help = option.get_description();
  text.group = option.get_group();
  if (const auto at = state.offered.find(&option); at != state.offered.end()) {
    text.forms = at->second;
  }
  text.required = option.get_required();
  text.several = option.get_expected_max() > 1;
  return text;
}

CommandText text_of(const CLI::App& command, const CommandState& state) {
  CommandText text{command.get_name(), command.get_description(), {}};
  for (const CLI::Option* option : command.get_options()) {
    text.options.push_back(text_of(*option, state));
  }
  std::stable_partition(text.options.begin(), text.options.end(),
                        [](const OptionText& option) { return option.in_place; });
  return text;
}

}  // namespace

std::vector<CommandText> CommandLine::described() const {
  std::vector<CommandText> all = {text_of(*app_, state_)};
  for (const CLI::App* command : app_->get_subcommands([](CLI::App*) { return true; })) {
    all.push_back(text_of(*command, state_));
  }
  return all;
}

}  // namespace hourglass::tools
