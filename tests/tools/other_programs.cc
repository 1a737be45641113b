// The commands that are programs of their own.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

// The program alone in a folder's bin, as if it were installed there.
std::string installed_alone(const TemporaryFolder& folder) {
  const std::string program = folder.path("bin/hourglass");
  std::filesystem::create_directories(folder.path("bin"));
  std::filesystem::copy_file(HOURGLASS_PROGRAM, program);
  return program;
}

Output run_alone(const std::string& program, const std::string& words) {
  const std::string library = std::filesystem::path(HOURGLASS_PROGRAM).parent_path().string();
  return run_program("/usr/bin/env",
                     "LD_LIBRARY_PATH='" + library + "' '" + program + "' " + words);
}

// An executable that says what it was asked.
void write_stand_in(const std::string& path) {
  write_bytes(path, "#!/bin/sh\necho \"$@\"\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

}  // namespace

TEST_CASE("bench finds its program where it is installed, and says where it looked") {
  const TemporaryFolder folder;
  const std::string program = installed_alone(folder);
  const Output missing = run_alone(program, "bench gemm");
  CHECK(missing.code == 2);
  CHECK(missing.err == "hourglass: error: bench: neither " + folder.path("bin/bench/kernels") +
                           " nor " + folder.path("libexec/hourglass/kernels") +
                           " is there: it is built by: ninja bench/kernels\n");
  write_stand_in(folder.path("libexec/hourglass/kernels"));
  const Output found = run_alone(program, "bench gemm");
  CHECK(found.err == "");
  CHECK(found.out.ends_with(" --seconds 0.05 --repetitions 9 -- gemm\n"));
}

TEST_CASE("certificate finds its program where it is installed, and says how to build it") {
  const TemporaryFolder folder;
  const std::string program = installed_alone(folder);
  const Output missing = run_alone(program, "certificate");
  CHECK(missing.code == 2);
  CHECK(missing.err == "hourglass: error: certificate: neither " +
                           folder.path("bin/hourglass-certificate") + " nor " +
                           folder.path("libexec/hourglass/hourglass-certificate") +
                           " is there: it is built by: ninja hourglass-certificate\n");
  const std::string there = folder.path("libexec/hourglass/hourglass-certificate");
  write_bytes(there, "");
  const Output refused = run_alone(program, "certificate");
  CHECK(refused.code == 2);
  CHECK(refused.err == "hourglass: error: certificate: " + there + ": Permission denied\n");
  write_stand_in(there);
  const Output found = run_alone(program, "--cpu avx2 certificate --json tanh exp");
  CHECK(found.err == "");
  CHECK(found.out == "--cpu avx2 --json -- tanh exp\n");
}

TEST_CASE("certificate prints the rows that it is asked for") {
  const Output table = run_hourglass("certificate tanh relu");
  CHECK(table.code == 0);
  CHECK(table.out.find("\ntanh") != std::string::npos);
  CHECK(table.out.find("\nsigmoid") == std::string::npos);
  CHECK(run_hourglass("certificate --json tanh").out.starts_with("["));
  const Output unknown = run_hourglass("certificate tan");
  CHECK(unknown.code == 2);
  CHECK(unknown.err ==
        "hourglass: error: certificate: no op of this name: tan: did you mean tanh?\n");
  CHECK(run_hourglass("certificate sigmod").err ==
        "hourglass: error: certificate: no op of this name: sigmod: did you mean sigmoid?\n");
  CHECK(run_hourglass("certificate nothing").err ==
        "hourglass: error: certificate: no op of this name: nothing\n");
}
