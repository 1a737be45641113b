"""A copy of the sources that holds every mutant at once, each behind a switch, and its build.

HOURGLASS_MUTANT=17 in the environment of a program of this build switches mutant 17 on. A mutant that does not
compile is left out.
"""

import os
import pathlib
import re
import subprocess

SWITCHED = "::hourglass::mutants::on({})"
# A mutant may look odd: that is no error.
ODD = ("parentheses", "dangling-else", "int-in-bool-context", "div-by-zero", "bool-compare", "bool-operation", "extra",
       "sign-compare", "unused", "empty-body", "tautological-compare", "type-limits", "return-type")  # fmt: skip
DECLARED = "".join(f'_Pragma("GCC diagnostic ignored \\"-W{odd}\\"") ' for odd in ODD) + (
    "namespace hourglass::mutants { bool on(int); }"
)

# With HOURGLASS_MUTANTS_SEEN, the tests that come past each mutant are written down: programs that a test starts
# inherit its number.
SWITCH = """
#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <cstdlib>
namespace hourglass::mutants {
static std::atomic<bool> seen[COUNT];
static const char* variable(const char* name) { return std::getenv(name); }
void begin_case() { for (auto& one : seen) one = false; }
static void record(int id) {
  const int file = ::open(variable("HOURGLASS_MUTANTS_SEEN"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  const char* test = variable("HOURGLASS_MUTANTS_CASE");
  char line[64];
  const int n = std::snprintf(line, sizeof line, "%s %d\\n", test ? test : "-", id);
  if (file >= 0 && ::write(file, line, n) < 0) std::abort();
  ::close(file);
}
bool on(int id) {
  if (!environ) return false;  // what runs ahead of the C library itself (tools/room.cc) is not switched
  static const char* text = variable("HOURGLASS_MUTANT");
  static const int active = text ? std::atoi(text) : 0;
  static const bool recording = variable("HOURGLASS_MUTANTS_SEEN") != nullptr;
  if (recording && !seen[id].load(std::memory_order_relaxed) && !seen[id].exchange(true)) record(id);
  return active == id;
}
}  // namespace hourglass::mutants
"""

# doctest's main, which numbers the cases and says how each went.
MAIN = """
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
namespace hourglass::mutants { void begin_case(); }
namespace {
struct Listener : doctest::IReporter {
  explicit Listener(const doctest::ContextOptions&) {}
  int number = 0;
  const doctest::TestCaseData* test = nullptr;
  std::chrono::steady_clock::time_point start;
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData& data) override {
    test = &data;
    setenv("HOURGLASS_MUTANTS_CASE", std::to_string(++number).c_str(), 1);
    hourglass::mutants::begin_case();
    start = std::chrono::steady_clock::now();
  }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    const char* path = std::getenv("HOURGLASS_MUTANTS_CASES");
    if (!path) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::FILE* file = std::fopen(path, "a");
    std::fprintf(file, "%d\\t%f\\t%d\\t%s\\t%s\\n", number, seconds, stats.failure_flags != 0, test->m_file.c_str(),
                 test->m_name);
    std::fclose(file);
  }
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("mutants", 1, Listener);
}  // namespace
"""


def switched(site, number):
    """The text that stands for a site: the mutant, or what was there."""
    switch = SWITCHED.format(number)
    if site.whole:
        return f"if ({switch}) {{ {site.mutated} }} else {{ {site.original} }}"
    return f"({switch} ? ({site.mutated}) : ({site.original}))"


def variable_of(text, start):
    """A constexpr whose value a switch chooses is a const. Only on the lines of its own statement."""
    first = max(text.rfind(mark, 0, start) for mark in ";{}") + 1
    return text[:first] + text[first:start].replace("static constexpr ", "inline static const ").replace(
        "constexpr ", "const "
    ), start


def render(text, mutants):
    """The file's text with its mutants, line for line."""
    for number, site in sorted(mutants, key=lambda m: -m[1].start):
        head, _ = variable_of(text, site.start)
        text = head + switched(site, number) + text[site.end :]
    at = text.find("\n\n") + 1  # after the first #include or #pragma
    return text[:at] + DECLARED + text[at:]


def write(path, data):
    """Only what changed, so that only that is compiled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


class Build:
    def __init__(self, root, work):
        self.root, self.work = pathlib.Path(root), pathlib.Path(work)
        self.sources = self.work
        self.build = self.work / "build"
        self.unit = self.build / "tests/unit"

    def copy(self, mutants):
        """mutants: {path: [(number, Site)]}."""
        listed = subprocess.run(["git", "-C", self.root, "ls-files"], capture_output=True, text=True, check=True)
        count = max([0] + [n for found in mutants.values() for n, _ in found]) + 1
        for path in listed.stdout.split("\n"):
            source, copy = self.root / path, self.sources / path
            if not source.is_file():
                continue
            data = source.read_bytes()
            if path in mutants:
                data = render(data.decode(), mutants[path]).encode()
            if path == "tensor/shape.cc":
                data += SWITCH.replace("COUNT", str(count)).encode()
            if path == "tests/main.cc":
                data = MAIN.encode()
            if path == "tests/meson.build":
                # Tests that read the sources read those without mutants.
                data = data.replace(b"meson.project_source_root()", f"'{self.root}'".encode())
            write(copy, data)

    def make(self):
        """'' or what the compiler said."""
        if not (self.build / "build.ninja").exists():
            # As .ci/run does it: what is as it was comes from a compiler cache.
            options = ["-Dwerror=true", "-Dbench=false"]
            subprocess.run(["meson", "setup", self.build, self.sources, *options], check=True, capture_output=True)
        done = subprocess.run(["ninja", "-k", "0", "-C", self.build], capture_output=True, text=True)
        return done.stdout if done.returncode else ""

    def unlinked(self, said):
        """The names of functions that call what there is none of."""
        return set(re.findall(r"in function `[^\n]*?(\w+)\([^\n]*\n[^\n]*undefined reference", said))

    def places(self, said):
        """The lines of sources that the compiler speaks of: {(path, line)}."""
        found = set()
        for path, line in re.findall(r"(\S+?\.(?:cc|h)):(\d+)", said):
            full = pathlib.Path(os.path.normpath(self.build / path))
            if full.is_relative_to(self.sources):
                found.add((str(full.relative_to(self.sources)), int(line)))
        return found
