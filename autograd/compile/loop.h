#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "autograd/compile/instruction.h"
#include "autograd/ops/draw.h"
#include "tensor/kernels.h"
#include "tensor/short_vector.h"

namespace hourglass::internal {

// A fused loop made ready to run: one pass over its elements in tiles that stay in L1, each step a
// function on the tile. What is a tile and what is a block of tiles depends on sizes only.
class LoopRunner {
 public:
  explicit LoopRunner(const Instruction& loop);

  // reads[i] and outputs[i] are the memory of the instruction's reads and outputs. An output may
  // lie over a full read that no later step of the loop reads.
  // Returns whether every number of the outputs that are checked was finite.
  bool run(std::span<const void* const> reads, std::span<void* const> outputs) const;

  // Checks an output on the way, while its tiles are in cache.
  void check_finite(std::size_t output) { checked_[output] = checks_ = true; }

 private:
  struct Lane {
    kernels::LaneFunction run = nullptr;
    std::vector<double> parameters;
  };
  struct Chain {
    kernels::ChainFunction run = nullptr;
    kernels::LaneChain chain;
  };
  struct Cast {
    DType from = DType::kF32, to = DType::kF32;
  };
  struct Sum {
    Pattern to = Pattern::kScalar;
    DType dtype = DType::kF32;
    int terms = -1;                        // of a sum by columns: the output that holds its terms
    int output = -1;                       // where it is written
    std::int64_t results = 0;              // how many numbers
    std::unique_ptr<std::byte[]> partial;  // of each tile or block; none where there is one alone
  };
  struct SumOfTile {
    std::size_t index = 0;  // among sums_
  };
  struct Update {  // looks itself at whether its results are finite
    kernels::FusedUpdate::Function run = nullptr;
  };
  struct Result {
    std::size_t at = 0;    // the register
    int output = -1;       // index among the outputs, or kept in a tile only
    std::size_t tile = 0;  // of a result that is not an output
    DType dtype = DType::kF32;
    std::size_t width = 0;  // bytes an element
  };
  struct Step {
    std::variant<Draw, Lane, Chain, Cast, SumOfTile, Update> what;
    ShortVector<std::size_t, 4> operands;  // registers
    ShortVector<Result, 1> results;        // none of a sum: it is known when the loop ends
  };
  struct Source {
    Pattern pattern = Pattern::kFull;
    DType dtype = DType::kF32;
    std::int64_t elements = 0;
    std::size_t width = 0;  // bytes an element
    std::size_t tile = 0;   // where a pattern is spread to
    bool spread = false;    // a scalar that a lane reads; chains and updates take its first element
  };
  struct Tile {
    std::int64_t index = 0, first = 0, n = 0;  // the loop's elements [first, first + n)
    std::int64_t column = 0;  // where `first` is in its row, if rows are cut into tiles
  };
  struct Memory {  // of a run, on one thread
    std::span<const void* const> reads;
    std::span<void* const> outputs;
    bool shared = false;  // other threads run other blocks
    char* tiles = nullptr;
    const void** registers = nullptr;
    const void** operands = nullptr;  // of the step that runs
    void** results = nullptr;
  };

  // output_of: of each register the output that it is, or -1. May add to sums_.
  Step make_step(const Instruction& loop, const LoopStep& planned,
                 const ShortVector<int>& output_of);
  void assign_tiles();
  std::int64_t most_elements(std::size_t widest) const;
  void choose_tiles();

  bool run_block(std::int64_t block, std::span<const void* const> reads,
                 std::span<void* const> outputs, bool shared) const;
  bool run_tile(const Tile& tile, const Memory& memory) const;
  bool run_step(const Step& step, const Tile& tile, const Memory& memory) const;
  void prefetch(std::int64_t first, std::span<const void* const> reads) const;
  void spread_constant(const Memory& memory) const;
  const char* source(std::size_t k, const Tile& tile, const Memory& memory) const;

  // Sums (loop_sums.cc): of a tile, of a block of rows whose terms are stored, of all of these.
  void allocate_sums();
  void sum_tile(const Sum& sum, const Tile& tile, const Memory& memory) const;
  void sum_block(std::int64_t block, std::span<void* const> outputs) const;
  bool finish_sums(std::span<void* const> outputs) const;
  bool sums_of_nothing(std::span<void* const> outputs) const;  // 0 each; always true

  std::vector<bool> checked_;  // one an output
  bool checks_ = false;        // any
  std::vector<Source> sources_;
  std::vector<Step> steps_;
  std::vector<Sum> sums_;
  std::int64_t elements_ = 0, columns_ = 0;
  std::int64_t tile_ = 0;       // elements of a full tile
  std::int64_t row_tiles_ = 0;  // tiles of a row where rows are long; else a tile is rows or flat
  std::int64_t tiles_ = 0, tiles_a_block_ = 1;
  std::int64_t rows_a_block_ = 0;  // where there are sums by columns
  std::size_t registers_ = 0, most_operands_ = 0, most_results_ = 0;
  std::size_t scratch_tiles_ = 0;
  std::size_t tile_bytes_ = 0;  // from one tile buffer to the next
};

}  // namespace hourglass::internal
