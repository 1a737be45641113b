#pragma once

#include "tools/command_line.h"

namespace hourglass::tools {

// A command of the program. Its file defines one of these at namespace scope, with the function
// that adds it and its options; nothing else knows of it. They are listed in --help in the order of
// their places.
struct CommandEntry {
  CommandEntry(int place, void (*add)(CommandLine& program));
};

// Adds all there are.
void add_commands(CommandLine& program);

}  // namespace hourglass::tools
