// Runs that go on: whatever ended them, they end in the bytes of one that was never disturbed.

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <filesystem>

#include "tests/tools/scene.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

const bool kFull = std::getenv("HOURGLASS_FULL") != nullptr;

const std::string kError = "hourglass: error: ";

// Functions of the scripts: `whole OPTIONS` trains to whole, `same` compares run with it; begin and
// go take the place of the shell they are called in.
const std::string kFunctions =
    "whole() { words=\"$*\"; $p train $words --data data --out whole >out 2>err || exit 9; }\n"
    "begin() { exec $p train $words --data data --out run --save-every 1 \"$@\"; }\n"
    "go() { [ ! -d run ] && begin; exec $p train --resume run --save-every 1; }\n"
    "again() { ( go ); }\n"
    "same() { cmp whole/model.safetensors run/model.safetensors &&"
    " cmp whole/metrics.jsonl run/metrics.jsonl; }\n";

// In a file of commands; "ok" is written by a script that came to its end.
void check_script(const Scene& scene, const std::string& script) {
  CAPTURE(script);
  const int code = scene.run(kFunctions + script);
  CAPTURE(scene.bytes("err"));
  CHECK(code == 0);
}

// A run of each kind of state: two players, layers, averages, best epochs, a codebook.
const std::vector<std::string> kModels = {
    "dense --code 3 --epochs 5 --batch 16",
    "stacked --hidden 5,4 --code 2 --pretrain 3 --epochs 3 --batch 16",
    "adversarial --epochs 4 --batch 16 --validation 6 --keep-best --average 0.9",
    "vq-vae --hidden 6 --code 8 --epochs 3 --batch 16",
    "dense --code 3 --epochs 6 --batch 16 --schedule plateau --decay-epochs 1 --validation 6 "
    "--lr 0.5"};

}  // namespace

TEST_CASE("a run that is killed at any moment goes on to the bytes of one that was not") {
  const Scene scene;
  for (std::size_t m = 0; m < kModels.size(); ++m) {
    check_script(scene,
                 "whole " + kModels[m] +
                     fmt::format("\nRANDOM={}\nrm -rf run\nfor i in $(seq {}); do\n"
                                 "go >>out 2>>err & sleep 0.$((RANDOM % 3))$((RANDOM % 10))\n"
                                 "kill -KILL $!; wait $!; done 2>killed\n"
                                 "again >out 2>err && same && rm -r whole run\n",
                                 m + 1, kFull ? 20 : 2));
  }
}

TEST_CASE("a run that is stopped by a signal goes on to the bytes of one that was not") {
  const Scene scene;
  for (const std::string& model : kModels) {
    check_script(scene,
                 "whole " + model +
                     "\nrm -rf run\nfor signal in TERM INT HUP; do go >out 2>err &\n"
                     "for i in $(seq 100); do grep -qs epoch out && break; sleep 0.02; done\n"
                     "kill -$signal $!; wait $!; done\n"
                     "again >out 2>err && same && rm -r whole run\n");
  }
}

TEST_CASE("each name of the catalogue goes on to the same bytes") {
  const Scene scene;
  const json models = json::parse(run_hourglass("models --json").out);
  std::size_t k = 0;
  for (const json& model : models) {
    const std::string name = model["name"];
    if (!kFull && k++ % 6 != 0) continue;
    write_small_data(scene.folder.path("data"), 40, 10, 28);
    check_script(scene, "whole " + name + (name == "pca" ? "\n" : " --batch 16 --epochs 3\n") +
                            "rm -rf run\nbegin >out 2>err & sleep 0.6; kill -KILL $!; wait $!\n"
                            "again >out 2>err && same && rm -r whole run\n");
  }
}

