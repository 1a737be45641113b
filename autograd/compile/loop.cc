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

namespace hourglass::internal {
namespace {

constexpr std::size_t kNoTile = static_cast<std::size_t>(-1);
constexpr std::int64_t kTile = 512;            // elements: a dozen f32 tiles stay in L1
constexpr std::size_t kHalfL1 = 1 << 14;       // bytes, of the smallest L1 there is
constexpr std::int64_t kBlock = 16 * kTile;    // elements a thread takes at a time
constexpr std::int64_t kMostRows = 256;        // that one sum by columns takes
constexpr std::int64_t kDrawn = 4;             // random numbers that are drawn together
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

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

bool takes_first_of_scalars(const LoopStep& step) {
  return std::holds_alternative<ChainStep>(step.what) ||
         std::holds_alternative<UpdateStep>(step.what);
}

}  // namespace

LoopRunner::LoopRunner(const Instruction& loop)
    : checked_(loop.outputs.size()),
      elements_(loop.elements),
      columns_(loop.columns),
      registers_(loop.reads.size() + loop.nodes.size()) {
  sources_.reserve(loop.reads.size());
  steps_.reserve(loop.steps.size());
  for (const Read& read : loop.reads) {
    const Var& value = read.value;
    const DType dtype = value.dtype();
    sources_.push_back({read.pattern, dtype, value.elements(), size_of(dtype), 0, false});
  }
  ShortVector<int> output_of(registers_, -1);
  for (std::size_t i = 0, k = 0; k < loop.outputs.size(); ++i) {
    if (loop.nodes[i].same(loop.outputs[k])) output_of[sources_.size() + i] = static_cast<int>(k++);
  }
  for (const LoopStep& planned : loop.steps) {
    steps_.push_back(make_step(loop, planned, output_of));
    most_operands_ = std::max(most_operands_, planned.operands.size());
    most_results_ = std::max(most_results_, planned.results.size());
  }
  assign_tiles();
  if (elements_ == 0) return;
  choose_tiles();
  allocate_sums();
}

LoopRunner::Step LoopRunner::make_step(const Instruction& loop, const LoopStep& planned,
                                       const ShortVector<int>& output_of) {
  const Var& node = planned.nodes.back();
  Step step;
  for (int r : planned.operands) step.operands.push_back(static_cast<std::size_t>(r));
  for (int r : planned.results) {
    const auto at = static_cast<std::size_t>(r);
    const DType dtype = loop.node_of(r).dtype();
    step.results.push_back({at, output_of[at], 0, dtype, size_of(dtype)});
  }
  const auto prepare = Overloaded{
      [&](const LaneStep& lane) {
        step.what = Lane{lane.run, node.attributes().reals()};
      },
      [&](const ChainStep& chain) {
        const DType dtype = node.inputs()[0].dtype();
        step.what = Chain{kernels::lane_chain(dtype, chain.links), kernels::LaneChain(chain.links)};
      },
      [&](const CastStep&) {
        step.what = Cast{node.inputs()[0].dtype(), node.dtype()};
      },
      [&](const DrawStep&) { step.what = Draw(node.op().draw, node.attributes()); },
      [&](const SumStep& sum) {
        step.what = SumOfTile{sums_.size()};
        sums_.push_back({sum.to, node.dtype(), output_of[step.operands[0]], step.results[0].output,
                         node.elements(), nullptr});
        step.results = {};
      },
      [&](const UpdateStep& update) { step.what = Update{update.update->function(node.dtype())}; },
  };
  std::visit(prepare, planned.what);
  if (takes_first_of_scalars(planned)) return step;
  for (const std::size_t k : step.operands) {
    if (k < sources_.size()) sources_[k].spread = true;
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
  for (const Source& source : sources_) widest = std::max(widest, source.width);
  for (const Step& step : steps_) {
    for (const Result& result : step.results) widest = std::max(widest, result.width);
  }
  const std::int64_t most = most_elements(widest);
  // One line apart from a power of two: tiles that all begin in one set of the L1 would not stay.
  tile_bytes_ = static_cast<std::size_t>(most) * widest + 64;
  const bool by_columns = std::any_of(sums_.begin(), sums_.end(),
                                      [](const Sum& sum) { return sum.to == Pattern::kRow; });
  const bool draws = std::any_of(steps_.begin(), steps_.end(), [](const Step& step) {
    return std::holds_alternative<Draw>(step.what);
  });
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
  ShortVector<std::size_t> last(registers_), tile_of(registers_, kNoTile);
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    for (const std::size_t r : steps_[k].operands) last[r] = k;
  }
  ShortVector<std::size_t> free;
  const auto release = [&](std::size_t r, std::size_t k) {
    if (tile_of[r] == kNoTile || last[r] > k) return;
    free.push_back(tile_of[r]);
    tile_of[r] = kNoTile;
  };
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    Step& step = steps_[k];
    const auto release_operands = [&] {
      for (const std::size_t r : step.operands) release(r, k);
    };
    // A result may lie over an operand of the same width; of another width (a cast) it must not.
    const bool over_operands = !std::holds_alternative<Cast>(step.what);
    if (over_operands) release_operands();
    for (Result& result : step.results) {
      if (result.output >= 0) continue;
      if (free.empty()) free.push_back(scratch_tiles_++);
      tile_of[result.at] = result.tile = free.back();
      free.pop_back();
    }
    if (!over_operands) release_operands();
    for (const Result& result : step.results) release(result.at, k);
  }
}

