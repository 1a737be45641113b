#include <memory>
#include <string>
#include <vector>

#include "autograd/graph/op.h"
#include "tensor/kernels.h"
#include "tools/commands.h"
#include "tools/other_program.h"

namespace hourglass::tools {
namespace {

const OtherProgram kCertificate = {"certificate", "hourglass-certificate", "hourglass-certificate",
                                   "it is built by: ninja hourglass-certificate"};

std::vector<std::string> op_names() {
  std::vector<std::string> names;
  for (const Op* op : all_ops()) names.emplace_back(op->name);
  return names;
}

void add_certificate(CommandLine& program) {
  auto ops = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  const Command command = program.add_command(
      "certificate", "Check every op against its row and print the worst errors seen");
  command.add_option("ops", *ops, "These ops only").offers(op_names());
  command.add_flag("--json", *json, "As JSON: a list with one object an op");
  command.set_action([ops, json]() -> int {
    std::vector<std::string> words = {"--cpu", kernels::cpu_target()};
    if (*json) words.push_back("--json");
    words.push_back("--");
    words.insert(words.end(), ops->begin(), ops->end());
    run_instead(kCertificate, words);
  });
}

const CommandEntry kCertificateEntry(13, add_certificate);

}  // namespace
}  // namespace hourglass::tools
