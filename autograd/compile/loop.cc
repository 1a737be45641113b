#include "autograd/compile/loop.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "tensor/parallel.h"

namespace hourglass {
namespace {

constexpr std::int64_t kTile = 512;            // elements: a dozen f32 tiles stay in L1
constexpr std::size_t kHalfL1 = 1 << 14;       // bytes, of the smallest L1 there is
constexpr std::int64_t kBlock = 16 * kTile;    // elements a thread takes at a time
constexpr std::int64_t kMostRows = 256;        // that one sum by columns takes
constexpr std::int64_t kDrawn = 4;             // random numbers that are drawn together
constexpr std::size_t kMaxOperands = 12;       // Adam's
constexpr std::int64_t kPrefetched = 1 << 15;  // elements of a loop whose next tile is asked for

// Every tile buffer starts at a multiple of a vector.
char* thread_scratch(std::size_t bytes) {
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  thread_local std::unique_ptr<char, Free> memory;
  thread_local std::size_t size = 0;
  if (size < bytes) {
    memory.reset(static_cast<char*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
    if (!memory) throw std::bad_alloc();
    size = bytes;
  }
  return memory.get();
}

template <class T>
void fill(void* to, const void* value, std::int64_t n) {
  T v;
  std::memcpy(&v, value, sizeof v);
  std::fill_n(static_cast<T*>(to), n, v);
}

void fill_bytes(std::size_t bytes, void* to, const void* value, std::int64_t n) {
  if (bytes == 1) return fill<std::uint8_t>(to, value, n);
  if (bytes == 4) return fill<std::uint32_t>(to, value, n);
  fill<std::uint64_t>(to, value, n);
}

}  // namespace

LoopRunner::LoopRunner(const Instruction& loop)
    : checked_(loop.outputs.size()), elements_(loop.elements), columns_(loop.columns) {
  for (const Read& read : loop.reads) {
    sources_.push_back({read.pattern, size_of(read.value.dtype()), 0, false});
  }
  OutputIndex output_index;
  for (std::size_t k = 0; k < loop.outputs.size(); ++k) {
    output_index[loop.outputs[k].node()] = static_cast<int>(k);
  }
  for (const LoopStep& planned : loop.steps) steps_.push_back(make_step(planned, output_index));
  assign_tiles();
  if (elements_ == 0) return;
  choose_tiles();
  allocate_sums();
}

LoopRunner::Step LoopRunner::make_step(const LoopStep& planned, const OutputIndex& output_index) {
  const Var& node = planned.nodes.back();
  Step step;
  step.lane = planned.lane;
  step.chain = planned.chain;
  if (node.op().is_random()) step.draw = Draw(node.op().draw, node.attributes());
  step.from = node.inputs()[0].dtype();
  step.to = node.dtype();
  step.operands = planned.operands;
  step.parameters = node.attributes().reals();
  const auto found = output_index.find(node.node());
  if (found != output_index.end()) step.output = found->second;
  step.adam = planned.adam;
  if (planned.sum) {
    const int made_by = planned.operands[0] - static_cast<int>(sources_.size());
    step.sum = static_cast<int>(sums_.size());
    sums_.push_back({planned.to, step.to, steps_[static_cast<std::size_t>(made_by)].output,
                     step.output, node.elements(), nullptr});
  }
  for (std::size_t i = 0; i < planned.also.size(); ++i) {
    step.moments[i] = output_index.at(planned.also[i].node());
  }
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    const auto k = static_cast<std::size_t>(step.operands[i]);
    if (k >= sources_.size() || step.adam) continue;
    if (!step.chain) sources_[k].spread = true;
    if (sources_[k].pattern == Pattern::kScalar) step.scalars |= 1U << i;
  }
  return step;
}

// The most elements of a tile. The fewer tiles there are, the longer they may be, and the less it
// costs to go from one to the next; only the bits of sums depend on it, so a loop with sums stays
// at kTile.
std::int64_t LoopRunner::most_elements(std::size_t widest) const {
  if (!sums_.empty()) return kTile;
  if (steps_.size() == 1 && scratch_tiles_ == 0) return 8 * kTile;  // reads nothing twice
  std::size_t tiles = scratch_tiles_ + checked_.size();
  for (const Source& source : sources_) tiles += source.pattern == Pattern::kFull ? 1 : 0;
  return tiles * 2 * kTile * widest <= kHalfL1 ? 2 * kTile : kTile;
}

void LoopRunner::choose_tiles() {
  std::size_t widest = 1;
  for (const Source& source : sources_) widest = std::max(widest, source.bytes);
  for (const Step& step : steps_) widest = std::max(widest, size_of(step.to));
  const std::int64_t most = most_elements(widest);
  // One line apart from a power of two: tiles that all begin in one set of the L1 would not stay.
  tile_bytes_ = static_cast<std::size_t>(most) * widest + 64;
  const bool by_columns = std::any_of(sums_.begin(), sums_.end(),
                                      [](const Sum& sum) { return sum.to == Pattern::kRow; });
  const bool draws =
      std::any_of(steps_.begin(), steps_.end(), [](const Step& s) { return bool(s.draw); });
  std::int64_t rows_a_tile = 1;
  if (columns_ > most / 2) {  // long rows: each in tiles of equal size
    row_tiles_ = (columns_ + most - 1) / most;
    tile_ = ((columns_ + row_tiles_ - 1) / row_tiles_ + 15) / 16 * 16;
    row_tiles_ = (columns_ + tile_ - 1) / tile_;
    tiles_ = elements_ / columns_ * row_tiles_;
  } else {  // whole rows a tile, or no rows at all
    if (columns_ > 0) rows_a_tile = most / columns_;
    if (draws && rows_a_tile > kDrawn) rows_a_tile -= rows_a_tile % kDrawn;
    if (by_columns) {
      rows_a_tile = std::min<std::int64_t>(
          kMostRows,
          std::int64_t{1} << (std::bit_width(static_cast<std::uint64_t>(rows_a_tile)) - 1));
    }
    tile_ = columns_ > 0 ? rows_a_tile * columns_ : most;
    tiles_ = (elements_ + tile_ - 1) / tile_;
  }
  tiles_a_block_ = std::max<std::int64_t>(1, kBlock / tile_);
  if (!by_columns) return;
  // Whole rows a block, and few enough for one sum_columns.
  const std::int64_t unit = std::max<std::int64_t>(16, rows_a_tile);
  const std::int64_t units = (kBlock + unit * columns_ - 1) / (unit * columns_);
  rows_a_block_ = std::min(kMostRows, unit * units);
  tiles_a_block_ = row_tiles_ > 0 ? rows_a_block_ * row_tiles_ : rows_a_block_ / rows_a_tile;
}

// A tile buffer is free again after its last reader; those of spread patterns stay for the whole
// block.
void LoopRunner::assign_tiles() {
  for (Source& source : sources_) {
    const bool in_memory = source.pattern == Pattern::kScalar && !source.spread;
    const bool as_it_is = source.pattern == Pattern::kFull || source.pattern == Pattern::kKey;
    if (!as_it_is && !in_memory) source.tile = scratch_tiles_++;
  }
  std::vector<int> last(steps_.size(), -1);
  const int reads = static_cast<int>(sources_.size());
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    for (int r : steps_[k].operands) {
      if (r >= reads) last[static_cast<std::size_t>(r - reads)] = static_cast<int>(k);
    }
  }
  std::vector<std::size_t> free;
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    // A result may lie over an operand of the same width; of another width (a cast) it must not.
    const auto release = [&] {
      for (std::size_t j = 0; j < k; ++j) {
        if (last[j] != static_cast<int>(k) || steps_[j].output >= 0) continue;
        free.push_back(steps_[j].tile);
        last[j] = -1;
      }
    };
    if (steps_[k].lane || steps_[k].chain) release();
    if (steps_[k].output < 0) {
      if (free.empty()) free.push_back(scratch_tiles_++);
      steps_[k].tile = free.back();
      free.pop_back();
    }
    release();
  }
}

