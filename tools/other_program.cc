#include "tools/other_program.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tensor/error.h"

namespace hourglass::tools {

namespace fs = std::filesystem;

std::string find_program(const OtherProgram& other) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path built = here / other.built;
  const fs::path installed =
      here.parent_path() / HOURGLASS_LIBEXECDIR / "hourglass" / other.installed;
  for (const fs::path& program : {built, installed}) {
    if (fs::exists(program)) return program.string();
  }
  throw Error(fmt::format("{}: neither {} nor {} is there: {}", other.command, built.string(),
                          installed.string(), other.remedy));
}

void run_instead(const OtherProgram& other, const std::vector<std::string>& words) {
  std::vector<std::string> all = {find_program(other)};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  throw Error(fmt::format("{}: {}: {}", other.command, all[0], std::strerror(errno)));
}

}  // namespace hourglass::tools
