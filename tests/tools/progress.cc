// What a training shows while it runs.

#include "tools/progress.h"

#include <doctest/doctest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass;

namespace {

// What the program writes to a terminal so many columns wide.
std::string on_terminal(const std::string& arguments, unsigned short columns) {
  struct winsize size = {24, columns, 0, 0};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string command = "'" HOURGLASS_PROGRAM "' " + arguments;
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string text;
  char part[4096];
  for (ssize_t n = 0; (n = read(terminal, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(n));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  CHECK(status == 0);
  return text;
}

}  // namespace

TEST_CASE("the line of a training fits any terminal: first the bar gives way, then the end") {
  nn::StepReport report;
  report.epoch = 2;
  report.epochs = 10;
  report.step = 50;
  report.steps = 100;
  report.examples = 6400;
  report.seconds = 2;
  report.loss = 0.25;
  CHECK(tools::progress_line(report, "rows", 100) ==
        "epoch 2/10 [############............] 3200 rows/s  loss 0.250000  0:34 left");
  CHECK(tools::progress_line(report, "rows", 60) ==
        "epoch 2/10 [####....] 3200 rows/s  loss 0.250000  0:34 left");
  CHECK(tools::progress_line(report, "rows", 50) ==
        "epoch 2/10 3200 rows/s  loss 0.250000  0:34 left");
  for (int columns = 1; columns < 120; ++columns) {
    CHECK(tools::progress_line(report, "rows", columns).size() < static_cast<std::size_t>(columns));
  }
}

TEST_CASE("time is told in minutes and seconds, from an hour on in hours too") {
  CHECK(tools::clock_text(0) == "0:00");
  CHECK(tools::clock_text(7.4) == "0:07");
  CHECK(tools::clock_text(7.5) == "0:08");
  CHECK(tools::clock_text(760) == "12:40");
  CHECK(tools::clock_text(3599) == "59:59");
  CHECK(tools::clock_text(3600) == "1:00:00");
  CHECK(tools::clock_text(3723) == "1:02:03");
}

TEST_CASE("on a terminal a training draws over its line, elsewhere it has a line an epoch alone") {
  const test::TemporaryFolder folder;
  test::write_small_data(folder.path("data"));
  const std::string train = "train dense --code 2 --epochs 2 --batch 8 --no-report --data " +
                            folder.path("data") + " --force --out " + folder.path("run");
  for (const unsigned short columns : {0, 60, 100}) {  // 0: as 80
    CAPTURE(columns);
    const std::string text = on_terminal(train, columns);
    std::vector<std::string> lines;
    for (const auto& drawn : test::matches(text, "\r([^\r\n\x1b]*)\x1b\\[K")) {
      lines.push_back(drawn[1]);
      CHECK(lines.back().size() < (columns == 0 ? 80U : columns));
    }
    REQUIRE(lines.size() >= 6);  // of each epoch the first step, the last, and what clears it
    CHECK(lines[0].starts_with("epoch 1/2 ["));
    CHECK(lines.back() == "");
    CHECK(text.find("\r\x1b[Kepoch 2/2  loss ") != std::string::npos);
    // The bar has what is left, 24 at most.
    const std::size_t bar = lines[0].find(']') - lines[0].find('[') - 1,
                      room = (columns == 0 ? 80 : columns) - 1 - (lines[0].size() - bar);
    CHECK(bar == std::min<std::size_t>(room, 24));
  }
  const std::string plain = test::run_hourglass(train).out;
  CHECK(plain.find('\r') == std::string::npos);
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(plain.find("\nepoch 2/2  loss ") != std::string::npos);
}