bool LoopRunner::run(std::span<const void* const> reads, std::span<void* const> outputs) const {
  if (elements_ == 0) return sums_of_nothing(outputs);
  std::atomic<bool> finite = true;
  const std::int64_t blocks = (tiles_ + tiles_a_block_ - 1) / tiles_a_block_;
  const bool shared = blocks > 1 && threads() > 1;
  parallel_for(blocks, [&](std::int64_t block) {
    if (!run_block(block, reads, outputs, shared)) finite.store(false, std::memory_order_relaxed);
  });
  return finish_sums(outputs) && finite;
}

bool LoopRunner::run_block(std::int64_t block, std::span<const void* const> reads,
                           std::span<void* const> outputs, bool shared) const {
  const std::size_t tile_bytes = (scratch_tiles_ * tile_bytes_ + 63) / 64 * 64;
  const std::size_t pointers = registers_ + most_operands_ + most_results_;
  Memory memory{reads, outputs, shared, thread_scratch(tile_bytes + pointers * sizeof(void*))};
  memory.registers = reinterpret_cast<const void**>(memory.tiles + tile_bytes);
  memory.operands = memory.registers + registers_;
  memory.results = reinterpret_cast<void**>(memory.tiles + tile_bytes +
                                            (registers_ + most_operands_) * sizeof(void*));
  spread_constant(memory);
  const std::int64_t first = block * tiles_a_block_;
  const std::int64_t last = std::min(tiles_, first + tiles_a_block_);
  // What is cut into tiles: each row, or all elements as one.
  const std::int64_t length = row_tiles_ > 0 ? columns_ : elements_;
  const std::int64_t tiles = row_tiles_ > 0 ? row_tiles_ : tiles_;
  Tile tile{.index = first, .column = first % tiles * tile_};
  tile.first = first / tiles * length + tile.column;
  bool finite = true;
  for (; tile.index < last; ++tile.index) {
    tile.n = std::min(tile_, length - tile.column);
    finite = run_tile(tile, memory) && finite;
    tile.first += tile.n;
    tile.column = tile.column + tile.n < length ? tile.column + tile.n : 0;
  }
  sum_block(block, outputs);
  return finite;
}

// What is the same for every tile of a block: scalars, and short rows one after another.
void LoopRunner::spread_constant(const Memory& memory) const {
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    const Source& s = sources_[k];
    char* to = memory.tiles + s.tile * tile_bytes_;
    if (s.pattern == Pattern::kScalar && s.spread) {
      const std::int64_t n = std::min(tile_, elements_);
      kernels::spread_rows(s.dtype, {.columns = n}, memory.reads[k], to, n);
    }
    if (s.pattern != Pattern::kRow || row_tiles_ > 0) continue;
    const std::size_t row = static_cast<std::size_t>(columns_) * s.width;
    for (std::int64_t i = 0; i < tile_ / columns_; ++i) {
      std::memcpy(to + static_cast<std::size_t>(i) * row, memory.reads[k], row);
    }
  }
}

