// Options that are misspelt, out of range or out of place: one line each, exit code 2, and nothing
// is written.

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

using Row = std::pair<const char*, const char*>;  // words, line

void check_rows(const std::vector<Row>& rows, const std::string& rest = "") {
  for (const auto& [words, line] : rows) {
    CAPTURE(words);
    const Output output = run_hourglass(words + rest);
    CHECK(output.code == 2);
    CHECK(output.out == "");
    CHECK(output.err == "hourglass: error: " + std::string(line) + "\n");
  }
}

// The same for `train`, which leaves no folder behind.
void check_training_rows(const std::vector<Row>& rows) {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string rest = " --data " + folder.path("data") + " --out " + folder.path("deep/run");
  check_rows(rows, rest);
  CHECK(folder.list() == std::vector<std::string>{"data"});
}

}  // namespace

TEST_CASE("what is misspelt is named with the nearest there is") {
  std::string models;
  for (const auto& model : nlohmann::json::parse(run_hourglass("models --json").out)) {
    models += (models.empty() ? "Expected one of " : ", ") + model["name"].get<std::string>();
  }
  for (const auto& [word, nearest] :
       {Row{"vea", "vae"}, Row{"konv", "conv"}, Row{"beta_vae", "beta-vae"},
        Row{"conv-pol", "conv-pool"}, Row{"advesarial", "adversarial"}, Row{"vqvae", "vq-vae"},
        Row{"sparse", "sparse-l1"}}) {
    for (const char* command : {"train ", "explain "}) {
      CHECK(run_hourglass(std::string(command) + word).err ==
            "hourglass: error: model: there is none named " + std::string(word) +
                ": did you mean " + nearest + "? " + models + "\n");
    }
  }
  check_rows({
      {"evaluat run", "there is no command evaluat: did you mean evaluate? See hourglass --help"},
      {"nonsense", "there is no command nonsense: see hourglass --help"},
      {"--frobnicate", "there is no option --frobnicate: see hourglass --help"},
      {"train dense --penaltyy l1:1",
       "train: there is no option --penaltyy: did you mean --penalty? See hourglass train --help"},
      {"train dense --epoch=3",
       "train: there is no option --epoch: did you mean --epochs? See hourglass train --help"},
      {"train dense more", "train: one word too many: more: see hourglass train --help"},
      {"classify run --pretrain 2",
       "classify: there is no option --pretrain: see hourglass classify --help"},
      {"encode run in.npy", "encode: --output is required: see hourglass encode --help"},
      {"--threads 1 train dense",
       "train: --threads belongs behind the command: hourglass train --threads: see hourglass "
       "train --help"},
      {"--thread 1 train dense",
       "train: there is no option --thread: did you mean --threads? See hourglass train --help"},
  });
  check_training_rows({
      {"train dense --corruption maskin:0.2",
       "corruption: there is none named maskin: did you mean masking? Expected one of gaussian, "
       "masking, salt-and-pepper, cauchy"},
      {"train dense --penalty contractiv:1",
       "penalty: there is none named contractiv: did you mean contractive? Expected one of l1, kl, "
       "contractive, hutchinson, caeh, mmd"},
      {"train dense --activation rel",
       "activation: there is none named rel: did you mean relu? Expected one of identity, relu, "
       "sigmoid, tanh, softplus"},
      {"train dense --init xavier",
       "init: there is none named xavier: did you mean xavier-uniform? Expected one of torch, "
       "xavier-uniform, xavier-normal, kaiming-uniform, kaiming-normal"},
      {"train conv --upsampling neares",
       "upsampling: there is none named neares: did you mean nearest? Expected one of transposed, "
       "nearest"},
      {"train dense --optimizer adm",
       "optimizer: there is none named adm: did you mean adam? Expected one of adam, sgd"},
  });
}

