#include "tools/shell/completion.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace hourglass::tools {
namespace {

std::vector<std::string> dashed(const CommandText& command, bool flags_alone) {
  std::vector<std::string> names;
  for (const OptionText& option : command.options) {
    if (option.in_place || (flags_alone && !option.value.empty())) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> commands_of(const std::vector<CommandText>& all) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < all.size(); ++i) names.push_back(all[i].name);
  return names;
}

// What may stand in a place, where that is known.
std::vector<std::string> words_of(const OptionText& option, const std::vector<CommandText>& all,
                                  const std::vector<std::string>& models) {
  if (option.names[0] == "model" || option.names[0] == "--like") return models;
  if (option.names[0] == "command") return commands_of(all);
  if (option.names[0] == "shell") return {"bash", "zsh"};
  return {};
}

std::string bash_case(const CommandText& command, const std::vector<CommandText>& all,
                      const std::vector<std::string>& models, const std::string& label) {
  std::vector<std::string> words;
  std::string values;  // behind an option that asks for one of some words
  for (const OptionText& option : command.options) {
    const std::vector<std::string> some = words_of(option, all, models);
    if (option.in_place && words.empty()) words = some;
    if (option.in_place || some.empty()) continue;
    values += fmt::format("      [[ $before == {} ]] && values='{}'\n", option.names[0],
                          fmt::join(some, " "));
  }
  if (command.name == all[0].name) words = commands_of(all);
  return fmt::format("    {})\n      options='{}'\n      flags='{}'\n{}      words='{}' ;;\n",
                     label, fmt::join(dashed(command, false), " "),
                     fmt::join(dashed(command, true), " "), values, fmt::join(words, " "));
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

std::string zsh_option(const OptionText& option, const std::vector<CommandText>& all,
                       const std::vector<std::string>& models) {
  const std::vector<std::string> words = words_of(option, all, models);
  const std::string from = words.empty() ? "_files" : fmt::format("({})", fmt::join(words, " "));
  if (option.in_place) {
    return fmt::format(" '{}:{}:{}'", option.several ? "*" : "", zsh_text(option.names[0]), from);
  }
  const std::string value = option.value.empty() ? "" : ":" + zsh_text(option.value) + ":" + from;
  std::string text;
  for (const std::string& name : option.names) {
    text += fmt::format(" '{}[{}]{}'", name, zsh_text(option.help), value);
  }
  return text;
}

std::string zsh_arguments(const CommandText& command, const std::vector<CommandText>& all,
                          const std::vector<std::string>& models) {
  std::string text;
  for (const OptionText& option : command.options) text += zsh_option(option, all, models);
  return text;
}

}  // namespace

std::string bash_completion(const std::vector<CommandText>& all,
                            const std::vector<std::string>& models) {
  std::string text = fmt::format(R"(# bash completion for {0}
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command='' options='' flags='' words='' values='' i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${{COMP_WORDS[i]}} in
      {1}) command=${{COMP_WORDS[i]}} && break ;;
    esac
  done
  case $command in
)",
                                 all[0].name, fmt::join(commands_of(all), "|"));
  text += bash_case(all[0], all, models, "''");
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += bash_case(all[i], all, models, all[i].name);
  }
  // The word behind an option that takes one is one of its values, or a file.
  return text + fmt::format(R"(  esac
  case $current in
    -*) words=$options ;;
    *) [[ $before == -* && " $flags " != *" $before "* ]] && words=$values ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o bashdefault -o default -F _{0} {0}
)",
                            all[0].name);
}

std::string zsh_completion(const std::vector<CommandText>& all,
                           const std::vector<std::string>& models) {
  std::string text = fmt::format(
      "#compdef {0}\n_{0}() {{\n  local state\n  local -a commands\n"
      "  commands=(\n",
      all[0].name);
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += fmt::format("    '{}:{}'\n", all[i].name, zsh_text(all[i].help));
  }
  text += fmt::format("  )\n  _arguments -C{} '1:command:->command' '*::argument:->argument'\n",
                      zsh_arguments(all[0], all, models));
  text +=
      "  case $state in\n    command) _describe command commands ;;\n    argument)\n"
      "      case $words[1] in\n";
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += fmt::format("        {}) _arguments{} ;;\n", all[i].name,
                        zsh_arguments(all[i], all, models));
  }
  return text + fmt::format("      esac ;;\n  esac\n}}\n_{0} \"$@\"\n", all[0].name);
}

}  // namespace hourglass::tools
