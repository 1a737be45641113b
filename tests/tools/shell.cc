// What a shell is told: manual pages, completion, the version.

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

std::vector<std::string> commands() {
  const std::string help = run_hourglass("--help").out;
  std::vector<std::string> names;
  const std::string list = help.substr(help.find("Subcommands:"));
  for (const auto& match : matches(list, R"(\n  ([a-z]+)  )")) names.push_back(match[1]);
  return names;
}

std::string version() {
  const std::string out = run_hourglass("--version").out;
  return out.substr(10, out.find('\n') - 10);
}

// What bash offers behind these words, of which the last is being typed.
std::string offered(const std::string& words) {
  const Output output =
      run_program("/usr/bin/env",
                  "bash -c 'source <(\"$0\" completion bash) && COMP_WORDS=(hourglass \"$@\") && "
                  "COMP_CWORD=$# && _hourglass && echo \"${COMPREPLY[*]}\"' " +
                      std::string(HOURGLASS_PROGRAM " ") + words);
  CHECK(output.err == "");
  return output.out.substr(0, output.out.size() - 1);
}

}  // namespace

TEST_CASE("a manual page says what --help does, as roff") {
  CHECK(run_hourglass("man models").out ==
        ".TH HOURGLASS\\-MODELS 1 \"\" \"hourglass " + version() +
            "\" \"Hourglass\"\n"
            ".SH NAME\nhourglass\\-models \\- List the models that train knows\n"
            ".SH SYNOPSIS\n\\fBhourglass models\\fR [\\fIoptions\\fR]\n.SH OPTIONS\n"
            ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrint this help message and exit\n"
            ".TP\n\\fB\\-\\-json\\fR\nAs JSON\n.SH SEE ALSO\n\\fBhourglass\\fR(1)\n");
  const std::string train = run_hourglass("man train").out;
  CHECK(holds(train, "[\\fIoptions\\fR] [\\fImodel\\fR]\n"));
  CHECK(holds(train, "\n.SS Loss and what is put to it\n"));
  CHECK(holds(train,
              "\n\\fB\\-\\-lr\\fR, \\fB\\-\\-learning\\-rate\\fR \\fIFLOAT\\fR\n"
              "The learning rate (default: 0.001)\n"));
  CHECK(holds(run_hourglass("man").out, "\n.SH EXIT STATUS\n"));
}

TEST_CASE("there is a page for the program and for each command, with all of its options") {
  const TemporaryFolder folder;
  CHECK(run_hourglass("man --all " + folder.path("man1")).code == 0);
  CHECK(std::filesystem::exists(folder.path("man1/hourglass.1")));
  const std::vector<std::string> names = commands();
  CHECK(names.size() > 20);
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::string page = read_bytes(folder.path("man1/hourglass-" + name + ".1"));
    std::istringstream lines(run_hourglass(name + " --help").out);
    for (std::string line; std::getline(lines, line);) {
      const auto options = matches(line, R"(--[a-z0-9-]+)");
      if (!line.starts_with("  -") || options.empty()) continue;
      CHECK(holds(page, replaced(options[0][0], "-", "\\-") + "\\fR"));
    }
  }
}

TEST_CASE("bash completes commands, options, models, and leaves the rest to files") {
  CHECK(offered("reco") == "reconstruct");
  CHECK(offered("train --up") == "--upsampling");
  CHECK(offered("train conv-") == "conv-pool conv-denoising conv-vae");
  CHECK(offered("train --tied conv-") == "conv-pool conv-denoising conv-vae");
  CHECK(offered("train --data ''") == "");
  CHECK(offered("encode ''") == "");
  CHECK(offered("import w.safetensors --like conv-") == "conv-pool conv-denoising conv-vae");
  CHECK(offered("import w.safetensors --out conv-") == "");
  CHECK(offered("man ex") == "explain export");
  CHECK(offered("completion ''") == "bash zsh");
  CHECK(offered("--ver") == "--version");
}