TEST_CASE("an option for numbers says which it takes") {
  check_training_rows({
      {"train dense --top-k 3.5",
       "train: --top-k: expected a whole number: got 3.5: see hourglass train --help"},
      {"train dense --hidden 7,,3",
       "train: --hidden: expected a number before and after each comma: got 7,,3: see hourglass "
       "train --help"},
      {"train dense --hidden=7,3,",
       "train: --hidden: expected a number before and after each comma: got 7,3,: see hourglass "
       "train --help"},
      {"train dense --conv , --hidden 4",
       "train: --conv: expected a number before and after each comma: got ,: see hourglass train "
       "--help"},
      {"train dense --hidden 9,x",
       "train: --hidden: expected a whole number: got x: see hourglass train --help"},
      {"train dense --lr fast",
       "train: --lr: expected a number: got fast: see hourglass train --help"},
      {"train dense --seed -1",
       "train: --seed: expected a whole number from 0 to 2^64 - 1: got -1: see hourglass train "
       "--help"},
      {"train dense --seed 18446744073709551616",
       "train: --seed: expected a whole number from 0 to 2^64 - 1: got 18446744073709551616: see "
       "hourglass train --help"},
      {"train dense --epochs 99999999999", "epochs: expected a whole number: got 99999999999"},
  });
}

TEST_CASE("a config file that holds what nothing reads is refused") {
  const TemporaryFolder folder;
  const std::string config = folder.path("config.toml");
  write_bytes(config, "[train]\nepoch=3\n");
  check_rows({{"train dense --config ",
               "train: config: there is no option train.epoch: see hourglass train --help"}},
             config);
  write_bytes(config, "[trian]\nepochs=3\n");
  check_rows({{"train dense --config ",
               "train: config: there is no section trian: see hourglass train --help"}},
             config);
  write_bytes(config, "[train]\nepochs=0\n");
  check_rows({{"train dense --config ", "epochs must be at least 1: got 0"}}, config);
}

TEST_CASE("lists of a config file are read as those of the command line are") {
  const TemporaryFolder folder;
  const std::string config = folder.path("config.toml");
  const auto explain = [&](const std::string& list) {
    write_bytes(config, "[explain]\nhidden = " + list + "\n");
    return run_hourglass("explain dense --code 2 --config " + config);
  };
  for (const char* list : {"\"7,,3\"", "[7, \"\", 3]", "[\"7,\", 3]"}) {
    CAPTURE(list);
    CHECK(explain(list).err ==
          "hourglass: error: explain: --hidden: expected a number before and after each comma: got "
          "7,,3: see hourglass explain --help\n");
  }
  for (const char* list : {"\",7\"", "[\"\", 7]"}) {
    CAPTURE(list);
    CHECK(explain(list).err.find("after each comma: got ,7: see") != std::string::npos);
  }
  const std::string two = run_hourglass("explain dense --code 2 --hidden 7,3").out;
  for (const char* list : {"\"7,3\"", "[7, 3]", "[7, 3,]", "[7, # seven\n3]"})
    CHECK(explain(list).out == two);
  const std::string none = run_hourglass("explain dense --code 2").out;
  for (const char* list : {"[]", "\"\""}) CHECK(explain(list).out == none);
  const auto deep = [](const char* hidden) {
    return run_hourglass(std::string("explain deep --code 2 --hidden ") + hidden).out;
  };
  CHECK(deep("\"\"").size() < deep("9").size());  // none, where the model has some
}

