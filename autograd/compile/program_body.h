#pragma once

#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/compile/run.h"

namespace hourglass {

// What a Program holds. Internal: programs use Program.
struct Program::Body final : private RunWatcher {
  // `names` are those of the watched values, for errors: equal ones may have become one node.
  Body(std::vector<Var> outputs, CompileOptions options, std::vector<std::string> names);

  const std::vector<Tensor>& run(std::span<const Tensor> inputs, std::span<double> seconds = {});
  int threads() const;

  std::vector<Var> outputs;
  CompileOptions options;
  std::vector<std::string> watch_names;
  Runner runner;

 private:
  void at_gate() override;
  void not_finite(const Instruction& loop) override;

  void check_inputs() const;
  void check_update(const Update& update, const std::string& origin = "") const;
  void check_updates_of_kernels() const;
  std::string trace(const std::vector<Var>& values) const;
  void collect();
  void commit();
  void* address(const Var& x) const { return runner.address(x, fed_); }

  std::span<const Tensor> fed_;  // of the run in progress
  bool gate_passed_ = false;
  std::vector<const Update*> bad_;  // not finite, and made before the gate
  std::vector<Tensor> results_;
  std::vector<Tensor> staged_;  // one an update, defined where the value is not in the arena
};

}  // namespace hourglass