int LoopRunner::last_use(const Instruction& loop, std::size_t read) {
  int last = -1;
  for (std::size_t k = 0; k < loop.steps.size(); ++k) {
    for (int r : loop.steps[k].operands) {
      if (loop.reads.size() > static_cast<std::size_t>(r) &&
          loop.reads[static_cast<std::size_t>(r)].value.same(loop.reads[read].value)) {
        last = static_cast<int>(k);
      }
    }
  }
  return last;
}

bool LoopRunner::run(std::span<void* const> reads, std::span<void* const> outputs) const {
  if (elements_ == 0) return sums_of_nothing(outputs);
  std::atomic<bool> finite = true;
  const std::int64_t blocks = (tiles_ + tiles_a_block_ - 1) / tiles_a_block_;
  parallel_for(blocks, [&](std::int64_t block) {
    if (!run_block(block, reads, outputs)) finite.store(false, std::memory_order_relaxed);
  });
  return finish_sums(outputs) && finite;
}

bool LoopRunner::run_block(std::int64_t block, std::span<void* const> reads,
                           std::span<void* const> outputs) const {
  char* scratch = thread_scratch(scratch_tiles_ * tile_bytes_);
  spread_constant(reads, scratch);
  const std::int64_t last = std::min(tiles_, (block + 1) * tiles_a_block_);
  bool finite = true;
  for (std::int64_t t = block * tiles_a_block_; t < last; ++t) {
    std::int64_t first = t * tile_, n = std::min(tile_, elements_ - first);
    if (row_tiles_ > 0) {
      const std::int64_t column = t % row_tiles_ * tile_;
      first = t / row_tiles_ * columns_ + column;
      n = std::min(tile_, columns_ - column);
    }
    finite = run_tile(t, first, n, reads, outputs, scratch) && finite;
  }
  sum_block(block, outputs);
  return finite;
}

