#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "tensor/error.h"
#include "tensor/tensor.h"

namespace hourglass::test {

// A folder that lives as long as the test case.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "hourglass-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Error("cannot make a folder for the test");
    path_ = std::filesystem::canonical(pattern).string();
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // The files in it, hidden ones too: "a b".
  std::string listing() const {
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names += (names.empty() ? "" : " ") + entry.path().filename().string();
    }
    return names;
  }

 private:
  std::string path_;
};

// A new file each time: overwriting one makes ext4 wait for the disk.
inline void put(const std::string& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

inline Tensor of_bytes(const std::vector<std::uint8_t>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}

inline std::string get(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

// The text of the E that f throws, with the test's folder as DIR; "no error" when it throws none.
template <class E = FileError, class F>
std::string error_of(const TempFolder& folder, F&& f) {
  try {
    f();
  } catch (const E& error) {
    std::string text = error.what();
    for (std::size_t at; (at = text.find(folder.path())) != std::string::npos;) {
      text.replace(at, folder.path().size(), "DIR");
    }
    return text;
  }
  return "no error";
}

// What becomes of a file that is cut at each length and has each byte changed in several ways: it
// is read, or FileError; any other exception passes on and fails the test.
struct Damage {
  int cut_read = 0, cut_refused = 0, flip_read = 0, flip_refused = 0;
};

template <class F>
Damage damage(const std::string& path, const std::string& bytes, F&& read) {
  Damage result;
  const auto attempt = [&](const std::string& changed, int& good, int& bad) {
    put(path, changed);
    try {
      read(path);
      ++good;
    } catch (const FileError& error) {
      ++bad;
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
      CHECK(text.find(path) != std::string::npos);
    }
  };
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    attempt(bytes.substr(0, n), result.cut_read, result.cut_refused);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned mask : {0x01U, 0x20U, 0x80U, 0xffU}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ mask);
      attempt(changed, result.flip_read, result.flip_refused);
    }
  }
  return result;
}

}  // namespace hourglass::test