TEST_CASE("a write that fails, a kill and a loss of power at any call lose nothing") {
  const Scene scene;
  const std::string shim =
      (fs::path(HOURGLASS_PROGRAM).parent_path() / "tests/libfailing_writes.so").string();
  CHECK(scene.run(kFunctions + "whole dense --code 2 --epochs 2 --batch 16\n") == 0);
  for (const std::string mode : {"fail", "kill", "power"}) {
    for (const bool force : {false, true}) {
      for (int call = 1;; call += kFull ? 1 : 4) {
        REQUIRE(call < 300);
        CAPTURE(mode);
        CAPTURE(force);
        CAPTURE(call);
        const std::string begin =
            "words='dense --code 2 --epochs 2 --batch 16'\nrm -rf run run.new .run.*\n" +
            std::string(force ? "cp -r whole run\n" : "");
        const int code =
            scene.run(kFunctions + begin +
                      fmt::format("(export ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD='{}' "
                                  "HOURGLASS_SPOIL={}:{}; begin {} >out 2>err)\n",
                                  shim, call, mode, force ? "--force" : ""));
        if (code == 0) break;  // there are no more calls
        if (mode == "fail") {
          CHECK(code == 1);
          CHECK(scene.bytes("err").starts_with(kError));
          CHECK(scene.bytes("err").find('\n') == scene.bytes("err").size() - 1);
        }
        check_script(scene,
                     "words='dense --code 2 --epochs 2 --batch 16'\nagain >out 2>err && "
                     "same && ! ls -d run.new 2>/dev/null");
      }
    }
  }
}

TEST_CASE("a full disk is one line, and what was learnt goes on where there is room again") {
  const Scene scene;
  check_script(scene,
               "whole dense --code 4 --epochs 40 --batch 16\n"
               "(ulimit -f 16; begin >out 2>full); [ $? = 1 ] || exit 8\n"
               "grep -c . full >lines; again >out 2>err && same\n");
  CHECK(scene.bytes("lines") == "1\n");
  CHECK(scene.bytes("full") == kError + "train: run/metrics.jsonl: cannot write: File too large\n");
  check_script(scene,
               "mkdir disk; if mount -t tmpfs -o size=48k none disk 2>/dev/null; then\n"
               "$p train $words dense --code 4 --epochs 400 --batch 16 --save-every 1 --data data "
               "--out disk/run >out 2>full; code=$?; head -c 17 full >begin; umount disk\n"
               "[ $code = 1 ] && [ \"$(cat begin)\" = 'hourglass: error:' ]; fi\n");
}

TEST_CASE("a run that was killed ahead of its first checkpoint begins anew, and says so") {
  const Scene scene;
  check_script(
      scene,
      "killed() { sed -i 's/\"outcome\": \"done\"/\"outcome\": \"training\"/' $1/config.json;"
      " rm $1/model.safetensors; }\n"
      "whole dense --code 2 --epochs 3 --batch 16\ncp -r whole run; killed run; cp -r run has\n"
      "$p train --resume has >goes_on 2>err; rm run/checkpoint.safetensors\n"
      "$p train --resume run >anew 2>err && same && rm -r run || exit 7\n"
      "$p train $words --seeds 2 --data data --out run >out 2>err; killed run/seed-1\n"
      "rm run/seed-1/checkpoint.safetensors run/summary.json\ncp whole/config.json summary\n"
      "echo '{\"planned\": 2, \"config\": ' $(cat summary) '}' >run/summary.json\n"
      "$p train --resume run >seeds 2>err\n");
  const std::string line =
      " has no checkpoint.safetensors to go on from: its training begins anew\n";
  const auto holds = [&](const char* name, const std::string& text) {
    return scene.bytes(name).find(text) != std::string::npos;
  };
  CHECK(holds("anew", "\nrun" + line));
  CHECK_FALSE(holds("goes_on", line));
  CHECK(holds("seeds", "\nseed-0 is finished\nseed-1\nseed-1" + line));
}

TEST_CASE("runs of several seeds go on, those that are finished stay") {
  const Scene scene;
  check_script(
      scene,
      "words='dense --code 2 --epochs 3 --batch 16 --seeds 3'\n"
      "$p train $words --data data --out whole >out 2>err || exit 9\n"
      "for i in 1 2 3; do go >>out 2>>err & sleep 0.2$i; kill -KILL $!; wait $!; done "
      "2>killed\nagain >out 2>err && cmp whole/summary.json run/summary.json &&\n"
      "for s in 0 1 2; do cmp whole/seed-$s/model.safetensors run/seed-$s/model.safetensors"
      " && cmp whole/seed-$s/metrics.jsonl run/seed-$s/metrics.jsonl || exit 7; done\n"
      "$p train --resume run >last\n$p train --resume run --epochs 4 >out 2>err\n");
  CHECK(scene.bytes("last") == scene.folder.path("run") + " is finished: 3 seeds: nothing to do\n");
  CHECK(scene.read("run/seed-2/config.json")["training"]["epochs"] == 4);
}

