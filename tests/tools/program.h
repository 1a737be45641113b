#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hourglass::test {

struct Output {
  int code = 0;
  std::string out;  // standard output
  std::string err;  // standard error
};

// Runs the built `hourglass` with the arguments (a shell's words).
// Where programs are looked for may be another folder.
Output run_hourglass(const std::string& arguments, const std::string& path = "");
// Runs another program by its path.
Output run_program(const std::string& program, const std::string& arguments,
                   const std::string& path = "");

// The command fails with code 2 and this one line of error.
void refused(const std::string& arguments, const std::string& line);

bool holds(const std::string& text, const std::string& part);
std::string replaced(std::string text, const std::string& part, const std::string& by);

// Each match of a regular expression: the whole of it, then its groups.
std::vector<std::vector<std::string>> matches(const std::string& text, const std::string& pattern);

// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name = "") const;
  std::vector<std::string> list() const;  // the names of what it holds, sorted

 private:
  std::filesystem::path folder_;
};

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

// An IDX file of u8 numbers with the given sizes; the numbers count upwards.
std::string idx_bytes(const std::vector<std::uint32_t>& sizes);

// A folder of MNIST's four names with a few small images.
void write_small_data(const std::string& folder, std::uint32_t train = 40, std::uint32_t test = 10,
                      std::uint32_t side = 6);
// Other labels for them, of so many classes.
void write_small_labels(const std::string& folder, std::uint32_t classes, std::uint32_t train = 40,
                        std::uint32_t test = 10);

}  // namespace hourglass::test