// What is the same for every tile of a block: scalars, and short rows one after another.
void LoopRunner::spread_constant(std::span<void* const> reads, char* scratch) const {
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    const Source& s = sources_[k];
    char* to = scratch + s.tile * tile_bytes_;
    if (s.pattern == Pattern::kScalar && s.spread) {
      fill_bytes(s.bytes, to, reads[k], std::min(tile_, elements_));
    }
    if (s.pattern != Pattern::kRow || row_tiles_ > 0) continue;
    const std::size_t row = static_cast<std::size_t>(columns_) * s.bytes;
    for (std::int64_t i = 0; i < tile_ / columns_; ++i) {
      std::memcpy(to + static_cast<std::size_t>(i) * row, reads[k], row);
    }
  }
}

// Where the tile's elements of read k are: in memory, or spread into a tile buffer.
const char* LoopRunner::source(std::size_t k, std::int64_t first, std::int64_t n,
                               const char* memory, char* scratch) const {
  const Source& s = sources_[k];
  const auto at = [&](std::int64_t i) { return memory + static_cast<std::size_t>(i) * s.bytes; };
  char* tile = scratch + s.tile * tile_bytes_;
  switch (s.pattern) {
    case Pattern::kFull:
      return at(first);
    case Pattern::kKey:
      return memory;
    case Pattern::kScalar:
      return s.spread ? tile : memory;
    case Pattern::kRow:
      return row_tiles_ > 0 ? at(first % columns_) : tile;
    case Pattern::kColumn:
      break;
  }
  if (row_tiles_ > 0) {
    fill_bytes(s.bytes, tile, at(first / columns_), n);
    return tile;
  }
  for (std::int64_t i = 0; i < n; i += columns_) {
    fill_bytes(s.bytes, tile + static_cast<std::size_t>(i) * s.bytes, at((first + i) / columns_),
               columns_);
  }
  return tile;
}

// Tiles jump from array to array too often for the CPU's own prefetcher to keep up with memory.
void LoopRunner::prefetch(std::int64_t first, std::span<void* const> reads) const {
  constexpr std::size_t kLine = 64;
  const std::int64_t n = std::min(tile_, elements_ - first);
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    if (sources_[k].pattern != Pattern::kFull) continue;
    const std::size_t bytes = sources_[k].bytes;
    const char* p = static_cast<const char*>(reads[k]) + static_cast<std::size_t>(first) * bytes;
    const char* end = p + static_cast<std::size_t>(n) * bytes;
    for (; p < end; p += kLine) __builtin_prefetch(p);
  }
}

bool LoopRunner::run_adam(const Step& step, const void* const* operands, void* y,
                          std::int64_t first, std::int64_t n, std::span<void* const> outputs) {
  const std::size_t begin = static_cast<std::size_t>(first) * size_of(step.to);
  void* results[3] = {nullptr, nullptr, y};
  for (int i : {0, 1}) {
    results[i] = static_cast<char*>(outputs[static_cast<std::size_t>(step.moments[i])]) + begin;
  }
  return step.adam(operands, results, static_cast<std::size_t>(n));
}

// A tile of one node's elements, the first of them element `first` of the loop.
void LoopRunner::make_tile(const Step& step, const void* const* operands, void* y,
                           std::int64_t first, std::int64_t n) {
  if (step.chain) {
    step.chain(operands, step.scalars, y, static_cast<std::size_t>(n));
  } else if (step.lane) {
    step.lane(operands, y, static_cast<std::size_t>(n), step.parameters.data());
  } else if (step.draw) {
    step.draw.run(operands[0], operands[1], first, y, n);
  } else {
    kernels::cast(step.from, step.to, operands[0], y, n);
  }
}

bool LoopRunner::run_tile(std::int64_t tile, std::int64_t first, std::int64_t n,
                          std::span<void* const> reads, std::span<void* const> outputs,
                          char* scratch) const {
  constexpr std::size_t kRegisters = 256;
  const void* registers[kRegisters];
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    registers[k] = source(k, first, n, static_cast<const char*>(reads[k]), scratch);
  }
  if (elements_ >= kPrefetched && steps_.size() > 1) prefetch(first + n, reads);
  bool finite = true;
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    const Step& step = steps_[k];
    void* y = scratch + step.tile * tile_bytes_;
    if (step.output >= 0) {
      y = static_cast<char*>(outputs[static_cast<std::size_t>(step.output)]) +
          static_cast<std::size_t>(first) * size_of(step.to);
    }
    const void* operands[kMaxOperands];  // not cleared: that would take as long as a short tile
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      operands[i] = registers[step.operands[i]];
    }
    if (step.sum >= 0) {
      sum_tile(sums_[static_cast<std::size_t>(step.sum)], tile, first, n,
               registers[step.operands[0]], outputs);
      continue;
    }
    if (step.adam) {
      finite = run_adam(step, operands, y, first, n, outputs) && finite;
      continue;
    }
    make_tile(step, operands, y, first, n);
    registers[sources_.size() + k] = y;
    if (step.output >= 0 && checked_[static_cast<std::size_t>(step.output)]) {
      finite = kernels::all_finite(step.to, y, n) && finite;
    }
  }
  return finite;
}

}  // namespace hourglass
