// Pipes in place of files.

#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using hourglass::test::error_of;
using hourglass::test::TempFolder;

namespace {

void write_and_close(int descriptor, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(descriptor, text.data() + done, text.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  ::close(descriptor);
}

}  // namespace

TEST_CASE("what comes through a pipe is a file, however often it is opened") {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  std::string text;
  while (text.size() < 200000) text += "1,2\n3,4\n";
  std::thread writer(write_and_close, ends[1], text);
  const std::string path = "/dev/fd/" + std::to_string(ends[0]);
  const nn::RawData data = nn::read_data(path);
  writer.join();
  CHECK(data.all.count() == static_cast<std::int64_t>(text.size()) / 4);
  CHECK(InputFile(path, "test").head(8) == "1,2\n3,4\n");
  ::close(ends[0]);
}

TEST_CASE("a pipe that gave nothing is an empty file") {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[1]);
  CHECK(InputFile("/dev/fd/" + std::to_string(ends[0]), "test").size() == 0);
  ::close(ends[0]);
}

TEST_CASE("a named pipe is read to its end, once somebody has written to it") {
  const TempFolder dir;
  const std::string path = dir / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer([&] { write_and_close(::open(path.c_str(), O_WRONLY), "a,b\n1,2\n"); });
  CHECK(nn::read_data(path).all.columns == std::vector<std::string>{"a", "b"});
  writer.join();
}

TEST_CASE("standard input is the path -, devices are none") {
  const TempFolder dir;
  test::put(dir / "x.csv", "1,2\n");
  const int before = ::dup(STDIN_FILENO);
  const int file = ::open((dir / "x.csv").c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  const nn::RawData data = nn::read_data("-");
  ::dup2(before, STDIN_FILENO);
  ::close(file);
  ::close(before);
  CHECK(data.all.examples.shape() == Shape{1, 2});
  CHECK(error_of(dir, [] { InputFile("/dev/zero", "test"); }) ==
        "test: /dev/zero: not a regular file: found a device");
  CHECK(error_of(dir, [&] { InputFile(dir.path(), "test"); }) ==
        "test: DIR: not a regular file: found a folder");
}
