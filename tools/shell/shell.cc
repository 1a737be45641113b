// What a shell is told of the program: manual pages and completion.

#include <fmt/core.h>

#include <filesystem>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/nearest_name.h"
#include "tools/commands.h"
#include "tools/shell/completion.h"
#include "tools/shell/man_page.h"

namespace hourglass::tools {
namespace {

struct ManArguments {
  std::optional<std::string> command, folder;
};

const CommandText& command_named(const std::vector<CommandText>& all, const std::string& name) {
  std::vector<std::string_view> known;
  for (const CommandText& command : all) {
    if (command.name == name) return command;
    known.push_back(command.name);
  }
  throw_unknown_name("man: command", name, known);
}

int man(const CommandLine& program, const ManArguments& a) {
  const std::vector<CommandText> all = program.described();
  if (a.folder && a.command) throw Error("man: --all writes every page: leave out the command");
  if (!a.folder) {
    fmt::print("{}", man_page(all, a.command ? command_named(all, *a.command) : all[0]));
    return kDone;
  }
  std::error_code error;
  std::filesystem::create_directories(*a.folder, error);
  if (error) throw Error(fmt::format("man: {}: cannot create: {}", *a.folder, error.message()));
  for (const CommandText& command : all) {
    internal::write_text(fmt::format("{}/{}.1", *a.folder, page_name(all, command)),
                         man_page(all, command), "man");
  }
  return kDone;
}

int completion(const CommandLine& program, const std::string& shell) {
  if (shell != "bash" && shell != "zsh") {
    throw Error(fmt::format("completion: expected bash or zsh: got {}", shell));
  }
  auto* script = shell == "bash" ? bash_completion : zsh_completion;
  fmt::print("{}", script(program.described()));
  return kDone;
}

void add_man(CommandLine& program) {
  auto arguments = std::make_shared<ManArguments>();
  const Command command = program.add_command(
      "man", "The manual page of a command, or of the program, as roff: man -l");
  command.add_option("command", arguments->command, "Which (nothing: the program's)");
  command.add_option("--all", arguments->folder, "Write every page into this folder");
  command.set_action([&program, arguments] { return man(program, *arguments); });
}

void add_completion(CommandLine& program) {
  auto shell = std::make_shared<std::string>();
  const Command command = program.add_command(
      "completion", "Completion for a shell: source <(hourglass completion bash)");
  command.add_option("shell", *shell, "bash or zsh").required().offers({"bash", "zsh"});
  command.set_action([&program, shell] { return completion(program, *shell); });
}

const CommandEntry kManEntry(18, add_man);
const CommandEntry kCompletionEntry(19, add_completion);

}  // namespace
}  // namespace hourglass::tools
