#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hourglass::tools {

// Exit codes of a program; 128 and a signal's number where one stopped it (interrupt_code()).
// Undecided: a check that neither passed nor failed.
enum Exit : int { kDone = 0, kFailed = 1, kBadInput = 2, kUndecided = 3 };

// What the program's commands see of the parser: command_line.cc alone includes CLI11, which costs
// seconds in every file that does.

// One option of a command, to be said more of: add_option(...).required().
class Option {
 public:
  Option required() const;
  Option show_default() const;                  // in --help, what it is now
  Option one_word() const;                      // of an option that would take several
  Option excludes(const Option& other) const;   // an error where both are given
  Option shows(const std::string& text) const;  // in --help, as what holds where it is not given
  // Calls f with each word given, ahead of --help.
  bool given() const;  // on the command line or in the file of --config
  Option each(std::function<void(const std::string& word)> f) const;

 private:
  friend class Command;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
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

  // The heading in --help of the options that follow.
  void begin_group(const std::string& title) const;

  bool given(const std::string& name) const;  // once the command line is read

  // What the command does where it is the chosen one; returns the exit code.
  void set_action(std::function<int()> action) const;

 private:
  friend class CommandLine;
  Command(CLI::App* app, std::function<int()>* chosen) : app_(app), chosen_(chosen) {}
  CLI::App* app_;
  std::function<int()>* chosen_;
};

// A program's options, and its commands if it has any, from the command line and from the file of
// --config.
class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& name, const std::string& version);
  ~CommandLine();

  void add_config();  // --config FILE
  Command add_command(const std::string& name, const std::string& help);
  Command whole();  // for options of every command

  // The exit code, where all is said (--help, --version). Throws Error in one line: the command,
  // the word, what was expected, for mistyped commands and options the nearest, and where to read
  // on. A list with nothing between two commas is refused: the parser would read 7,,3 as 7,3.
  std::optional<int> read(int argc, char** argv);

  int run_chosen() const { return chosen_(); }

 private:
  std::unique_ptr<CLI::App> app_;
  std::function<int()> chosen_;
};

// What main returns: run's result; for a user's mistake (Error) kBadInput, for any other exception,
// a disk that is full and output that could not be written kFailed, after one line on standard
// error.
int guarded(const std::function<int()>& run);

}  // namespace hourglass::tools