TEST_CASE("a config file that is not TOML is refused with line and column") {
  const TemporaryFolder folder;
  const std::string config = folder.path("config.toml");
  const auto refused = [&](const std::string& toml, const std::string& line) {
    CAPTURE(toml);
    write_bytes(config, toml);
    const Output output = run_hourglass("explain dense --config " + config);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: explain: config: " + config + ": " + line +
                            ": see hourglass explain --help\n");
  };
  refused("[explain]\nhidden=[20,\n",
          "line 2, column 13: Error while parsing array: encountered end-of-file");
  refused("[explain]\nhidden=[7,,3]\n",
          "line 2, column 11: Error while parsing array: expected value or closing ']', saw comma");
  refused("[explain]\nhidden=7,3\n",
          "line 2, column 9: Error while parsing key-value pair: expected a comment or whitespace, "
          "saw ','");
  refused("[explain]\ncode=\n",
          "line 2, column 6: Error while parsing key-value pair: expected value, saw '\\n'");
  refused("[explain]\ncode=2\n[explain]\ntied=true\n",
          "line 3, column 1: Error while parsing table header: cannot redefine existing table "
          "'explain'");
  refused("[explain]\ncode=2\ncode=3\n",
          "line 3, column 6: Error while parsing key-value pair: cannot redefine existing integer "
          "'code'");
  refused("[explain\ncode=2\n",
          "line 1, column 9: Error while parsing table header: expected ']', saw '\\n'");
  refused("[explain]\nactivation=\"relu\n",
          "line 2, column 17: Error while parsing string: unescaped control characters other than "
          "TAB (U+0009) are explicitly prohibited");
  refused("[explain]\ntied=tru\nx=2\n",
          "line 2, column 9: Error while parsing boolean: expected 'true', saw 'tru\\x0a'");
  refused("[explain.code]\nx=2\n",
          "explain.code: expected a number, a text, true or false, or a list of them");
  refused("[explain]\n\"a\\nb\"={}\n",
          "explain.a\\x0ab: expected a number, a text, true or false, or a list of them");
  refused("[explain]\nhidden=[[7]]\n",
          "explain.hidden: expected a number, a text, true or false, or a list of them");
  refused(std::string("[explain]\ncode=2\n\0x", 20),
          "line 3, column 1: Error while parsing root table: expected keys, tables, whitespace or "
          "comments, saw '\\u0000'");
  refused("\n[a" + std::string(2000, '.') + "]\n", "line 2: more than 1000 dots");
  const Output endless = run_hourglass("explain dense --config /dev/zero");
  CHECK(endless.err ==
        "hourglass: error: explain: config: /dev/zero: too large: expected at most 1048576 bytes: "
        "see hourglass explain --help\n");
}

TEST_CASE(
    "a config file's texts are whole, and its numbers and truth values as on the command line") {
  const TemporaryFolder folder;
  const std::string config = folder.path("config.toml"), data = folder.path("da#ta");
  const std::string last(hourglass::kernels::cpu_targets().back());
  write_small_data(data);
  write_bytes(config, "cpu = \"" + last + "\" # slow\n[train]\ndata = \"" + data +
                          "\" # kept\nout = '" + folder.path("r#un") +
                          "'\nlr = 1_0e-4\nepochs = 0x1\nno-diagnostics = true\ntied = false\n"
                          "corruption = [\"masking:0.25\", \"gaussian:0.1\"]\n");
  REQUIRE(run_hourglass("train dense --config " + config).err == "");
  const auto read = nlohmann::json::parse(read_bytes(folder.path("r#un/config.json")));
  CHECK(read["data"] == data);
  CHECK(read["training"]["lr"] == 1e-3);
  CHECK(read["computed_by"]["cpu_target"] == last);
  CHECK(read["spec"]["corruption"].size() == 2);
}

TEST_CASE("a run folder where a model's name is expected has the nearest name") {
  check_rows({
      {"explain runs/deep", "explain: runs/deep: there is no run in it"},
      {"train runs/dense-1",
       "model: there is none named runs/dense-1: did you mean dense? Of a run folder: hourglass "
       "info runs/dense-1"},
  });
}

TEST_CASE("nothing behind an = is not the next word") {
  const TemporaryFolder folder;
  check_rows({
      {"train dense --out= --force",
       "train: --out=: expected a value behind the =: see hourglass train --help"},
      {"train dense --hidden= --tied",
       "train: --hidden=: expected a value behind the =: see hourglass train --help"},
      {"train dense --config= --tied",
       "train: --config=: expected a value behind the =: see hourglass train --help"},
  });
}

