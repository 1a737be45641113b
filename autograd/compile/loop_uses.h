#pragma once

#include "autograd/compile/instruction.h"
#include "tensor/short_vector.h"

namespace hourglass::internal {

// When a loop needs what it reads, and when it writes: an output may be written over a read that
// its step or an earlier one needs last. Of a kernel nothing is known.
class LoopUses {
 public:
  explicit LoopUses(const Instruction& instruction);

  struct Value {         // that is read, once or in several patterns
    int reads = 0;       // how many of the reads
    bool full = true;    // all of them element by element
    int last_step = -1;  // that takes it
  };
  const Value& of_read(std::size_t read) const { return values_[value_of_[read]]; }
  int writer(std::size_t output) const { return writers_[output]; }  // the step that makes it

 private:
  ShortVector<std::size_t> value_of_;  // of each read
  ShortVector<Value> values_;
  ShortVector<int> writers_;
};

}  // namespace hourglass::internal
