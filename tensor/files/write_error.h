#pragma once

#include <string>

#include "tensor/error.h"

namespace hourglass::internal {

// A disk that is full or broken, a file that may not grow: not a mistake in what was asked for.
class WriteError : public FileError {
 public:
  using FileError::FileError;
};

// Throws WriteError where the errno value is of that kind, else FileError.
[[noreturn]] void throw_file_error(int error, const std::string& text);

}  // namespace hourglass::internal
