#include "tests/tools/program.h"
#include "tests/places.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

namespace hourglass::test {

namespace fs = std::filesystem;

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

Output run_hourglass(const std::string& arguments, const std::string& path) {
  return run_program(HOURGLASS_PROGRAM, arguments, path);
}

Output run_program(const std::string& program, const std::string& arguments,
                   const std::string& path) {
  const TemporaryFolder folder;
  // Nothing is left in the home folder of whoever runs the tests.
  const std::string where = "XDG_CACHE_HOME='" + folder.path("cache") + "' " +
                            (path.empty() ? "" : "PATH='" + path + "' ");
  const std::string command = where + "'" + program + "' " + arguments + " >'" +
                              folder.path("out") + "' 2>'" + folder.path("err") + "' </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_bytes(folder.path("out")), read_bytes(folder.path("err"))};
}

void refused(const std::string& arguments, const std::string& line) {
  const Output output = run_hourglass(arguments);
  CHECK(output.code == 2);
  CHECK(output.err == "hourglass: error: " + line + "\n");
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + by.size())) {
    text.replace(at, part.size(), by);
  }
  return text;
}

std::vector<std::vector<std::string>> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::vector<std::string>> all;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    all.emplace_back(at->begin(), at->end());
  }
  return all;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "hourglass-test-XXXXXX").string();
  folder_ = mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string TemporaryFolder::path(const std::string& name) const {
  return (folder_ / name).string();
}

std::vector<std::string> TemporaryFolder::list() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string idx_bytes(const std::vector<std::uint32_t>& sizes) {
  std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
  std::uint64_t n = 1;
  for (std::uint32_t size : sizes) {
    for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(size >> shift & 255);
    n *= size;
  }
  for (std::uint64_t i = 0; i < n; ++i) bytes += static_cast<char>(i * 7 % 251);
  return bytes;
}

void write_small_data(const std::string& folder, std::uint32_t train, std::uint32_t test,
                      std::uint32_t side) {
  write_bytes(folder + "/train-images-idx3-ubyte", idx_bytes({train, side, side}));
  write_bytes(folder + "/train-labels-idx1-ubyte", idx_bytes({train}));
  write_bytes(folder + "/t10k-images-idx3-ubyte", idx_bytes({test, side, side}));
  write_bytes(folder + "/t10k-labels-idx1-ubyte", idx_bytes({test}));
}

void write_small_labels(const std::string& folder, std::uint32_t classes, std::uint32_t train,
                        std::uint32_t test) {
  for (const auto& [part, count] : {std::pair{"train", train}, {"t10k", test}}) {
    std::string bytes = idx_bytes({count});
    for (std::uint32_t i = 0; i < count; ++i) {
      bytes[bytes.size() - count + i] = static_cast<char>(i * i * i % 5 % classes);
    }
    write_bytes(folder + "/" + part + "-labels-idx1-ubyte", bytes);
  }
}

}  // namespace hourglass::test
