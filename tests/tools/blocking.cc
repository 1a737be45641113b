#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tensor/kernels.h"
#include "tensor/machine.h"
#include "tests/places.h"
#include "tests/tools/program.h"

namespace {

using namespace hourglass;
using namespace hourglass::test;

// A program with a cache folder of its own.
Output with_cache(const std::string& cache, const std::string& arguments, int threads = 1) {
  return run_program("/usr/bin/env", "OMP_NUM_THREADS=" + std::to_string(threads) +
                                         " XDG_CACHE_HOME='" + cache +
                                         "' '" HOURGLASS_PROGRAM "' " + arguments);
}

// Some 6e9 multiply-adds of products: half a minute of a sanitizer's build.
std::string busy(const TemporaryFolder& folder) {
  return "train dense --images 200 --hidden 2000 --epochs 3 --no-report --force --out " +
         folder.path("run");
}

}  // namespace

TEST_CASE("what is busy measures how products are cut, once, and keeps it" *
          doctest::test_suite("long")) {
  const TemporaryFolder folder;
  const std::string cache = folder.path("cache"), file = cache + "/hourglass/blocking.json";
  REQUIRE(with_cache(cache, busy(folder)).code == 0);
  const auto kept = nlohmann::json::parse(read_bytes(file));
  REQUIRE(kept.size() == 1);
  const std::string key = kept.begin().key(), text = kept.begin().value();
  CHECK(key.starts_with(cpu_name() + ", " + kernels::cpu_target() + ", "));
  CHECK(to_text(kernels::GemmBlocking::from_text(text)) == text);

  // What is kept is taken as it is, beside other machines' entries.
  write_bytes(file,
              "{\"" + key + "\": \"depth=777,rows=768,in-place=16,pack=no,turn=no\", \"a\": 1}");
  REQUIRE(with_cache(cache, busy(folder)).code == 0);
  CHECK(read_bytes(file).find("depth=777") != std::string::npos);
  CHECK(with_cache(cache, "info " + folder.path("run"))
            .out.find("products: depth=777,rows=768,in-place=16,pack=no,turn=no, measured on this "
                      "machine: " +
                      file + "\n") != std::string::npos);
}

TEST_CASE("what is busy on two cores measures what waking costs, too, and keeps it" *
          doctest::test_suite("long")) {
  const TemporaryFolder folder;
  const std::string cache = folder.path("cache"), file = cache + "/hourglass/blocking.json";
  const std::string what = ", microseconds to wake a thread";
  const auto entries = [&] { return nlohmann::json::parse(read_bytes(file)); };
  const auto waking = [&] {
    const std::string info = with_cache(cache, "info " + folder.path("run")).out;
    return info.substr(info.find("waking a thread: "));
  };
  REQUIRE(with_cache(cache, busy(folder)).code == 0);
  const std::string key = entries().begin().key(), text = entries().begin().value();
  CHECK(waking() == "waking a thread: 28 us, by default\n");

  // A file without it is not measured over. On a machine that never gives a second thread time it
  // stays without.
  const auto found = [&] {
    REQUIRE(with_cache(cache, busy(folder), 2).code == 0);
    CHECK(entries()[key] == text);
    const nlohmann::json value = entries().value(key + what, nlohmann::json());
    return value.is_number() ? value.get<double>() : 28;
  };
  const double first = found();
  CHECK(first >= 1);
  CHECK(first <= 1000);
  for (const std::string nonsense : {"0", "-3", "1e9", "\"28\"", "null", "[28]"}) {
    CAPTURE(nonsense);
    write_bytes(file,
                "{\"" + key + "\": \"" + text + "\", \"" + key + what + "\": " + nonsense + "}");
    CHECK(waking() == "waking a thread: 28 us, by default\n");
  }
  CHECK(found() >= 1);
  write_bytes(file, "{\"" + key + "\": \"" + text + "\", \"" + key + what + "\": 77.7, \"a\": []}");
  CHECK(found() == 77.7);
  CHECK(waking() == "waking a thread: 77.7 us, measured on this machine\n");
}

TEST_CASE("a cache of how products are cut that cannot be read or written costs no training" *
          doctest::test_suite("long")) {
  const TemporaryFolder folder;
  const std::string cache = folder.path("cache"), file = cache + "/hourglass/blocking.json";
  write_bytes(file, "depth=777");
  CHECK(with_cache(cache, busy(folder)).code == 0);
  const auto anew = nlohmann::json::parse(read_bytes(file));
  REQUIRE(anew.size() == 1);
  write_bytes(file, "{\"" + anew.begin().key() +
                        "\": \"depth=5000,rows=768,in-place=16,pack=no,turn=no\"}");
  CHECK(with_cache(cache, busy(folder)).code == 0);
  CHECK(read_bytes(file).find("5000") == std::string::npos);
  write_bytes(folder.path("a-file"), "");
  std::filesystem::create_directory(folder.path("loop"));
  std::filesystem::create_symlink("hourglass", folder.path("loop/hourglass"));
  std::filesystem::create_directories(folder.path("pipe/hourglass"));
  REQUIRE(mkfifo(folder.path("pipe/hourglass/blocking.json").c_str(), 0600) == 0);
  for (const std::string& none :
       {folder.path("a-file"), std::string("relative"), folder.path("loop"), folder.path("pipe"),
        "/" + std::string(5000, 'a')}) {
    CAPTURE(none);
    CHECK(with_cache(none, busy(folder)).code == 0);
  }
  CHECK(read_bytes(folder.path("a-file")).empty());
}

TEST_CASE("--blocking fixes how products are cut, and nothing is kept then" *
          doctest::test_suite("long")) {
  const TemporaryFolder folder;
  const std::string cache = folder.path("cache");
  REQUIRE(with_cache(cache, "--blocking default " + busy(folder)).code == 0);
  CHECK(!std::filesystem::exists(cache));
  const std::string info = "info " + folder.path("run");
  const std::string bytes = read_bytes(folder.path("run/model.safetensors"));
  CHECK(with_cache(cache, "--blocking default " + info).out.find(", by default\n") !=
        std::string::npos);
  CHECK(with_cache(cache, info)
            .out.find(", by default until a process that multiplies much measures it\n") !=
        std::string::npos);
  REQUIRE(with_cache(cache, "--blocking depth=100,turn=no " + busy(folder)).code == 0);
  CHECK(read_bytes(folder.path("run/model.safetensors")) == bytes);
  CHECK(with_cache(cache, "--blocking depth=100 " + info).out.find("products: depth=100,rows=") !=
        std::string::npos);
  const Output wrong = run_hourglass("--blocking fast models");
  CHECK(wrong.code == 2);
  CHECK(wrong.err ==
        "hourglass: error: blocking: expected measured, default or depth=N,rows=N,in-place=N,"
        "pack=yes,turn=yes: got \"fast\"\n");
}
