// What commands print of a run, and what options are where they are not given.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;
using nlohmann::json;

TEST_CASE("info has a model's widths and maps, how it was learnt, and every parameter") {
  const Folder f;
  const std::string run = f.folder.path("run");
  REQUIRE(f.train("conv --conv 3,2 --code 2 --epochs 1 --no-diagnostics").err == "");
  const std::string conv = run_hourglass("info " + run).out;
  CHECK(conv.starts_with("conv: 1x6x6-3x3x3-2x2x2-2-8-3x3x3-1x6x6\n"));
  CHECK(holds(conv, "\n3 steps of adam: 1 epoch, batch 16, lr 0.001 cosine, seed 0: done\n"));
  CHECK(holds(conv, ", portable bits\n\nencoder.0.weight         [3, 1, 3, 3]           27\n"));
  CHECK(holds(conv, "\ndecoder.5.bias           [1]                     1\n"));
  CHECK(holds(conv, "\ntotal                                          213\n"));
  REQUIRE(f.train("deep --hidden 9,7 --code 3 --epochs 1 --no-portable-bits --no-diagnostics "
                  "--pretrain 2 --force")
              .err == "");
  const std::string deep = run_hourglass("info " + run).out;
  CHECK(deep.starts_with("deep: 36-9-7-3-7-9-36\n"));
  CHECK(holds(deep, "\neach layer pretrained for 2 epochs\n"));
  CHECK(holds(deep, ", no portable bits\n"));
  REQUIRE(
      run_hourglass("train pca --code 2 --force --out " + run + " --data " + f.folder.path("data"))
          .code == 0);
  CHECK(holds(run_hourglass("info " + run).out, "\nsolved by an eigen-decomposition\n"));
}

TEST_CASE("evaluate prints what --json has") {
  const Folder f;
  REQUIRE(f.train("vae --hidden 5 --code 2 --epochs 1").err == "");
  const std::string command = "evaluate " + f.folder.path("run");
  const std::string text = run_hourglass(command).out;
  const json measured = json::parse(run_hourglass(command + " --json").out);
  int numbers = 0;
  for (const auto& [name, value] : measured.items()) {
    if (!value.is_number() || name == "examples") continue;
    CAPTURE(name);
    CHECK(holds(text, "\n" + name + " "));
    ++numbers;
  }
  CHECK(numbers > 10);
}

TEST_CASE("the help lists commands in the order of their use, from training on") {
  std::istringstream lines(run_hourglass("--help").out);
  std::string line, names;
  while (std::getline(lines, line) && line != "Subcommands:") {
  }
  while (std::getline(lines, line) && line.starts_with("  ")) {
    names += line.substr(2, line.find(' ', 2) - 1);
  }
  CHECK(names ==
        "train evaluate reconstruct denoise encode decode sample interpolate manifold traverse "
        "arithmetic classify compress decompress score index search data info models verify watch "
        "report compare certificate gradcheck explain impute bench export import man completion ");
}

TEST_CASE("the help says what an option is where it is not given") {
  const std::vector<std::pair<const char*, std::vector<const char*>>> defaults = {
      {"sample", {"--count INT=100", "--seed UINT=0"}},
      {"interpolate", {"--steps INT=10"}},
      {"manifold", {"--size INT=20"}},
      {"traverse", {"--steps INT=11", "--range FLOAT=3"}},
      {"gradcheck", {"--images INT=8"}},
      {"explain", {"--digits INT=5", "--batch INT=32"}},
      {"classify", {"--epochs INT=30", "--schedule TEXT=constant"}},
      {"train",
       {"--learning-rate FLOAT=0.001", "--decay FLOAT=0.1", "--decay-epochs INT=10",
        "--seeds INT=1", "--optimizer TEXT=adam", "--patience INT=0"}}};
  for (const auto& [command, options] : defaults) {
    const std::string help = run_hourglass(std::string(command) + " --help").out;
    for (const char* option : options) {
      CAPTURE(option);
      const std::size_t at = help.find(option);
      REQUIRE(at != std::string::npos);
      const char after = help[at + std::string(option).size()];
      CHECK((after == ' ' || after == '\n'));
    }
  }
}

TEST_CASE("no command puts a plural after one") {
  const TemporaryFolder folder;
  const std::string data = folder.path("data"), run = folder.path("run"), one = folder.path("one");
  write_small_data(data, 20, 1);
  write_small_data(one, 1, 1);
  const std::string images = one + "/t10k-images-idx3-ubyte";
  std::string said;
  const auto say = [&](const std::string& command) {
    CAPTURE(command);
    const Output output = run_hourglass(command);
    CHECK(output.code != 2);
    said += output.out + output.err;
  };
  say("train deep --hidden 1,1 --code 1 --epochs 1 --pretrain 1 --validation 1 --batch 19 --data " +
      data + " --out " + run);
  for (const char* command : {"info ", "evaluate ", "verify ", "gradcheck --images 1 "})
    say(command + run);
  say("encode " + run + " " + images + " -o " + folder.path("codes.npy"));
  say("decode " + run + " " + folder.path("codes.npy") + " -o " + folder.path("back.idx"));
  say("reconstruct " + run + " " + images + " -o " + folder.path("back.png"));
  say("sample " + run + " --count 1 -o " + folder.path("sample.png"));
  say("index " + run + " " + one);
  say("data " + one + " -o " + folder.path("sheet.png"));
  said += run_hourglass("traverse " + run + " --units 1 -o " + folder.path("t.png")).err;
  const std::string page = read_bytes(run + "/report.html");
  said += page.substr(page.find("id=\"run\">"), page.find("<script>", page.find("id=\"run\">")));
  const auto wrong =
      matches(said,
              "(^|[^0-9.])1 ([a-z]+ )?(epochs|steps|images|units|codes|"
              "numbers|examples|classes|runs|samples|columns|reconstructions|filters)\\b");
  CHECK_MESSAGE(wrong.empty(), wrong[0][0]);
}
