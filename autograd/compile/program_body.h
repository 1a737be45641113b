#pragma once

#include <optional>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/compile/request.h"
#include "autograd/compile/run.h"
#include "tensor/waking.h"

namespace hourglass {

// What a Program holds. Internal: programs use Program.
struct Program::Body final : private internal::RunWatcher {
  Body(internal::Request request, internal::Plan plan, int threads,
       std::optional<bool> portable_bits);

  const std::vector<Tensor>& run(std::span<const Tensor> inputs, std::span<double> seconds = {});
  int threads() const;

  const internal::Request request;
  internal::Runner runner;

 private:
  void at_gate() override;
  void not_finite(const internal::Instruction& loop) override;

  void check_inputs() const;
  void check_update(const Update& update, const std::string& origin = "");
  void check_updates_of_kernels();
  std::string trace(const std::vector<Var>& values) const;
  void prepare_results();
  void collect();
  void commit();
  const void* address(const Var& x) { return runner.address(x, {fed_, results_}); }

  const int threads_;                        // 0: threads() at the time of the run
  const std::optional<bool> portable_bits_;  // nothing: kernels::portable_bits() at that time
  std::span<const Tensor> fed_;              // of the run in progress
  RepeatedWork work_;
  bool gate_passed_ = false;
  std::vector<const Update*> bad_;  // not finite, and made before the gate
  std::vector<Tensor> results_;
  std::vector<Tensor> staged_;  // one an update, defined where the value is not in the arena
};

}  // namespace hourglass
