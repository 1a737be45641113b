#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "autograd/compile/program_body.h"
#include "autograd/compile/storage.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Work work_of(const Instruction& instruction, const std::vector<Update>& updates) {
  if (instruction.nodes[0].op().product) return Work::kProduct;
  if (!instruction.loop) return Work::kOther;
  for (const Var& output : instruction.outputs) {
    for (const Update& update : updates) {
      if (output.same(storage_of(update.value))) return Work::kUpdate;
    }
  }
  return Work::kLoop;
}

}  // namespace

double Profile::of(Work work) const {
  double sum = 0;
  for (const Line& line : lines) sum += line.work == work ? line.seconds : 0;
  return sum;
}

std::string to_string(const Profile& profile) {
  std::string text;
  double lines = 0;
  for (const Profile::Line& line : profile.lines) {
    text += fmt::format("{:>10.1f} us  {}\n", line.seconds * 1e6, line.text);
    lines += line.seconds;
  }
  const auto total = [&](const char* what, double seconds) {
    text += fmt::format("{:>10.1f} us {:>5.1f} %  {}\n", seconds * 1e6,
                        100 * seconds / profile.seconds, what);
  };
  for (const auto& [work, name] : kWorks) total(name, profile.of(work));
  total("between the lines", profile.seconds - lines);
  total("a run", profile.seconds);
  text += profile.memory;
  return text;
}

Profile Program::profile(std::span<const Tensor> inputs, int runs) {
  if (!body_) throw Error("profile: the program is empty: it was never compiled or was moved from");
  if (runs < 1) throw Error(fmt::format("profile: needs at least one run: got {}", runs));
  using Clock = std::chrono::steady_clock;
  const std::vector<Instruction>& instructions = body_->runner.plan().instructions;
  std::vector<double> seconds(instructions.size());
  std::vector<double> whole;
  std::vector<std::vector<double>> of_line(instructions.size());
  body_->run(inputs);
  for (int r = 0; r < runs; ++r) {
    const Clock::time_point start = Clock::now();
    body_->run(inputs, seconds);
    whole.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    for (std::size_t k = 0; k < seconds.size(); ++k) of_line[k].push_back(seconds[k]);
  }
  Profile profile;
  profile.seconds = median(whole);
  profile.memory = memory_text(body_->runner.plan());
  for (std::size_t k = 0; k < instructions.size(); ++k) {
    profile.lines.push_back({to_string(body_->runner.plan(), instructions[k]),
                             work_of(instructions[k], body_->request.updates), median(of_line[k])});
  }
  return profile;
}

}  // namespace hourglass
