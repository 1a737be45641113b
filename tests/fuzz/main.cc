// libFuzzer's target: the reader that $HOURGLASS_READER names. tests/fuzz/run runs them all.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tensor/error.h"
#include "tests/fuzz/readers.h"

using namespace hourglass;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

const fuzz::Reader& reader() {
  static const fuzz::Reader chosen = [] {
    const char* const name = std::getenv("HOURGLASS_READER");
    for (const fuzz::Reader& each : fuzz::readers()) {
      if (name != nullptr && each.name == name) return each;
    }
    std::fputs("HOURGLASS_READER names no reader\n", stderr);
    std::exit(2);
  }();
  return chosen;
}

}  // namespace

// An Error of one line is what bad bytes may lead to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    reader().read({reinterpret_cast<const char*>(data), size});
  } catch (const Error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}

// Three in four inputs have right checksums, and so are read to their end.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  const std::size_t changed = LLVMFuzzerMutate(data, size, most);
  if (reader().mend && seed % 4 != 0) reader().mend({data, changed});
  return changed;
}