TEST_CASE("an empty word does not leave an option out") {
  const std::string got = ": expected a word: got an empty one: see hourglass ";
  for (const auto& [words, name, command] :
       std::vector<std::array<std::string, 3>>{{"train dense --data ''", "--data", "train"},
                                               {"train dense --out ''", "--out", "train"},
                                               {"train dense --config ''", "--config", "train"},
                                               {"train ''", "model", "train"},
                                               {"evaluate run --data ''", "--data", "evaluate"},
                                               {"info ''", "run", "info"}}) {
    const std::string line = command + ": " + name + got + command + " --help";
    check_rows({{words.c_str(), line.c_str()}});
  }
}

TEST_CASE("a code rule's numbers are checked, and so is whether the model has the rule") {
  check_training_rows({
      {"train dense --top-k 33",
       "spec: top-k: the active units must be 1 to 32, the code's width: got 33"},
      {"train k-sparse --code 10",
       "spec: top-k: the active units must be 1 to 10, the code's width: got 25"},
      {"train vae --beta -1", "spec: beta must be at least 0: got -1"},
      {"train vae --beta nan", "spec: beta must be at least 0: got nan"},
      {"train vae --free-bits -0.1", "spec: free_bits must be at least 0: got -0.1"},
      {"train vae --warm-up -1", "spec: warm_up must be at least 0: got -1"},
      {"train vae --samples 0", "spec: samples must be at least 1: got 0"},
      {"train dense --beta 2", "--beta needs a gaussian code: add --gaussian"},
      {"train vae --commitment 2", "--commitment needs a quantised code: add --codebook"},
      {"train iwae --beta 2", "spec: an importance-weighted bound has no beta: expected 1: got 2"},
      {"train iwae --warm-up 9",
       "spec: an importance-weighted bound has no KL term: leave out its warm-up and free bits"},
      {"train iwae --free-bits 1",
       "spec: an importance-weighted bound has no KL term: leave out its warm-up and free bits"},
      {"train dense --codebook 64", "--codebook: expected 2 numbers: got 64"},
      {"train dense --codebook 64,3",
       "spec: the codebook's vectors must divide the code: width 3 of 32"},
      {"train dense --codebook 0,4", "spec: entries must be at least 1: got 0"},
      {"train dense --codebook 64,0", "spec: entry_width must be at least 1: got 0"},
      {"train vae --gaussian --top-k 3",
       "a code has one rule: leave out all but one of --top-k, --gaussian, --codebook"},
      {"train dense --pool", "--pool needs convolutions: add --conv 16,32"},
      {"train dense --kernel 5", "--kernel needs convolutions: add --conv 16,32"},
      {"train conv --kernel 5,3,1",
       "--kernel: expected one number, or two, down and across: got 3"},
      {"train conv --kernel 0", "spec: conv.0: kernel must be at least 1: got 0"},
      {"train dense --conv-stride 1,2", "--conv-stride needs convolutions: add --conv 16,32"},
      {"train dense --upsampling nearest", "--upsampling needs convolutions: add --conv 16,32"},
      {"train conv-pool --conv 4,4,4 --pad 28",
       "spec: conv.2: images of 7 by 7 do not survive: 7 is not a multiple of the pooling's 2"},
      {"train conv --decoder 9",
       "spec: the decoder of a convolutional encoder mirrors it: leave out its widths"},
      {"train tied --hidden 9 --decoder 8",
       "spec: tied weights need a mirrored decoder: encoder=[36, 9, 256], decoder=[256, 8, 36]"},
      {"train pca --decoder 8", "train: pca is solved, not trained: only --code and --scale apply"},
      {"train conv --conv 4 --pool --pad 7",
       "spec: conv.0: images of 7 by 7 do not survive: 7 is not a multiple of the pooling's 2"},
  });
}

