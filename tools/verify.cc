#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ae/model/model_file.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/learn.h"
#include "tools/run_data.h"
#include "tools/say.h"

namespace hourglass::tools {

using namespace internal;

namespace {

struct VerifyArguments {
  std::string run;
  std::optional<int> epochs;
  std::optional<int> threads;
};

// What an epoch left: of the whole model, or of a layer as "epoch 2 of train layer 1".
struct EpochHash {
  std::string epoch, weights;
};

EpochHash hash_of(const Json& line) {
  const std::string split = member(line, "split", std::string());
  const std::string where = split == "train" ? "" : " of " + split;
  return {fmt::format("epoch {}{}", member(line, "epoch", 0), where),
          member(line, "weights", std::string())};
}

// The lines of timing.jsonl, in their order.
std::vector<EpochHash> recorded(const std::string& folder) {
  const std::string path = folder + "/timing.jsonl";
  const std::string text = read_text(path, "verify");
  std::vector<EpochHash> hashes;
  try {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      hashes.push_back(hash_of(parse_json(text.substr(begin, end - begin))));
      if (hashes.back().weights.empty()) {
        throw Error(hashes.back().epoch + ": there is no hash of its weights");
      }
      begin = end + 1;
    }
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("verify: {}: {}", printable(path), error.what()));
  }
  return hashes;
}

// How many of them are whole: the last of a training that was stopped is not.
std::size_t comparable(const RunConfig& config, const std::vector<EpochHash>& hashes,
                       std::optional<int> epochs) {
  const bool stopped = config.outcome == kStopped;
  const std::size_t whole = hashes.size() - (stopped && !hashes.empty() ? 1 : 0);
  if (whole == 0 && !is_finished(config)) {
    throw Error("verify: the run has no whole epoch yet: there is nothing to compare");
  }
  if (!epochs) return whole;
  const std::string last = fmt::format("epoch {}", *epochs);
  int of_the_model = 0;  // not of a layer
  for (std::size_t k = 0; k < whole; ++k) {
    if (hashes[k].epoch == last) return k + 1;
    if (hashes[k].epoch.find(" of ") == std::string::npos) ++of_the_model;
  }
  throw Error(fmt::format("verify: epochs: the run has {}: expected at most that: got {}",
                          internal::counted(of_the_model, "whole one"), *epochs));
}

// Compares what a training leaves with the first lines of what the run recorded.
class Comparison {
 public:
  Comparison(std::vector<EpochHash> then, std::size_t count) : then_(std::move(then)) {
    then_.resize(count);
  }

  void epoch(const Json& line) {
    if (!difference_.empty() || complete()) return;
    const EpochHash now = hash_of(line), &then = then_[seen_++];
    if (then.epoch != now.epoch) {
      differ(fmt::format("{} in the run, {} now", then.epoch, now.epoch));
    } else if (then.weights != now.weights) {
      differ(fmt::format("{}: the weights differ: {} in the run, {} now", now.epoch,
                         then.weights.substr(0, kShown), now.weights.substr(0, kShown)));
    }
  }

  void differ(const std::string& what) { difference_ = what; }
  const std::string& difference() const { return difference_; }
  bool complete() const { return seen_ == then_.size(); }
  std::size_t seen() const { return seen_; }

 private:
  static constexpr std::size_t kShown = 12;  // digits
  std::vector<EpochHash> then_;
  std::size_t seen_ = 0;
  std::string difference_;
};

// Without a folder; to the end where there is something to compare there.
void train_again(Run& run, const RunData& data, bool to_the_end, Comparison& comparison) {
  LearnCallbacks callbacks;
  callbacks.metrics = [](const Json&) {};
  callbacks.timing = [&](const Json& line) { comparison.epoch(line); };
  callbacks.go_on = [&] {
    const bool more = to_the_end || !comparison.complete();
    return more && comparison.difference().empty() && !interrupted();
  };
  run.config.diagnostics = false;
  learn(run, data.parts, callbacks);
}

// The weights that are left, where those of all epochs were the same.
void compare_end(const std::string& folder, Run& run, Comparison& comparison) {
  if (!comparison.complete()) return comparison.differ("it went on for longer");
  if (ae::model_sha256(ae::load_run(folder)) == ae::model_sha256(run.model)) return;
  comparison.differ("model.safetensors has other weights");
}

int verify(const VerifyArguments& arguments) {
  if (arguments.epochs && *arguments.epochs < 1) {
    throw Error(fmt::format("verify: epochs: must be at least 1: got {}", *arguments.epochs));
  }
  Run run;
  run.config = read_config_file(arguments.run + "/config.json");
  const std::vector<EpochHash> then = recorded(arguments.run);
  const std::size_t count = comparable(run.config, then, arguments.epochs);
  const bool to_the_end = is_finished(run.config) && count == then.size();
  const InterruptScope interrupts;
  const ThreadScope threads(arguments.threads.value_or(hourglass::threads()));
  const kernels::PortableBits portable(run.config.portable_bits);
  const RunData data = read_run_data(run.config);
  Comparison comparison(then, count);
  train_again(run, data, to_the_end, comparison);
  if (interrupted()) {
    say("stopped: the same weights so far, after {}\n",
        internal::counted(comparison.seen(), "epoch"));
    return interrupt_code();
  }
  if (to_the_end && comparison.difference().empty()) {
    compare_end(arguments.run, run, comparison);
  }
  if (!comparison.difference().empty()) {
    say("{}: {}\n", printable(arguments.run), comparison.difference());
    return kFailed;
  }
  say("{}: the same weights after {}{}{}\n", printable(arguments.run),
      comparison.seen() == 1 ? "" : "each of ", internal::counted(comparison.seen(), "epoch"),
      to_the_end ? ", and at the end" : "");
  return kDone;
}

void add_verify(CommandLine& program) {
  auto arguments = std::make_shared<VerifyArguments>();
  VerifyArguments& a = *arguments;
  const Command command = program.add_command(
      "verify",
      "Train a run again and compare its weights, epoch by epoch: exit code 1 where they "
      "differ");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("--epochs", a.epochs, "Its first epochs alone");
  command.add_option("--threads", a.threads, "How many threads compute (nothing: all cores)");
  command.set_action([arguments] { return verify(*arguments); });
}

const CommandEntry kVerifyEntry(12, add_verify);

}  // namespace
}  // namespace hourglass::tools
