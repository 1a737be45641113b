#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hourglass {

// A path, name or excerpt as one line may show it: control characters as \xNN, and cut, with "...",
// after `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 4096);

// A name for an error, in single quotes: printable, at most 100 bytes.
std::string in_quotes(std::string_view name);

// A mistake that the caller can mend: wrong shapes, a bad file, an unknown option. The text is one
// line, `op: what: a=[..], b=[..]: lhs vs rhs`, with the caller's own names and sizes: printable,
// whatever a file calls its columns.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string_view text) : runtime_error(printable(text, text.size())) {}
};

// A file that is missing, cannot be written, or does not hold what its format promises. The text
// names the file, the byte offset where there is one, and what was expected.
class FileError : public Error {
 public:
  using Error::Error;
};

// A number that had to be finite was not: a loss term, or the new value of a parameter.
class NonFiniteError : public Error {
 public:
  NonFiniteError(const std::string& text, bool in_loss, const std::string& origin = "")
      : Error(text), in_loss_(in_loss), origin_(origin) {}
  bool in_loss() const { return in_loss_; }
  const std::string& origin() const {
    return origin_;
  }  // the node where it began, if it was traced

 private:
  bool in_loss_;
  std::string origin_;
};

}  // namespace hourglass
