#pragma once

#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

namespace hourglass::tools {

// One option that a file of --config gives, or where the name is empty, a section that it has.
struct ConfigEntry {
  std::string section;  // empty: of the whole program
  std::string name;
  std::vector<std::string> words;  // as on a command line; of a list, each
};

// What is wrong with a file, in one line.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Reads TOML of up to 1 MiB, and no more of an endless file. Throws ConfigError with line and
// column for what is not TOML, and naming what is neither an option nor a section of options.
std::vector<ConfigEntry> read_toml(std::istream& input);

}  // namespace hourglass::tools