TEST_CASE("help is in groups, and shows what the model has where an option is not given") {
  const std::string help = run_hourglass("train vae --help").out;
  for (const char* group :
       {"Model:", "Code:", "Loss and what is put to it:", "Training:", "Data:", "Output:"}) {
    CAPTURE(group);
    CHECK(help.find(std::string("\n") + group) != std::string::npos);
  }
  const auto shown = [&](const std::string& option, const std::string& value) {
    const std::size_t at = help.find("--" + option + " ");
    REQUIRE(at != std::string::npos);
    CAPTURE(option);
    CHECK(help.substr(at, help.find('\n', at) - at).find("=" + value + " ") != std::string::npos);
  };
  shown("code,--latent", "20");
  shown("hidden", "400");
  shown("beta", "1");
  shown("schedule", "constant");
  CHECK(help.find("--top-k INT=") == std::string::npos);  // it has none
  CHECK(run_hourglass("train beta-vae --help").out.find("--beta FLOAT=4 ") != std::string::npos);
}

TEST_CASE("an option is known by the name that others call it, too") {
  const std::string one = run_hourglass("explain dense --code 3 --batch 2").out;
  CHECK(run_hourglass("explain dense --latent 3 --batch 2").out == one);
  check_rows({{"train dense --learning-rate 0", "lr must be a positive number: got 0"},
              {"train dense --batch-size 0", "batch must be at least 1: got 0"}});
}

TEST_CASE("an option that takes away what a model's name means is refused") {
  const auto row = [](const char* words, const char* model, const char* part) {
    return std::pair{std::string("train ") + words,
                     std::string("a ") + model + " without its " + part +
                         " would be another model: train that by its own name"};
  };
  for (const auto& [words, line] :
       {row("vae --top-k 10", "vae", "gaussian code"),
        row("vae --codebook 64,4", "vae", "gaussian code"),
        row("vq-vae --gaussian", "vq-vae", "quantised code"),
        row("cvae --top-k 5", "cvae", "gaussian code"), row("cvae --classes 0", "cvae", "classes"),
        row("k-sparse --gaussian", "k-sparse", "top-k code"),
        row("conv --conv \"\" --code 3", "conv", "convolutions"),
        row("adversarial --discriminator \"\"", "adversarial", "discriminator"),
        row("robust --loss mse", "robust", "loss, correntropy"),
        row("linear --activation relu", "linear", "hidden, identity")}) {
    check_training_rows({{words.c_str(), line.c_str()}});
  }
}

TEST_CASE("options of learning that a model or a schedule has no use for are refused") {
  check_training_rows({
      {"train pca --lr 0.1", "train: pca is solved, not trained: leave out --lr"},
      {"train pca --epochs 2", "train: pca is solved, not trained: leave out --epochs"},
      {"train pca --keep-best", "train: pca is solved, not trained: leave out --keep-best"},
      {"train pca --average 0.5", "train: pca is solved, not trained: leave out --average"},
      {"train pca --pretrain 2", "train: pca is solved, not trained: leave out --pretrain"},
      {"train dense --decay 0.5",
       "--decay belongs to the schedules step and plateau: the schedule is cosine"},
      {"train vae --decay-epochs 2",
       "--decay-epochs belongs to the schedules step and plateau: the schedule is constant"},
      {"train dense --pad -1", "pad must be at least 0: got -1"},
      {"train conv --conv 4 --pretrain 1",
       "pretrain: layers are trained one by one in dense, mirrored models with a deterministic "
       "code: this one has convolutions"},
      {"train deep --code-activation sigmoid --penalty kl:0.05,1 --pretrain 1",
       "pretrain: layer 1: spec: the penalty kl needs code units between 0 and 1: the code "
       "activation is relu: expected sigmoid"},
  });
}
