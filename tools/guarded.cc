#include "tools/guarded.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/write_error.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// The streams that the program was started without: a file that it opens is not to take their
// place.
void open_standard_streams() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO;) {
    descriptor = ::open("/dev/null", O_RDONLY);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
    if (descriptor < 0) return;
  }
}

// What became of what was printed; empty where all of it was written.
std::string output_error() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return "";
  return "standard output: cannot write" + (errno == 0 ? "" : ": " + errno_text(errno));
}

// One line, whatever the text holds.
int fail(const std::string& speaker, int code, std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line = printable(line, line.size());
  std::fputs(fmt::format("{}: error: {}\n", speaker, line).c_str(), stderr);
  return code;
}

}  // namespace

int guarded(const std::function<int()>& run, const std::string& speaker) {
  open_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like any other
  try {
    const int code = run();
    const std::string unwritten = output_error();
    return unwritten.empty() || code != kDone ? code : fail(speaker, kFailed, unwritten);
  } catch (const internal::WriteError& error) {
    return fail(speaker, kFailed, error.what());
  } catch (const Error& error) {
    return fail(speaker, kBadInput, error.what());
  } catch (const std::bad_alloc&) {
    return fail(speaker, kFailed, "memory ran out: the system gives this process no more");
  } catch (const std::exception& error) {
    const std::string unwritten = output_error();  // where it is why printing threw
    return fail(speaker, kFailed, unwritten.empty() ? error.what() : unwritten);
  }
}

void flush_output() {
  const std::string unwritten = output_error();
  if (!unwritten.empty()) throw WriteError(unwritten);
}

}  // namespace hourglass::tools
