#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace hourglass::tools {

// What a shell completes after the program's name: commands, their options, the names of models
// where one is asked for, else files. `all` is the program's description, `models` its names.
std::string bash_completion(const std::vector<CommandText>& all,
                            const std::vector<std::string>& models);
std::string zsh_completion(const std::vector<CommandText>& all,
                           const std::vector<std::string>& models);

}  // namespace hourglass::tools
