#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace hourglass::tools {

// Every option that takes numbers, of the program and of its commands, accepts whole words that are
// numbers of its kind: no "-1" where numbers count from 0, no number too large for it.
void check_numbers(CLI::App& app);

// Throws Error for a list with nothing between two commas, or at an end: the parser would skip it,
// and 7,,3 would be 7,3. Words as they were given, without the program's name.
void check_lists(const CLI::App& app, const std::vector<std::string>& words);

// Lets --config, which app has, throw the same for the lists of its file, where [] is "", none.
void check_config_lists(CLI::App& app);

// What is wrong with the command line, in one line: the command, the word, what was expected, for
// mistyped commands and options the nearest, and where to read on.
std::string text_of(const CLI::App& app, const CLI::ParseError& error);

}  // namespace hourglass::tools
