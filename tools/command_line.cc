#include "tools/command_line.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "tensor/error.h"
#include "tensor/nearest_name.h"
#include "tools/config_file.h"

namespace hourglass::tools {
namespace {

// Whether the whole text is one number of the type.
template <class T>
bool is_number(const std::string& text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && next == end;
}

template <class T>
void expect(CLI::Option& option, const char* what) {
  const bool list = option.get_expected_max() > 1;  // which may be empty: --hidden ""
  option.check(CLI::Validator(
      [what, list](std::string& text) {
        if (is_number<T>(text) || (list && text.empty())) return std::string();
        return fmt::format("expected {}: got {}", what, text);
      },
      ""));
}

// An empty word is no text: --data "$UNSET" does not mean to leave --data out.
void expect_text(CLI::Option& option) {
  option.check(CLI::Validator(
      [](std::string& text) { return text.empty() ? "expected a word: got an empty one" : ""; },
      ""));
}

void check_values_of(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    if (type == "TEXT" && option->get_expected_max() == 1) expect_text(*option);
    if (type == "INT") expect<std::int64_t>(*option, "a whole number");
    if (type == "UINT") expect<std::uint64_t>(*option, "a whole number from 0 to 2^64 - 1");
    if (type == "FLOAT") expect<double>(*option, "a number");
  }
}

// The command that was given, or nothing.
const CLI::App* given_command(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? nullptr : commands.front();
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view nearest = nearest_name(word, views);
  return nearest.empty() ? "" : fmt::format(": did you mean {}?", nearest);
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// Words that nothing takes: an option that there is none of, or one word too many.
std::string unexpected_text(const CLI::App& app, const CLI::App& command) {
  const std::vector<std::string> words = app.remaining(true);
  const auto option = std::find_if(words.begin(), words.end(),
                                   [](const std::string& word) { return word.starts_with("-"); });
  if (option == words.end()) return fmt::format("one word too many: {}", words.back());
  const std::string name = option->substr(0, option->find('='));
  if (command.get_option_no_throw(name)) {  // given ahead of the command
    return fmt::format("{} belongs behind the command: {} {} {}", name, app.get_name(),
                       command.get_name(), name);
  }
  return fmt::format("there is no option {}{}", name, did_you_mean(name, options_of(command)));
}

// What the library says, in the words of this program.
std::string plain(std::string text) {
  // All numbers are checked ahead of their conversion: what is left does not fit.
  const std::string unreadable = "Could not convert: ", unknown = "INI was not able to parse ";
  if (text.starts_with(unreadable)) return text.substr(unreadable.size()) + " is out of range";
  if (!text.starts_with(unknown)) return text;
  text = text.substr(unknown.size());
  const std::size_t section = text.find(".++");  // how it writes [train]
  return section == std::string::npos
             ? fmt::format("config: there is no option {}", text)
             : fmt::format("config: there is no section {}", text.substr(0, section));
}

std::string with_help(const std::string& text, const CLI::App& command) {
  const CLI::App* program = command.get_parent();
  const std::string words = (program ? program->get_name() + " " : "") + command.get_name();
  return fmt::format("{}{} {} --help", text, text.ends_with("?") ? " See" : ": see", words);
}

bool is_list(const CLI::Option* option) { return option && option->get_delimiter() == ','; }

// Throws Error for a list with nothing between two commas, or at an end.
void check_list(const CLI::App& command, const CLI::Option& option, const std::string& list) {
  const bool gap =
      list.find(",,") != std::string::npos || list.starts_with(",") || list.ends_with(",");
  if (!gap) return;
  const std::string text =
      fmt::format("{}: {}: expected a number before and after each comma: got {}",
                  command.get_name(), option.get_name(), list);
  throw Error(with_help(text, command));
}

// In a list of the file nothing is missing, and [] is "", none.
void check_list_of(const CLI::App& app, CLI::ConfigItem& item) {
  const auto named = app.get_subcommands([&](const CLI::App* command) {
    return item.parents.size() == 1 && command->get_name() == item.parents[0];
  });
  if (named.empty()) return;
  const CLI::Option* option = named.front()->get_option_no_throw("--" + item.name);
  if (!is_list(option)) return;
  if (item.inputs.empty()) item.inputs = {""};
  std::string list = item.inputs[0];
  for (std::size_t i = 1; i < item.inputs.size(); ++i) list += "," + item.inputs[i];
  check_list(*named.front(), *option, list);
}

// The file of --config as the parser takes it: each option with its words.
class ConfigReader : public CLI::ConfigTOML {
 public:
  explicit ConfigReader(const CLI::App& app) : app_(app) {}
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> items;
    const std::string path = app_.get_config_ptr()->as<std::string>();
    try {
      for (const ConfigEntry& entry : entries_of(input, path)) {
        CLI::ConfigItem& item = items.emplace_back();
        if (!entry.section.empty()) item.parents = {entry.section};
        item.name = entry.name.empty() ? "++" : entry.name;  // how the parser says [train]
        item.inputs = entry.words;
        check_list_of(app_, item);
      }
    } catch (const ConfigError& error) {
      throw CLI::ConfigError(fmt::format("config: {}: {}", path, error.what()));
    }
    return items;
  }

 private:
  // A run's config.json begins with what no TOML does.
  std::vector<ConfigEntry> entries_of(std::istream& input, const std::string& path) const {
    if (input.peek() != '{') return read_toml(input);
    const CLI::App* command = given_command(app_);
    if (!command || !command->get_option_no_throw(kRepeatOption)) {
      throw ConfigError("is a run's, which only train repeats");
    }
    const std::string& name = command->get_name();
    return {{name, "", {}}, {name, std::string(kRepeatOption).substr(2), {path}}};
  }

  const CLI::App& app_;
};

// Every option that takes numbers accepts whole words that are numbers of its kind: no "-1" where
// numbers count from 0, no number too large for it. One that takes text takes some.
void check_values(CLI::App& app) {
  check_values_of(app);
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    check_values_of(*command);
  }
}