TEST_CASE("bash completes what options take, and no number") {
  CHECK(offered("train --optimizer ''") == "adam sgd");
  CHECK(offered("train --schedule c") == "constant cosine");
  CHECK(offered("train --optimizer = a") == "adam");  // as bash cuts --optimizer=a
  CHECK(offered("train --optimizer =") == "adam sgd");
  CHECK(offered("train --loss g") == "gaussian:");
  CHECK(offered("train --penalty kl") == "kl:");
  CHECK(offered("train --corruption ma") == "masking:");
  CHECK(offered("train --kind s") == "series");
  CHECK(offered("data --format np") == "npy npz");
  CHECK(offered("train --init runs/") == "");
  CHECK(offered("train --epochs ''") == "");
  CHECK(offered("denoise run noisy.csv --noise ca") == "cauchy:");
  CHECK(offered("export run --part e") == "encoder");
  CHECK(offered("sample run --from ''") == "prior fitted");
  CHECK(offered("certificate softm") == "softmax");
  CHECK(offered("--cpu be") == "best");
  CHECK(offered("explain conv-v") == "conv-vae");
  const Output wired = run_program(
      "/usr/bin/env",
      "bash -c 'compopt() { echo \"$@\"; }; source <(\"$0\" completion bash); for words in "
      "\"--epochs 1\" \"--loss g\" \"--optimizer a\"; do COMP_WORDS=(hourglass train $words); "
      "COMP_CWORD=3; _hourglass; done' " HOURGLASS_PROGRAM);
  CHECK(wired.out == "+o default +o bashdefault\n-o nospace\n");
}

TEST_CASE("zsh completes commands, options, what these take, and files") {
  if (run_program("/usr/bin/env", "zsh -c true").code != 0) {
    MESSAGE("zsh is not installed");
    return;
  }
  const TemporaryFolder folder;
  write_bytes(folder.path("_hourglass"), run_hourglass("completion zsh").out);
  write_bytes(folder.path("table.csv"), "");
  write_bytes(folder.path("tables/of.csv"), "");
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"reco", "reconstruct "},
      {"train --up", "train --upsampling="},
      {"train conv-", "train conv-denoising conv-pool conv-vae "},
      {"train --optimizer ", "train --optimizer adam sgd "},
      {"train --optimizer=s", "train --optimizer=sgd "},
      {"train dense --schedule c", "train dense --schedule constant cosine "},
      {"train --loss g", "train --loss gaussian:"},
      {"train --loss m", "train --loss mse multinomial "},
      {"train --penalty l1:1 --penalty kl", "train --penalty l1:1 --penalty kl:"},
      {"train --kind s", "train --kind series "},
      {"train --data t", "train --data table.csv tables/"},
      {"train --init tab", "train --init table.csv tables/"},
      {"train --epochs t", "train --epochs t"},
      {"encode t", "encode table.csv tables/"},
      {"encode tables/", "encode tables/of.csv "},
      {"export run --part e", "export run --part encoder "},
      {"man ex", "man explain export "},
      {"completion ", "completion bash zsh "},
      {"--cpu bes", "--cpu best "}};
  std::string words, expected;
  for (const auto& [typed, told] : lines) {
    words += " 'hourglass " + typed + "'";
    expected += "hourglass " + told + "\n";
  }
  const Output output =
      run_program("/usr/bin/env", "zsh -f " HOURGLASS_SOURCE_ROOT "/tests/tools/complete.zsh " +
                                      folder.path() + words);
  CHECK(output.err == "");
  CHECK(output.out == expected);
}

TEST_CASE("--version says what the program was built with") {
  const std::string out = run_hourglass("--version").out;
  const auto whole =
      matches(out,
              "hourglass [0-9.]+\ncompiler: [a-z]+ [0-9.]+, C\\+\\+20, optimisation [0-3gs]+"
              "\nlibraries: OpenBLAS [0-9.]+, Highway [0-9.]+, fmt [0-9.]+, .*"
              "\nSIMD on this machine: [a-z0-9, ]*(baseline|neon)\nproducts: OpenBLAS [0-9.]+.*\n");
  REQUIRE(whole.size() == 1);
  CHECK(whole[0][0] == out);
}

TEST_CASE("what a shell asks for and there is not is refused in one line") {
  const Output unknown = run_hourglass("man trian");
  CHECK(unknown.code == 2);
  CHECK(
      unknown.err.starts_with("hourglass: error: man: command: there is none named trian: did "
                              "you mean train? Expected one of hourglass, train, evaluate, "));
  refused("completion fish", "completion: expected bash or zsh: got fish");
  refused("man train --all pages", "man: --all writes every page: leave out the command");
  refused("man --all /dev/null/pages", "man: /dev/null/pages: cannot create: Not a directory");
}
