#pragma once

#include <optional>
#include <span>
#include <vector>

#include "autograd/compile/loop.h"
#include "autograd/compile/plan.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "tensor/tensor.h"

namespace hourglass::internal {

// What a run asks on its way. Either function may throw, which ends the run.
class RunWatcher {
 public:
  virtual void at_gate() = 0;                         // where the plan has its gate
  virtual void not_finite(const Instruction& k) = 0;  // a loop made such a new value
 protected:
  ~RunWatcher() = default;
};

// The tensors of a run: what it is fed, and what its outputs are returned in.
struct RunTensors {
  std::span<const Tensor> inputs;
  std::span<Tensor> outputs;
};

// A plan made ready to run: its arena, its loops, the arguments of its kernels. One run at a time;
// after the first, a run allocates nothing.
class Runner {
 public:
  Runner(Plan plan, const std::vector<Update>& updates);

  // Runs the instructions in order. With `seconds`, one an instruction, the time of each is stored.
  void run(const RunTensors& tensors, RunWatcher& watcher, std::span<double> seconds = {});

  // Where the numbers of a node are in a run with these tensors.
  const void* address(const Var& x, const RunTensors& tensors) const {
    return read_at(plan_.places.at(x), tensors);
  }

  // Whether a loop makes this value, and so looks at whether it is finite.
  bool made_by_loop(const Var& value) const { return made_by_loop_.contains(value); }

  const Plan& plan() const { return plan_; }

 private:
  struct Prepared {  // what the plan says about an instruction, looked up once
    ShortVector<Place, 2> reads;
    ShortVector<Place, 1> writes;
    std::optional<LoopRunner> loop;
    ShortVector<ArrayRef, 2> inputs;  // of a kernel: all but the addresses
    OutputRef output;
  };

  void prepare(const Instruction& instruction, const VarSet& new_values);
  const void* read_at(const Place& place, const RunTensors& tensors) const;
  void* write_at(const Place& place, const RunTensors& tensors);
  bool run_instruction(std::size_t k, const RunTensors& tensors);

  Plan plan_;
  Tensor arena_;
  VarSet made_by_loop_;
  std::vector<Prepared> prepared_;  // one an instruction
  std::vector<const void*> reads_;  // of the instruction that runs
  std::vector<void*> writes_;
};

}  // namespace hourglass::internal
