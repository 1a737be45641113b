#include "tools/shell/completion.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hourglass::tools {
namespace {

using Words = std::vector<std::string>;

bool takes_number(const OptionText& option) {
  return option.value == "INT" || option.value == "UINT" || option.value == "FLOAT";
}

// Options for which f holds, by all of their names.
template <class F>
Words names_where(const CommandText& command, F&& f) {
  Words names;
  for (const OptionText& option : command.options) {
    if (option.in_place || !f(option)) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

Words commands_of(const std::vector<CommandText>& all) {
  Words names;
  for (std::size_t i = 1; i < all.size(); ++i) names.push_back(all[i].name);
  return names;
}

// What may stand in a place, where that is known; "gaussian:" goes on with a number.
Words words_of(const OptionText& option, const std::vector<CommandText>& all) {
  if (option.names[0] == "command") return commands_of(all);
  Words words = option.forms;
  for (std::string& word : words) word.resize(std::min(word.find(':'), word.size() - 1) + 1);
  return words;
}

std::string bash_case(const CommandText& command, const std::vector<CommandText>& all,
                      const std::string& label) {
  Words words;
  std::string values;  // behind an option that asks for one of some words
  for (const OptionText& option : command.options) {
    const Words some = words_of(option, all);
    if (option.in_place && words.empty()) words = some;
    if (option.in_place || some.empty()) continue;
    values += fmt::format("        {}) values='{}' ;;\n", fmt::join(option.names, "|"),
                          fmt::join(some, " "));
  }
  if (command.name == all[0].name) words = commands_of(all);
  if (!values.empty()) values = "      case $before in\n" + values + "      esac\n";
  const auto is_flag = [](const OptionText& option) { return option.value.empty(); };
  return fmt::format(
      "    {})\n      options='{}'\n      flags='{}'\n      numbers='{}'\n{}      words='{}' ;;\n",
      label, fmt::join(names_where(command, [](const OptionText&) { return true; }), " "),
      fmt::join(names_where(command, is_flag), " "),
      fmt::join(names_where(command, takes_number), " "), values, fmt::join(words, " "));
}

// In a specification of zsh's _arguments.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result;
}

// What zsh does for a value: words, those that go on without a space behind them, else files.
std::string zsh_action(const OptionText& option, const std::vector<CommandText>& all) {
  if (takes_number(option)) return " ";
  Words whole = words_of(option, all);
  if (whole.empty()) return "_files";
  const auto first = std::stable_partition(
      whole.begin(), whole.end(), [](const std::string& word) { return !word.ends_with(":"); });
  const Words open(first, whole.end());
  whole.erase(first, whole.end());
  std::string text;
  if (!whole.empty()) text += fmt::format("compadd -- {} || ", fmt::join(whole, " "));
  if (!open.empty()) text += fmt::format("compadd -S \"\" -- {} || ", fmt::join(open, " "));
  return "{" + zsh_text(text) + "_files}";
}

std::string zsh_option(const OptionText& option, const std::vector<CommandText>& all) {
  const std::string action = zsh_action(option, all), several = option.several ? "*" : "";
  if (option.in_place) {
    return fmt::format(" '{}:{}:{}'", several, zsh_text(option.names[0]), action);
  }
  const std::string value = option.value.empty() ? "" : ":" + zsh_text(option.value) + ":" + action;
  std::string text;
  for (const std::string& name : option.names) {
    const std::string equals = name.starts_with("--") && !value.empty() ? "=" : "";
    text += fmt::format(" '{}{}{}[{}]{}'", several, name, equals, zsh_text(option.help), value);
  }
  return text;
}

std::string zsh_arguments(const CommandText& command, const std::vector<CommandText>& all) {
  std::string text;
  for (const OptionText& option : command.options) text += zsh_option(option, all);
  return text;
}

}  // namespace

std::string bash_completion(const std::vector<CommandText>& all) {
  // bash takes --optimizer=a for three words.
  std::string text = fmt::format(R"(# bash completion for {0}
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command='' options='' flags='' numbers='' words='' values='' i
  [[ $before == = ]] && before=${{COMP_WORDS[COMP_CWORD - 2]}}
  [[ $current == = ]] && current=''
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${{COMP_WORDS[i]}} in
      {1}) command=${{COMP_WORDS[i]}} && break ;;
    esac
  done
  case $command in
)",
                                 all[0].name, fmt::join(commands_of(all), "|"));
  text += bash_case(all[0], all, "''");
  for (std::size_t i = 1; i < all.size(); ++i) text += bash_case(all[i], all, all[i].name);
  // The word behind an option that takes one is one of its values, a number, or a file.
  return text + fmt::format(R"(  esac
  case $current in
    -*) words=$options ;;
    *) [[ $before == -* && " $flags " != *" $before "* ]] && words=$values ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${{COMPREPLY[0]}} == *: ]] && compopt -o nospace 2>/dev/null
  [[ " $numbers " == *" $before "* ]] && compopt +o default +o bashdefault 2>/dev/null
  return 0
}}
complete -o bashdefault -o default -F _{0} {0}
)",
                            all[0].name);
}

std::string zsh_completion(const std::vector<CommandText>& all) {
  std::string text = fmt::format(
      "#compdef {0}\n_{0}() {{\n  local state\n  local -a commands\n"
      "  commands=(\n",
      all[0].name);
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += fmt::format("    '{}:{}'\n", all[i].name, zsh_text(all[i].help));
  }
  text += fmt::format("  )\n  _arguments -C{} '1:command:->command' '*::argument:->argument'\n",
                      zsh_arguments(all[0], all));
  text +=
      "  case $state in\n    command) _describe command commands ;;\n    argument)\n"
      "      case $words[1] in\n";
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += fmt::format("        {}) _arguments{} ;;\n", all[i].name, zsh_arguments(all[i], all));
  }
  return text + fmt::format("      esac ;;\n  esac\n}}\n_{0} \"$@\"\n", all[0].name);
}

}  // namespace hourglass::tools
