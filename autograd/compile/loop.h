#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "autograd/compile/fuse.h"
#include "autograd/ops/draw.h"
#include "tensor/kernels.h"

namespace hourglass {

// A fused loop made ready to run: one pass over its elements in tiles that stay in L1, each node a
// lane function on the tile. What is a tile and what is a block of tiles depends on sizes only.
class LoopRunner {
 public:
  explicit LoopRunner(const Instruction& loop);

  // reads[i] and outputs[i] are the memory of the instruction's reads and outputs. An output may
  // lie over a full read that no later step of the loop reads.
  // Returns whether every number of the outputs that are checked was finite.
  bool run(std::span<void* const> reads, std::span<void* const> outputs) const;

  // Checks an output on the way, while its tiles are in cache.
  void check_finite(std::size_t output) { checked_[output] = true; }

  // After which step a read is not needed any more: an output of that step or a later one may
  // overwrite it.
  static int last_use(const Instruction& loop, std::size_t read);

 private:
  struct Step {
    kernels::LaneFunction lane = nullptr;    // nullptr: a cast,
    Draw draw;                               // or a draw,
    kernels::ChainFunction chain = nullptr;  // or a chain,
    unsigned scalars = 0;                    // with these operands of one element
    DType from = DType::kF32, to = DType::kF32;
    std::vector<int> operands;  // registers
    std::vector<double> parameters;
    int output = -1;  // index among the outputs, or kept in a tile only
    kernels::AdamFunction adam = nullptr;
    int moments[2] = {-1, -1};  // of Adam: the outputs beside its result
    int sum = -1;               // index among the sums
    std::size_t tile = 0;       // of this step's result, if it is not an output
  };
  struct Source {
    Pattern pattern = Pattern::kFull;
    std::size_t bytes = 4;  // of an element
    std::size_t tile = 0;   // where a pattern is spread to
    bool spread = false;    // a scalar that a lane reads; chains and Adam take its first element
  };
  struct Sum {
    Pattern to = Pattern::kScalar;
    DType dtype = DType::kF32;
    int terms = -1;                        // of a sum by columns: the output that holds its terms
    int output = -1;                       // where it is written
    std::int64_t results = 0;              // how many numbers
    std::unique_ptr<std::byte[]> partial;  // of each tile or block; none where there is one alone
  };

  std::int64_t most_elements(std::size_t widest) const;
  void choose_tiles();
  using OutputIndex = std::unordered_map<const Node*, int>;  // which output a node is

  Step make_step(const LoopStep& planned, const OutputIndex& output_index);  // may add to sums_
  void assign_tiles();
  bool run_block(std::int64_t block, std::span<void* const> reads,
                 std::span<void* const> outputs) const;
  bool run_tile(std::int64_t tile, std::int64_t first, std::int64_t n, std::span<void* const> reads,
                std::span<void* const> outputs, char* scratch) const;
  static void make_tile(const Step& step, const void* const* operands, void* y, std::int64_t first,
                        std::int64_t n);
  static bool run_adam(const Step& step, const void* const* operands, void* y, std::int64_t first,
                       std::int64_t n, std::span<void* const> outputs);
  void prefetch(std::int64_t first, std::span<void* const> reads) const;
  void spread_constant(std::span<void* const> reads, char* scratch) const;
  const char* source(std::size_t k, std::int64_t first, std::int64_t n, const char* memory,
                     char* scratch) const;

  std::vector<bool> checked_;  // one an output
  std::vector<Source> sources_;
  // Sums (loop_sums.cc): of a tile, of a block of rows whose terms are stored, of all of these.
  void allocate_sums();
  void sum_tile(const Sum& sum, std::int64_t tile, std::int64_t first, std::int64_t n,
                const void* terms, std::span<void* const> outputs) const;
  void sum_block(std::int64_t block, std::span<void* const> outputs) const;
  bool finish_sums(std::span<void* const> outputs) const;
  bool sums_of_nothing(std::span<void* const> outputs) const;  // 0 each; always true

  std::vector<Step> steps_;
  std::vector<Sum> sums_;
  std::int64_t elements_ = 0, columns_ = 0;
  std::int64_t tile_ = 0;  // elements of a full tile
  std::int64_t row_tiles_ =
      0;  // tiles of one row where rows are long; 0: a tile is whole rows or flat
  std::int64_t tiles_ = 0, tiles_a_block_ = 1;
  std::int64_t rows_a_block_ = 0;  // where there are sums by columns
  std::size_t scratch_tiles_ = 0;
  std::size_t tile_bytes_ = 0;  // from one tile buffer to the next
};

}  // namespace hourglass
