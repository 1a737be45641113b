#pragma once

#include <string>
#include <vector>

namespace hourglass::tools {

// A program that this one runs for a command, and that not every build has.
struct OtherProgram {
  std::string command;    // of this program
  std::string built;      // below the folder of this one: "bench/kernels"
  std::string installed;  // below libexec/hourglass: "kernels"
  std::string remedy;     // "it is built where ..."
};

// Where it is. Throws Error, which says where it was looked for and how to have it.
std::string find_program(const OtherProgram& other);

// It takes this process's place, with these words after its name. Throws Error where it cannot.
[[noreturn]] void run_instead(const OtherProgram& other, const std::vector<std::string>& words);

}  // namespace hourglass::tools
