#include "tensor/parallel.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "tensor/error.h"

using hourglass::Error;
using hourglass::parallel_for;
using hourglass::parallel_ranges;
using hourglass::ThreadScope;

TEST_CASE("a parallel loop calls its body once for each block, on any number of threads") {
  for (int team : {1, 2, 3, 8}) {
    const ThreadScope scope(team);
    for (std::int64_t blocks : {0, 1, 2, 7, 1000}) {
      std::vector<int> calls(static_cast<std::size_t>(blocks), 0);
      parallel_for(blocks, [&](std::int64_t block) { ++calls[static_cast<std::size_t>(block)]; });
      CHECK(calls == std::vector<int>(static_cast<std::size_t>(blocks), 1));
    }
  }
}

TEST_CASE("ranges cover their numbers in order, each of one grain, the last one shorter") {
  using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;
  const auto ranges_of = [](std::int64_t n) {
    const ThreadScope scope(3);
    Ranges ranges(static_cast<std::size_t>((n + 3) / 4));
    parallel_ranges(n, 4, [&](std::int64_t first, std::int64_t last) {
      ranges[static_cast<std::size_t>(first / 4)] = {first, last};
    });
    return ranges;
  };
  CHECK(ranges_of(0) == Ranges{});
  CHECK(ranges_of(3) == Ranges{{0, 3}});
  CHECK(ranges_of(8) == Ranges{{0, 4}, {4, 8}});
  CHECK(ranges_of(10) == Ranges{{0, 4}, {4, 8}, {8, 10}});
}

TEST_CASE("a thread scope holds on its own thread and ends with its block") {
  const int before = hourglass::threads();
  {
    const ThreadScope outer(3);
    CHECK(hourglass::threads() == 3);
    {
      const ThreadScope inner(1);
      CHECK(hourglass::threads() == 1);
    }
    CHECK(hourglass::threads() == 3);
    int elsewhere = 0;
    std::thread([&] { elsewhere = hourglass::threads(); }).join();
    CHECK(elsewhere == before);
  }
  CHECK(hourglass::threads() == before);
}

TEST_CASE("a thread scope of no threads, or of too many, is refused") {
  CHECK_THROWS_WITH_AS(ThreadScope(0), "threads: expected 1 to 1024: got 0", Error);
  CHECK_THROWS_WITH_AS(ThreadScope(-2), "threads: expected 1 to 1024: got -2", Error);
  CHECK_THROWS_WITH_AS(ThreadScope(1025), "threads: expected 1 to 1024: got 1025", Error);
}

TEST_CASE("what a block throws reaches the caller, and the next loop runs as usual") {
  for (int team : {1, 4}) {
    const ThreadScope scope(team);
    const auto fails_at_17 = [](std::int64_t block) {
      if (block == 17) throw Error("block 17 failed");
    };
    CHECK_THROWS_WITH_AS(parallel_for(100, fails_at_17), "block 17 failed", Error);
    std::vector<int> calls(100, 0);
    parallel_for(100, [&](std::int64_t block) { ++calls[static_cast<std::size_t>(block)]; });
    CHECK(calls == std::vector<int>(100, 1));
  }
}

TEST_CASE("a loop inside a loop stays on the thread of its block") {
  const ThreadScope scope(4);
  std::vector<int> strays(8, 0);
  parallel_for(8, [&](std::int64_t outer) {
    const std::thread::id here = std::this_thread::get_id();
    // No two threads may write this counter, or the test itself would race.
    parallel_for(50, [&](std::int64_t) {
      strays[static_cast<std::size_t>(outer)] += std::this_thread::get_id() != here ? 1 : 0;
    });
  });
  CHECK(strays == std::vector<int>(8, 0));
}

TEST_CASE("loops that several threads start at once are each done once") {
  std::vector<std::thread> callers;
  std::vector<std::int64_t> sums(4, 0);
  for (std::int64_t& sum : sums) {
    callers.emplace_back([&sum] {
      const ThreadScope scope(3);
      for (int repeat = 0; repeat < 300; ++repeat) {
        std::atomic<std::int64_t> total = 0;
        parallel_for(20, [&](std::int64_t block) { total += block; });
        sum += total;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(sums == std::vector<std::int64_t>(4, 300 * 190));
}

TEST_CASE("a loop in a forked child is done, though its helpers stayed behind") {
  const ThreadScope scope(4);
  const auto sum = [] {
    std::atomic<std::int64_t> total = 0;
    parallel_for(100, [&](std::int64_t block) { total += block; });
    return total.load();
  };
  CHECK(sum() == 4950);
  const pid_t child = fork();
  if (child == 0) _exit(sum() == 4950 ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("a team that shrinks and grows leaves no block undone") {
  for (int repeat = 0; repeat < 200; ++repeat) {
    const ThreadScope scope(1 + repeat % 7);
    std::vector<int> calls(33, 0);
    parallel_for(33, [&](std::int64_t block) { ++calls[static_cast<std::size_t>(block)]; });
    CHECK(calls == std::vector<int>(33, 1));
  }
}
