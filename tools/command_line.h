#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/guarded.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hourglass::tools {

// What the program's commands see of the parser: command_line.cc and described.cc alone include
// CLI11, which costs seconds in every file that does.

// The option, which --help leaves out, that gets the path where --config names a run's config.json.
inline constexpr const char* kRepeatOption = "--repeat";

// What the program's handles share.
struct CommandState {
  std::function<int()> chosen;  // the command's action
  std::map<const CLI::Option*, std::vector<std::string>> offered;
};

// One option of a command, to be said more of: add_option(...).required().
class Option {
 public:
  Option required() const;
  Option show_default() const;                  // in --help, what it is now
  Option one_word() const;                      // of an option that would take several
  Option excludes(const Option& other) const;   // an error where both are given
  Option shows(const std::string& text) const;  // in --help, as what holds where it is not given
  // What it takes, for shells to complete: "mse"; of "gaussian:SCALE" up to the colon.
  Option offers(std::vector<std::string> forms) const;
  // Calls f with each word given, ahead of --help.
  bool given() const;  // on the command line or in the file of --config
  Option each(std::function<void(const std::string& word)> f) const;

 private:
  friend class Command;
  Option(CLI::Option* option, CommandState* state) : option_(option), state_(state) {}
  CLI::Option* option_;
  CommandState* state_;
};

// A handle to a sub-command, or to the whole program as far as options go.
class Command {
 public:
  // An option by its names ("-o,--output"; without dashes a word in its place) that writes to
  // `value`: text, a number, a list of either, or one of them as std::optional, which stays empty
  // where nothing is given. Numbers are whole words of their kind; lists of them are written 7,3.
  template <class T>
  Option add_option(const std::string& names, T& value, const std::string& help) const;
  Option add_flag(const std::string& names, bool& value, const std::string& help) const;

  // The heading in --help of the options that follow; "" leaves them out.
  void begin_group(const std::string& title) const;

  bool given(const std::string& name) const;   // once the command line is read
  std::vector<std::string> all_given() const;  // "model", "--epochs", also in the file of --config

  // What the command does where it is the chosen one; returns the exit code.
  void set_action(std::function<int()> action) const;

 private:
  friend class CommandLine;
  Command(CLI::App* app, CommandState* state) : app_(app), state_(state) {}
  CLI::App* app_;
  CommandState* state_;
};

// What --help says of an option, for other forms of it.
struct OptionText {
  std::vector<std::string> names;  // "-o", "--output"; of a word in its place its name alone
  std::string value;               // "TEXT"; empty: a flag
  std::string otherwise;           // what holds where it is not given, if that is said
  std::string help, group;
  std::vector<std::string> forms;  // that it takes, where they are known: "mse", "gaussian:SCALE"
  bool in_place = false, required = false, several = false;
};

// And of a command, or of the whole program.
struct CommandText {
  std::string name, help;
  std::vector<OptionText> options;  // those in their places first
};

// A program's options, and its commands if it has any, from the command line and from the file of
// --config.
class CommandLine {
 public:
  // `built_with` is printed below the version, by --version.
  CommandLine(const std::string& description, const std::string& name, const std::string& version,
              std::function<std::string()> built_with = {});
  ~CommandLine();

  void add_config();                         // --config FILE
  void set_footer(const std::string& text);  // at the end of --help
  Command add_command(const std::string& name, const std::string& help);
  Command whole();  // for options of every command

  // What --help says: of the whole program, then of each command in its order.
  std::vector<CommandText> described() const;

  // The exit code, where all is said (--help, --version). Throws Error in one line: the command,
  // the word, what was expected, for mistyped commands and options the nearest, and where to read
  // on. A list with nothing between two commas is refused: the parser would read 7,,3 as 7,3.
  std::optional<int> read(int argc, char** argv);

  int run_chosen() const { return state_.chosen(); }

 private:
  std::unique_ptr<CLI::App> app_;
  CommandState state_;
};

}  // namespace hourglass::tools
