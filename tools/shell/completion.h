#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace hourglass::tools {

// What a shell completes after the program's name: commands, their options, what these take where
// that is known, no number, else files. `all` is the program's description.
std::string bash_completion(const std::vector<CommandText>& all);
std::string zsh_completion(const std::vector<CommandText>& all);

}  // namespace hourglass::tools
