#include <fmt/core.h>

#include <string_view>

#include "bench/applied/rows.h"
#include "bench/common/main.h"
#include "tensor/nearest_name.h"

namespace hourglass::bench {

namespace {

const AppliedRow& find_row(const std::string& name) {
  std::vector<std::string_view> known;
  for (const AppliedRow& row : applied_rows()) {
    if (name == row.name) return row;
    known.push_back(row.name);
  }
  throw_unknown_name("row", name, known);
}

std::function<void()> add_options(const tools::Command& program) {
  struct Arguments {
    std::string row;
    RowSetting setting{.data = "../shared/data", .pictures = "."};
  };
  const auto arguments = std::make_shared<Arguments>();
  program.add_option("row", arguments->row, "Which row of docs/applications.md").required();
  program.add_option("--data", arguments->setting.data, "The folder of all data sets");
  program.add_option("--pictures", arguments->setting.pictures, "Where to draw");
  program.add_option("--seeds", arguments->setting.seeds, "How many; 0: as many as the row has");
  return [arguments] {
    const Json found = find_row(arguments->row).run(arguments->setting);
    fmt::print("{}\n", found.dump(2));
  };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "applied", .about = "Measures a row of docs/applications.md, as JSON."}, argc, argv,
      hourglass::bench::add_options);
}