// Where the tile's elements of read k are: in memory, or spread into a tile buffer.
const char* LoopRunner::source(std::size_t k, const Tile& tile, const Memory& memory) const {
  const Source& s = sources_[k];
  const char* read = static_cast<const char*>(memory.reads[k]);
  const auto at = [&](std::int64_t i) { return read + static_cast<std::size_t>(i) * s.width; };
  char* spread = memory.tiles + s.tile * tile_bytes_;
  switch (s.pattern) {
    case Pattern::kFull:
      return at(tile.first);
    case Pattern::kKey:
      return read;
    case Pattern::kScalar:
      return s.spread ? spread : read;
    case Pattern::kRow:
      return row_tiles_ > 0 ? at(tile.column) : spread;
    case Pattern::kColumn:
      break;
  }
  const std::int64_t row = tile.first / columns_ % s.elements;
  kernels::spread_rows(s.dtype, {s.elements, row, columns_}, read, spread, tile.n);
  return spread;
}

// Tiles jump from array to array too often for the CPU's own prefetcher to keep up with memory.
void LoopRunner::prefetch(std::int64_t first, std::span<const void* const> reads) const {
  constexpr std::size_t kLine = 64;
  const std::int64_t n = std::min(tile_, elements_ - first);
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    if (sources_[k].pattern != Pattern::kFull) continue;
    const std::size_t bytes = sources_[k].width;
    const char* p = static_cast<const char*>(reads[k]) + static_cast<std::size_t>(first) * bytes;
    const char* end = p + static_cast<std::size_t>(n) * bytes;
    for (; p < end; p += kLine) __builtin_prefetch(p);
  }
}

bool LoopRunner::run_tile(const Tile& tile, const Memory& memory) const {
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    memory.registers[k] = source(k, tile, memory);
  }
  if (elements_ >= kPrefetched && steps_.size() > 1) prefetch(tile.first + tile.n, memory.reads);
  bool finite = true;
  for (const Step& step : steps_) {
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      memory.operands[i] = memory.registers[step.operands[i]];
    }
    for (std::size_t i = 0; i < step.results.size(); ++i) {
      const Result& result = step.results[i];
      char* y = memory.tiles + result.tile * tile_bytes_;
      if (result.output >= 0) {
        y = static_cast<char*>(memory.outputs[static_cast<std::size_t>(result.output)]) +
            static_cast<std::size_t>(tile.first) * result.width;
      }
      memory.registers[result.at] = memory.results[i] = y;
    }
    finite = run_step(step, tile, memory) && finite;
  }
  return finite;
}

// Whether the results that are checked are finite.
bool LoopRunner::run_step(const Step& step, const Tile& tile, const Memory& memory) const {
  const auto n = static_cast<std::size_t>(tile.n);
  const void* const* x = memory.operands;
  void* const* y = memory.results;
  if (const auto* update = std::get_if<Update>(&step.what))
    return update->run(x, y, n, memory.shared);
  const auto make = Overloaded{
      [&](const Lane& lane) { lane.run(x, y[0], n, lane.parameters.data()); },
      [&](const Chain& chain) { chain.run(chain.chain, x, y[0], n); },
      [&](const Cast& cast) { kernels::cast(cast.from, cast.to, x[0], y[0], tile.n); },
      [&](const Draw& draw) { draw.run(x[0], x[1], tile.first, y[0], tile.n); },
      [&](const SumOfTile& sum) { sum_tile(sums_[sum.index], tile, memory); },
      [](const Update&) {},
  };
  std::visit(make, step.what);
  if (!checks_) return true;
  bool finite = true;
  for (const Result& result : step.results) {
    if (result.output < 0 || !checked_[static_cast<std::size_t>(result.output)]) continue;
    finite = kernels::all_finite(result.dtype, memory.registers[result.at], tile.n) && finite;
  }
  return finite;
}

}  // namespace hourglass::internal