TEST_CASE("a finished run is left as it is, or goes on to more epochs") {
  const Scene scene;
  check_script(
      scene,
      "whole dense --code 2 --epochs 4 --batch 16 --restarts 2\n"
      "$p train dense --code 2 --epochs 2 --batch 16 --data data --out run >out 2>err\n"
      "cp -r run before; $p train --resume run >finished && diff -r before run &&\n"
      "$p train --resume run --epochs 2 >again && diff -r before run &&\n"
      "$p train --resume run --epochs 4 >longer && same\n"
      "$p train --resume run --epochs 3 2>less\nrm run/checkpoint.safetensors\n"
      "$p train --resume run --epochs 5 2>none; $p train pca --data data --code 2 --out "
      "solved >out && $p train --resume solved --epochs 2 2>solved.err\n"
      "$p train dense --code 2 --epochs 9 --patience 1 --lr 1e-30 --batch 16 --validation 6 "
      "--data data --out early >out && $p train --resume early --epochs 20 2>early.err\n"
      "[ ! -e early/checkpoint.safetensors ]\n");
  const std::string finished = scene.folder.path("run") + " is finished: done";
  CHECK(scene.bytes("finished").starts_with(finished));
  CHECK(scene.bytes("finished") == scene.bytes("again"));
  CHECK(scene.bytes("longer").starts_with("the schedule cosine is laid anew over epochs 3 to 4\n"));
  CHECK(scene.bytes("less") == kError + "epochs: run is of 4: expected that or more: got 3\n");
  CHECK(scene.bytes("none") ==
        kError +
            "epochs: run has no checkpoint.safetensors to go on from: hourglass train dense "
            "--init run begins with its weights\n");
  CHECK(scene.bytes("solved.err") ==
        kError + "train: pca is solved, not trained: leave out --epochs\n");
  CHECK(scene.bytes("early.err")
            .starts_with(kError + "epochs: early ended by itself: stopped "
                                  "early"));
}

TEST_CASE("what cannot go on is refused with what differs, and stays as it was") {
  const Scene scene;
  const auto refused = [&](const std::string& prepare, const std::string& words,
                           const std::string& line) {
    CAPTURE(words);
    check_script(scene, prepare + "\ntimeout 60 $p train " + words + " >out 2>err; [ $? = 2 ]");
    CHECK(scene.bytes("err") == kError + line + "\n");
  };
  check_script(scene,
               "$train --save-every 1 --out run >out 2>err & started out; kill -TERM $!; wait $!\n"
               "[ $? = 143 ] && cp -r run saved && cp -r data other &&\n"
               "printf x | dd of=other/train-images-idx3-ubyte bs=1 seek=40 conv=notrunc 2>dd");
  refused("", "--resume nowhere", "train: nowhere: there is no such folder");
  refused("", "--resume data",
          "run folder: " + scene.folder.path("data/config.json") +
              ": cannot open: No such file or directory");
  refused("", "--resume run --lr 3",
          "train: --resume goes on as the run was begun: leave out --lr");
  refused("", "dense --resume run",
          "train: --resume goes on as the run was begun: leave out model");
  refused("", "--resume run --save-every -1", "save-every: must be at least 0: got -1");
  refused("", "", "train: model is required: see hourglass train --help");
  const auto edited = [&](const char* pointer, const json& value, const std::string& line) {
    json config = scene.read("saved/config.json");
    config[json::json_pointer(pointer)] = value;
    write_bytes(scene.folder.path("run/config.json"), config.dump());
    refused("", "--resume run",
            "train: " + scene.folder.path("run/checkpoint.safetensors") +
                ": it is of another run: " + line);
  };
  edited("/spec/code", "tanh", "spec.code is \"relu\" there, \"tanh\" in config.json");
  edited("/training/lr", 0.5, "training.lr is 0.001 there, 0.5 in config.json");
  json moved = scene.read("saved/config.json");
  moved["data"] = scene.folder.path("other");
  write_bytes(scene.folder.path("run/config.json"), moved.dump());
  const std::string then = moved["checksum"];
  check_script(scene, "$p train --resume run 2>err; [ $? = 2 ]");
  CHECK(scene.bytes("err").starts_with(kError +
                                       "train: the data are others than the run's: CRC-32 " + then +
                                       " in its config.json, "));
  refused(
      "cp saved/config.json run; printf x >run/metrics.jsonl; $p train dense --code 2 "
      "--epochs 2 --no-diagnostics --batch 16 --data data --out two >out; rm two/config.json; "
      "cp two/checkpoint.safetensors run",
      "--resume run",
      "train: " + scene.folder.path("run/checkpoint.safetensors") +
          ": it is of another run: training.batch is 16 there, 40 in config.json");
  check_script(scene,
               "head -c 900 saved/checkpoint.safetensors >run/checkpoint.safetensors\n"
               "timeout 60 $p train --resume run 2>err; [ $? = 2 ]");
  CHECK(scene.bytes("err").starts_with(
      kError + "read_safetensors: " + scene.folder.path("run/checkpoint.safetensors") +
      ": byte 0: the header breaks off: expected "));
}

