// Data that are larger than memory: a file of 20 GB, which takes no room on the disk.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <filesystem>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

#ifndef __SANITIZE_ADDRESS__  // which asks for terabytes of it

namespace {

// In 500 MB of memory of its own; pages of files do not count.
Output run_small(const std::string& arguments) {
  return run_program("/bin/sh",
                     "-c 'ulimit -d 488281; exec " HOURGLASS_PROGRAM " " + arguments + "'");
}

void write_zeros(const std::string& path, const std::string& type, const std::string& shape,
                 std::uint64_t bytes) {
  std::string text =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.resize(117, ' ');
  write_bytes(path, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + text + "\n");
  std::filesystem::resize_file(path, 128 + bytes);
}

}  // namespace

TEST_CASE("a file of 20 GB is learnt from in 500 MB of memory") {
  const TemporaryFolder folder;
  const std::string file = folder.path("x.npy"), run = folder.path("run");
  write_zeros(file, "|u1", "5000000, 4000", 20'000'000'000);
  const Output output = run_small(
      "train dense --data " + file +
      " --hidden 4 --code 2 --epochs 1 --images 2000 --split 99,0,1 --threads 2 --out " + run);
  CHECK(output.err == "");
  CHECK(output.code == 0);
  CHECK(output.out.find("dense: 2000 training and 50000 test rows of 4000 columns (" + file +
                        ")\n") != std::string::npos);
  CHECK(output.out.ends_with("wrote " + run + "/model.safetensors\nsee " + run + "/report.html\n"));
}

#endif
