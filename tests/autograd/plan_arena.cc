#include "autograd/compile/arena.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace hourglass {

using namespace internal;

namespace {

// The layout's own figures, found again the slow way.
void check_layout(const std::vector<Buffer>& buffers, const ArenaLayout& layout) {
  std::size_t end = 0, instructions = 0;
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    end = std::max(end, layout.offsets[a] + buffers[a].bytes);
    instructions = std::max(instructions, buffers[a].last + 1);
    for (std::size_t b = 0; b < a; ++b) {
      const bool in_time =
          buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
      const bool in_space = layout.offsets[a] < layout.offsets[b] + buffers[b].bytes &&
                            layout.offsets[b] < layout.offsets[a] + buffers[a].bytes;
      if (in_time && in_space) FAIL("buffers ", a, " and ", b, " overlap");
    }
  }
  std::vector<std::size_t> alive(instructions, 0);
  for (const Buffer& buffer : buffers) {
    for (std::size_t k = buffer.first; k <= buffer.last; ++k) alive[k] += buffer.bytes;
  }
  CHECK(layout.bytes >= end);
  const auto worst = std::max_element(alive.begin(), alive.end());
  CHECK(layout.alive == (worst == alive.end() ? 0 : *worst));
  if (worst != alive.end()) CHECK(alive[layout.worst] == layout.alive);
}

TEST_CASE("what is needed at one time does not overlap, and little memory is lost between") {
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return random() % n; };
  double worst = 1, sum = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers;
    const std::size_t count = 1 + below(60);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t bytes = 64 * (below(4) == 0 ? 1 + below(4) : 1 + below(2000));
      buffers.push_back({bytes, i, i + below(below(5) == 0 ? 40 : 6)});
    }
    const ArenaLayout layout = lay_out(buffers);
    check_layout(buffers, layout);
    const double lost = static_cast<double>(layout.bytes) / static_cast<double>(layout.alive);
    worst = std::max(worst, lost);
    sum += lost;
  }
  CHECK(worst <= 1.2);  // not every set of buffers can be packed without gaps
  CHECK(sum / 200 <= 1.03);
}

TEST_CASE("buffers that end where others begin share memory; nothing needs nothing") {
  const ArenaLayout layout = lay_out({{128, 0, 1}, {128, 1, 2}, {256, 2, 3}, {128, 3, 3}});
  check_layout({{128, 0, 1}, {128, 1, 2}, {256, 2, 3}, {128, 3, 3}}, layout);
  CHECK(layout.bytes == 384);
  CHECK(lay_out({}).bytes == 0);
}

TEST_CASE("many thousand buffers are placed in little time") {
  std::vector<Buffer> buffers;
  for (std::size_t i = 0; i < 100000; ++i) buffers.push_back({64 * (1 + i % 7), i, i + 3});
  const ArenaLayout layout = lay_out(buffers);
  CHECK(layout.bytes <= 2 * layout.alive);
}

}  // namespace
}  // namespace hourglass