TEST_CASE("two processes do not write one run") {
  const Scene scene;
  check_script(scene,
               "$train --save-every 1 --out run >out 2>err & started out\n"
               "timeout 60 $p train --resume run 2>second; [ $? = 2 ] || exit 7\n"
               "kill -KILL $!; wait $!\n$p train --resume run >on 2>err & started on\n"
               "timeout 60 $p train --resume run 2>third\n"
               "kill -TERM $!; wait $!; [ $? = 143 ]\n");
  const std::string held = kError + "train: run: another process is writing it\n";
  CHECK(scene.bytes("second") == held);
  CHECK(scene.bytes("third") == held);
}

TEST_CASE("a run that was to replace another is taken up, or named by the next one") {
  const Scene scene;
  check_script(scene,
               "whole dense --code 2 --epochs 3 --batch 16\ncp -r whole run\n"
               "(begin --force >out 2>err & p1=$!; for i in $(seq 200); do [ -e "
               "run.new/checkpoint.safetensors ] && break; sleep 0.01; done; kill -KILL $p1; wait "
               "$p1) 2>killed\n[ -d run.new ] || exit 0\nmkdir .run.12-3.tmp run.partial\n"
               "$p train dense --data data --out run --force 2>named; [ $? = 2 ] || exit 6\n"
               "$p train --resume run >out 2>err && same && [ ! -e run.new ] && [ ! -e "
               "run/.unfinished ] && $p train $words --data data --out run --force >left\n");
  const std::string folder = scene.folder.path("");
  if (scene.bytes("named").empty()) return;  // it was faster than the signal
  CHECK(scene.bytes("named") == kError + "train: run: " + folder +
                                    "run.new is what a process that was killed left: "
                                    "hourglass train --resume run takes it up, rm -r " +
                                    folder + "run.new removes it\n");
  for (const char* left : {".run.12-3.tmp", "run.partial"}) {
    CHECK(scene.bytes("left").find(folder + left +
                                   " is what a process that was killed, or an older program, left: "
                                   "rm -r " +
                                   folder + left + " removes it\n") != std::string::npos);
  }
}