// Throws Error for --out= with nothing behind it, for which the parser takes the next word.
void check_value(const CLI::App& command, const std::string& word) {
  if (word.back() != '=') return;
  throw Error(with_help(
      fmt::format("{}: {}: expected a value behind the =", command.get_name(), word), command));
}

// Of the words as they were given, without the program's name.
void check_words(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = commands_of(app).empty() ? &app : nullptr;
  const CLI::Option* option = nullptr;  // whose values follow
  for (std::string word : words) {
    if (!command) {
      const auto named = app.get_subcommands(
          [&](const CLI::App* candidate) { return candidate->get_name() == word; });
      if (!named.empty()) command = named.front();
      continue;
    }
    if (word.starts_with("-") && !is_number<double>(word.substr(0, word.find(',')))) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      option = command->get_option_no_throw(name);
      if (!option) option = app.get_option_no_throw(name);
      if (option) check_value(*command, word);
      word = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    if (is_list(option)) check_list(*command, *option, word);
  }
}

// What is wrong with the command line.
std::string text_of(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = given_command(app);
  const bool unexpected = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  if (command) {
    const std::string& name = command->get_name();
    const std::string text = unexpected ? unexpected_text(app, *command) : plain(error.what());
    return with_help(fmt::format("{}: {}", name, text), *command);
  }
  const std::vector<std::string> words = app.remaining();
  if (words.empty()) return with_help(plain(error.what()), app);
  const bool no_commands = commands_of(app).empty();
  if (no_commands || words.front().starts_with("-")) {
    return with_help(unexpected_text(app, app), app);
  }
  return with_help(fmt::format("there is no command {}{}", words.front(),
                               did_you_mean(words.front(), commands_of(app))),
                   app);
}

}  // namespace

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::show_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::one_word() const {
  option_->expected(1);
  return *this;
}

Option Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::shows(const std::string& text) const {
  option_->default_str(text);
  return *this;
}

Option Option::offers(std::vector<std::string> forms) const {
  if (!forms.empty()) state_->offered[option_] = std::move(forms);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

Option Option::each(std::function<void(const std::string& word)> f) const {
  option_->each(std::move(f));
  return *this;
}

template <class T>
Option Command::add_option(const std::string& names, T& value, const std::string& help) const {
  CLI::Option* option = app_->add_option(names, value, help);
  const bool numbers = option->get_type_name() != "TEXT";
  if (numbers && option->get_expected_max() > 1) option->delimiter(',');
  return Option(option, state_);
}

// The types that options have.
template Option Command::add_option(const std::string&, std::string&, const std::string&) const;
template Option Command::add_option(const std::string&, int&, const std::string&) const;
template Option Command::add_option(const std::string&, std::int64_t&, const std::string&) const;
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&) const;
template Option Command::add_option(const std::string&, double&, const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<std::string>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<int>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<std::int64_t>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<double>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::string>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<int>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::int64_t>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::uint64_t>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<double>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::vector<std::int64_t>>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::vector<std::string>>&,
                                    const std::string&) const;

Option Command::add_flag(const std::string& names, bool& value, const std::string& help) const {
  return Option(app_->add_flag(names, value, help), state_);
}

void Command::begin_group(const std::string& title) const { app_->option_defaults()->group(title); }

bool Command::given(const std::string& name) const { return app_->count(name) > 0; }

std::vector<std::string> Command::all_given() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app_->get_options()) {
    const std::string name = option->get_name();  // none where --help leaves it out
    if (option->count() > 0 && !name.empty()) names.push_back(name);
  }
  return names;
}

void Command::set_action(std::function<int()> action) const {
  app_->callback([state = state_, action = std::move(action)] { state->chosen = action; });
}

CommandLine::CommandLine(const std::string& description, const std::string& name,
                         const std::string& version, std::function<std::string()> built_with)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_version_flag("--version", [name, version, built_with = std::move(built_with)] {
    return name + " " + version + (built_with ? "\n" + built_with() : "");
  });
  app_->fallthrough();
}

CommandLine::~CommandLine() = default;

void CommandLine::add_config() {
  expect_text(*app_->set_config("--config", "",
                                "Read options from a TOML file: one section a sub-command; of "
                                "train also a run's config.json, which it repeats"));
  app_->allow_config_extras(CLI::config_extras_mode::error);  // nothing in it is ignored
  app_->config_formatter(std::make_shared<ConfigReader>(*app_));
}

void CommandLine::set_footer(const std::string& text) { app_->footer(text); }

Command CommandLine::add_command(const std::string& name, const std::string& help) {
  app_->require_subcommand(1);
  return Command(app_->add_subcommand(name, help), &state_);
}

Command CommandLine::whole() { return Command(app_.get(), &state_); }

std::optional<int> CommandLine::read(int argc, char** argv) {
  check_values(*app_);
  check_words(*app_, {argv + 1, argv + argc});
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app_->exit(help);
  } catch (const CLI::ParseError& error) {
    throw Error(text_of(*app_, error));
  }
  return std::nullopt;
}

}  // namespace hourglass::tools
