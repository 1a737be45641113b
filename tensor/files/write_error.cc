#include "tensor/files/write_error.h"

#include <cerrno>

namespace hourglass::internal {

void throw_file_error(int error, const std::string& text) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO:
      throw WriteError(text);
    default:
      throw FileError(text);
  }
}

}  // namespace hourglass::internal
