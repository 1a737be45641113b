// Linked to every example: an Error that it does not catch is one line and exit code 1, not a core
// dump, and the examples stay free of try and catch.

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

void say_and_exit() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: %s\n", error.what());
    std::_Exit(EXIT_FAILURE);
  } catch (...) {
  }
  std::abort();
}

const std::terminate_handler kBefore = std::set_terminate(say_and_exit);

}  // namespace