TEST_CASE("a run begins with the weights of another, and says which it took") {
  const Scene scene;
  check_script(scene,
               "$p train dense --code 3 --epochs 2 --data data --out first >out 2>err &&\n"
               "$p train dense --code 4 --epochs 1 --data data --init first --out "
               "second >said 2>err; $p train dense --code 3 --epochs 1 --lr 1e-9 --data data "
               "--init ./first --out third >same && $p train --config third/config.json --out "
               "fourth >out && cmp third/model.safetensors fourth/model.safetensors\n"
               "$p train stacked --code 3 --data data --init first --out fifth 2>layers\n"
               "$p train pca --code 3 --data data --init first --out fifth 2>solved\n"
               "$p train conv --data data --init first --out fifth 2>nothing\n"
               "$p train dense --code 3 --data data --init ./nowhere --out fifth 2>none\n"
               "$p train --resume first --epochs 4 >out; "
               "$p train --config third/config.json --out fifth 2>others; [ ! -e fifth ]\n");
  const std::string first = scene.folder.path("first");
  CHECK(scene.bytes("said").find("taken from " + first + ": decoder.0.bias\n") !=
        std::string::npos);
  CHECK(scene.bytes("said").find(
            "not taken: encoder.0.weight ([4, 36] here, [3, 36] there), encoder.0.bias ([4] here, "
            "[3] there)") != std::string::npos);
  CHECK(scene.bytes("same").find("taken from " + first +
                                 ": encoder.0.weight, encoder.0.bias, decoder.0.weight, "
                                 "decoder.0.bias\n") != std::string::npos);
  CHECK(scene.bytes("layers") ==
        kError + "init: each layer would be trained anew: --pretrain 0 leaves that out\n");
  CHECK(scene.bytes("solved") == kError + "train: pca is solved, not trained: leave out --init\n");
  CHECK(scene.bytes("nothing").starts_with(kError + "init: " + first + ": nothing fits: "));
  CHECK(scene.bytes("none") ==
        kError + "run folder: ./nowhere/config.json: cannot open: No such file or directory\n");
  CHECK(scene.bytes("others") ==
        kError + "init: " + first + ": its weights are others than when the run was begun\n");
}

TEST_CASE("a run's config.json repeats it, and verify says whether the weights are the same") {
  const Scene scene;
  check_script(scene,
               "whole adversarial --epochs 3 --batch 16 --validation 6 --keep-best --threads 1\n"
               "$p train --config whole/config.json --out run >out 2>err && same &&\n"
               "$p verify whole --threads 2 >verified && $p verify whole --epochs 2 >two\n");
  CHECK(scene.bytes("verified")
            .ends_with("whole: the same weights after each of 3 epochs, and at the end\n"));
  CHECK(scene.bytes("two").ends_with("whole: the same weights after each of 2 epochs\n"));
  check_script(scene, "$p verify whole --epochs 4 2>more; [ $? = 2 ]\n");
  CHECK(scene.bytes("more") ==
        kError + "verify: epochs: the run has 3 whole ones: expected at most that: got 4\n");
  check_script(scene,
               "$p train --config whole/config.json --lr 2 2>lr; $p evaluate whole --config "
               "whole/config.json 2>evaluate\nsed -i '2s/\"weights\":\"......../&/;2s/weights\":\""
               "......../weights\":\"00000000/' whole/timing.jsonl\n"
               "$p verify whole >differs; [ $? = 1 ] && $p verify whole --epochs 1 >one\n");
  CHECK(scene.bytes("lr") ==
        kError + "train: --config repeats the run of whole/config.json: leave out --lr\n");
  CHECK(scene.bytes("evaluate") ==
        kError +
            "evaluate: config: whole/config.json: is a run's, which only train repeats: see "
            "hourglass evaluate --help\n");
  CHECK(scene.bytes("differs").find("whole: epoch 2: the weights differ: 00000000") !=
        std::string::npos);
  CHECK(scene.bytes("one").ends_with("whole: the same weights after 1 epoch\n"));
  check_script(scene,
               "$p train stacked --hidden 5 --code 2 --epochs 2 --pretrain 2 --data data --out "
               "layers >out 2>err && $p verify layers >out 2>err &&\n"
               "$p train --config run/config.json --out third >out && "
               "printf x | dd of=third/model.safetensors bs=1 conv=notrunc "
               "seek=$(($(stat -c %s third/model.safetensors) - 3)) 2>dd\n"
               "$p verify third >model; [ $? = 1 ]\n");
  CHECK(scene.bytes("model").ends_with("third: model.safetensors has other weights\n"));
}
