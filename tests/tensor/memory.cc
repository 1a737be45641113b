#include "tensor/memory.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

namespace hourglass {
namespace {

TEST_CASE("what does not fit in memory is refused with the largest of it") {
  const std::vector<Needed> largest = {
      {"a", 3'000'000}, {"b", 2'000'000}, {"c", 1'000'000}, {"d", 10}};
  check_memory("test", "things", 7'000'000, 7'000'000, largest);
  CHECK_THROWS_WITH_AS(check_memory("test", "things", 7'000'000, 6'999'999, largest),
                       "test: things do not fit in memory: 7.0 MB vs 7.0 MB: largest: a 3.0 MB, b "
                       "2.0 MB, c 1.0 MB",
                       Error);
  CHECK_THROWS_WITH_AS(check_memory("test", "things", 2'000'000, 1'000'000, {}),
                       "test: things do not fit in memory: 2.0 MB vs 1.0 MB", Error);
}

TEST_CASE("this machine has some memory left") { CHECK(available_memory() > 1 << 20); }

}  // namespace
}  // namespace hourglass
