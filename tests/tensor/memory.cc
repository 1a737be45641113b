#include "tensor/memory.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.h"
#include "tests/tools/program.h"

namespace hourglass {

using namespace internal;

namespace {

TEST_CASE("what does not fit in memory is refused with the largest of it") {
  const std::vector<Needed> largest = {
      {"a", 3'000'000}, {"b", 2'000'000}, {"c", 1'000'000}, {"d", 10}};
  check_memory("test", "things", 7'000'000, largest, 7'000'000);
  CHECK_THROWS_WITH_AS(check_memory("test", "things", 7'000'000, largest, 6'999'999),
                       "test: things do not fit in memory: 7.0 MB vs 7.0 MB: largest: a 3.0 MB, b "
                       "2.0 MB, c 1.0 MB",
                       Error);
  CHECK_THROWS_WITH_AS(check_memory("test", "things", 2'000'000, {}, 1'000'000),
                       "test: things do not fit in memory: 2.0 MB vs 1.0 MB", Error);
}

TEST_CASE("what the limit of a control group leaves") {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    test::write_bytes(folder.path(name), text);
  };
  const auto left = [&] { return control_group_memory(folder.path()); };
  CHECK(left() == kNoLimit);
  write("memory.max", "9000000000\n");
  CHECK(left() == kNoLimit);  // it does not say what is taken
  write("memory.current", "5000000000\n");
  CHECK(left() == 4'000'000'000);
  write("memory.stat", "anon 1000000000\nfile 7\ninactive_file 300000000\nactive_file 9\n");
  CHECK(left() == 4'300'000'000);
  write("memory.max", "1000000000\n");  // lowered below what is taken
  CHECK(left() == 0);
  write("memory.stat", "inactive_file 6000000000\n");
  CHECK(left() == 1'000'000'000);
  write("memory.max", "max\n");
  CHECK(left() == kNoLimit);
}

TEST_CASE("this machine has some memory left, and not all that may be asked for") {
  CHECK(available_memory() > kAlwaysThere);
  check_memory("test", "things", kAlwaysThere + 1);
  CHECK_THROWS_AS(check_memory("test", "things", std::size_t{1} << 62), Error);
}

}  // namespace
}  // namespace hourglass
