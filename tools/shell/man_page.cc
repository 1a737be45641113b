#include "tools/shell/man_page.h"

#include <fmt/core.h>

#include <algorithm>

namespace hourglass::tools {
namespace {

// Plain text: hyphens that may be copied, and nothing that roff would take for its own.
std::string roff(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result.starts_with(".") || result.starts_with("'") ? "\\&" + result : result;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string dots(const OptionText& option) { return option.several ? "..." : ""; }

std::string synopsis(const std::string& words, const CommandText& command) {
  std::string text = "\\fB" + roff(words) + "\\fR [\\fIoptions\\fR]";
  for (const OptionText& option : command.options) {
    if (!option.in_place) continue;
    const std::string word = "\\fI" + roff(option.names[0]) + "\\fR" + dots(option);
    text += option.required ? " " + word : " [" + word + "]";
  }
  return text;
}

std::string entry(const OptionText& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
  }
  if (!option.in_place && !option.value.empty()) names += " \\fI" + roff(option.value) + "\\fR";
  std::string help = roff(option.help);
  if (option.required) help += " (required)";
  if (!option.otherwise.empty()) help += " (default: " + roff(option.otherwise) + ")";
  return ".TP\n" + names + dots(option) + "\n" + help + "\n";
}

std::string options_text(const CommandText& command) {
  std::string text, group = "Options";
  for (const OptionText& option : command.options) {
    if (text.empty()) text = ".SH OPTIONS\n";
    if (!option.in_place && option.group != group) {
      text += ".SS " + roff(option.group) + "\n";
      group = option.group;
    }
    text += entry(option);
  }
  return text;
}

// Of the whole program alone.
std::string commands_text(const std::vector<CommandText>& all) {
  std::string text = ".SH COMMANDS\n";
  for (std::size_t i = 1; i < all.size(); ++i) {
    text += ".TP\n\\fB" + roff(page_name(all, all[i])) + "\\fR(1)\n" + roff(all[i].help) + "\n";
  }
  return text +
         ".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nthe run failed\n.TP\n2\nbad usage or bad input\n"
         ".TP\n3\na gradient check that neither passed nor failed\n"
         ".TP\n129, 130, 143\nstopped by SIGHUP, Ctrl\\-C, SIGTERM: what was learnt is kept\n";
}

}  // namespace

std::string page_name(const std::vector<CommandText>& all, const CommandText& command) {
  return command.name == all[0].name ? all[0].name : all[0].name + "-" + command.name;
}

std::string man_page(const std::vector<CommandText>& all, const CommandText& command) {
  const bool whole = command.name == all[0].name;
  const std::string name = page_name(all, command);
  std::string text = fmt::format(".TH {} 1 \"\" \"{} {}\" \"{}\"\n", roff(upper(name)), all[0].name,
                                 HOURGLASS_VERSION, "Hourglass");
  text += ".SH NAME\n" + roff(name) + " \\- " + roff(command.help) + "\n";
  const std::string words = whole ? name : all[0].name + " " + command.name;
  text += ".SH SYNOPSIS\n" + synopsis(words, command) + (whole ? " \\fIcommand\\fR ...\n" : "\n") +
          options_text(command);
  if (whole) return text + commands_text(all);
  return text + ".SH SEE ALSO\n\\fB" + roff(all[0].name) + "\\fR(1)\n";
}

}  // namespace hourglass::tools
