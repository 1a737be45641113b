// How a training ends where somebody or something ends it: signals, a pipe that closes, a process
// that is killed, two at once.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>

#include "tests/tools/scene.h"
#include "tools/guarded.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("SIGTERM and SIGHUP end a training as Ctrl-C does, with 128 and the signal's number") {
  for (const auto& [signal, code] : {std::pair{"INT", 130}, {"TERM", 143}, {"HUP", 129}}) {
    const Scene scene;
    CHECK(scene.run("$p train dense --code 2 --epochs 100000000 --no-diagnostics --data data --out "
                    "run >out "
                    "2>err &\nstarted out\nkill -" +
                    std::string(signal) + " $!\nwait $!\n") == code);
    CHECK(scene.bytes("out").find("stopped: what was learnt is kept\n") != std::string::npos);
    CHECK(scene.bytes("err") == "");
    CHECK(scene.read("run/config.json")["outcome"] == "stopped");
    CHECK(scene.folder.list() == Names{"data", "err", "out", "run", "script"});
    CHECK(run_hourglass("evaluate " + scene.folder.path("run")).code == 0);
  }
}

TEST_CASE("a training that was started to ignore SIGHUP goes on") {
  const Scene scene;
  CHECK(scene.run("trap '' HUP\n$train --out run >out &\nstarted out\nkill -HUP $!\nsleep 0.2\n"
                  "kill -TERM $!\nwait $!\n") == 143);
}

TEST_CASE("a pipe that nobody reads any more does not end a training") {
  const Scene scene;
  CHECK(scene.run("set -o pipefail\n$p train dense --code 2 --epochs 200 --no-diagnostics --data "
                  "data --out "
                  "run 2>err | head -1 >out\n") == 0);
  CHECK(scene.bytes("err") == "");
  CHECK(scene.read("run/config.json")["outcome"] == "done");
  CHECK(scene.read("run/config.json")["steps"] == 200);
}

TEST_CASE("a run folder is there from the start, held by a lock that goes with the process") {
  const Scene scene;
  CHECK(scene.run("$train --out run >out &\nstarted out\n$p train dense --data data --out run "
                  "2>second\n$p train dense --data data --out run --force 2>third\n"
                  "cp run/config.json early\nls -A run >files\n$p info run 2>info\n"
                  "kill -KILL $!\nwait $! 2>killed\n$p info run 2>dead\n"
                  "$p train dense --data data --out run 2>fourth\n"
                  "$p train dense --code 2 --data data --epochs 1 --out run --force >last\n") == 0);
  const std::string held = "hourglass: error: train: run: another process is writing it\n";
  CHECK(scene.bytes("second") == held);
  CHECK(scene.bytes("third") == held);
  CHECK(scene.bytes("files") == "config.json\nmetrics.jsonl\ntiming.jsonl\n");
  CHECK(scene.read("early")["outcome"] == "training");
  CHECK(scene.bytes("info") ==
        "hourglass: error: run folder: run/config.json: its training has not ended: there are no "
        "weights yet\n");
  CHECK(scene.bytes("dead") ==
        "hourglass: error: run folder: run/config.json: its training was killed: hourglass train "
        "--resume run goes on with it\n");
  CHECK(scene.bytes("fourth") ==
        "hourglass: error: train: run: exists already: --force replaces it\n");
  CHECK(scene.read("run/config.json")["outcome"] == "done");
}

TEST_CASE("a run that is to be replaced stays until the new one is complete") {
  const Scene scene;
  CHECK(scene.run("$p train dense --code 2 --epochs 1 --data data --out run >out\n"
                  "cp run/config.json before\n$train --out run --force >again &\nstarted again\n"
                  "cmp before run/config.json && kill -KILL $!\nwait $! 2>killed\n"
                  "$p train dense --code 2 --data data --epochs 1 --out run --force 2>left\n") ==
        2);
  const std::string left = scene.folder.path("run.new");
  CHECK(scene.bytes("left") == "hourglass: error: train: run: " + left +
                                   " is what a process that was killed left: hourglass train "
                                   "--resume run takes it up, rm -r " +
                                   left + " removes it\n");
  CHECK(scene.read("run/config.json") == scene.read("before"));
}

TEST_CASE("trainings without --out that begin together each get a name at the start") {
  const Scene scene;
  CHECK(scene.run("for i in 1 2 3 4; do $p train dense --code 2 --epochs 3 --data data >out$i & "
                  "done\nfor j in 1 2 3 4; do wait -n || exit 9; done\n") == 0);
  for (const char* run : {"runs/dense-1", "runs/dense-2", "runs/dense-3", "runs/dense-4"}) {
    CHECK(scene.read(std::string(run) + "/config.json")["outcome"] == "done");
  }
}

TEST_CASE("several seeds that are stopped leave a whole folder of those that were learnt") {
  const Scene scene;
  CHECK(scene.run("$train --seeds 3 --out run >out &\nstarted out\nls -A run >files\n"
                  "kill -TERM $!\nwait $!\n") == 143);
  CHECK(scene.bytes("files") == "seed-0\nsummary.json\n");
  CHECK(scene.read("run/summary.json")["seeds"] == json({0}));
  CHECK(scene.read("run/seed-0/config.json")["outcome"] == "stopped");
}

TEST_CASE("what was printed is written, or the exit code is 1") {
  const Scene scene;
  CHECK(scene.run("$p train dense --code 2 --epochs 1 --data data --out run >full\n") == 0);
  for (const char* command :
       {"evaluate run --json", "evaluate run", "info run", "models", "models --json",
        "explain dense", "classify run --epochs 1 --batch 16", "train dense --epochs 1 --data data",
        "--version", "train --help"}) {
    CAPTURE(command);
    CHECK(scene.run("$p " + std::string(command) + " >/dev/full 2>err\n") == 1);
    CHECK(scene.bytes("err").starts_with("hourglass: error: standard output: cannot write"));
  }
  CHECK(scene.run("$p models >&- 2>err\n") == 1);
  CHECK(scene.bytes("err") ==
        "hourglass: error: standard output: cannot write: Bad file descriptor\n");
  CHECK(scene.run("$p evaluate run --nothing >/dev/full 2>err\n") == 2);
  CHECK(
      scene.run(
          "(ulimit -f 0; $p encode run data/t10k-images-idx3-ubyte -o x.npy) 2>&1 | cat >err\n") ==
      0);
  CHECK(scene.bytes("err") == "hourglass: error: write_npy: x.npy: cannot write: File too large\n");
}

TEST_CASE("what a run needs to be written is tried before work starts") {
  const Scene scene;
  CHECK(scene.run("(ulimit -f 4; $p train dense --hidden 100 --data data --out run) 2>err\n") == 1);
  CHECK(scene.bytes("err") ==
        "hourglass: error: train: run: needs a file of 332832 bytes, the limit (ulimit -f) is "
        "4096\n");
  CHECK(scene.run("(ulimit -f 4; $p train dense --hidden 100 --save-every 0 --optimizer sgd --data "
                  "data --out run) 2>err\n") == 1);
  CHECK(
      scene.bytes("err") ==
      "hourglass: error: train: run: needs a file of 55472 bytes, the limit (ulimit -f) is 4096\n");
  CHECK(scene.folder.list() == Names{"data", "err", "script"});
}

TEST_CASE("paths and words of a table may have any bytes") {
  const Scene scene;
  CHECK(scene.run("cp -r data $'d\\xff'\n"
                  "$p train dense --epochs 1 --code 2 --data $'d\\xff' --out run 2>err\n"
                  "$p evaluate run 2>>err\n") == 0);
  CHECK(scene.bytes("err") == "");
  // Latin-1, as spreadsheets save it.
  CHECK(scene.run("(printf 'size,stra\\xdfe,town\\n'\n for i in 1 2 3 4 5 6 7 8 9; do\n"
                  "printf '%s,1.5,K\\xf6ln\\n%s,2.5,M\\xfcnchen\\n' $i $i; done) >t.csv\n"
                  "$p train dense --epochs 1 --code 1 --category town --data t.csv --out t 2>err\n"
                  "$p reconstruct t t.csv -o y.csv 2>>err\n") == 0);
  CHECK(scene.bytes("err") == "");
  const std::string back = scene.bytes("y.csv");
  CHECK(
      back.starts_with("size,stra\xdf"
                       "e,town\n"));
  const bool either =
      back.find("K\xf6ln") != std::string::npos || back.find("M\xfcnchen") != std::string::npos;
  CHECK(either);
}

TEST_CASE("weights that were written stay where what follows them cannot be") {
  const Scene scene;
  // The checkpoint is longer than the weights, and than a file may be.
  CHECK(scene.run("(ulimit -f 6; $p train dense --code 2 --hidden '' --epochs 2 --data data --out "
                  "run >out) 2>err\n") == 1);
  CHECK(scene.bytes("err") ==
        "hourglass: error: write_safetensors: run/checkpoint.safetensors: cannot write: File too "
        "large\n");
  CHECK(run_hourglass("evaluate " + scene.folder.path("run")).code == 0);
  CHECK(scene.run("$p train --resume run >out\n") == 0);
  CHECK(scene.read("run/config.json")["outcome"] == "done");
}

TEST_CASE("little address space is one line, and a small stack is enough") {
  const Scene scene;
#ifndef __SANITIZE_ADDRESS__  // which asks for terabytes of it
  CHECK(scene.run("(ulimit -v 250000; $p --version) 2>err\n") == 1);
  CHECK(scene.bytes("err") ==
        "hourglass: error: too little address space (ulimit -v) for OpenBLAS, which takes 128 MiB "
        "a thread: fewer by OMP_NUM_THREADS\n");
#endif
  CHECK(scene.run("(ulimit -s 64; $p train conv --epochs 1 --batch 16 --data data --out run) "
                  ">out 2>err\n") == 0);
  CHECK(scene.bytes("err") == "");
}

TEST_CASE("memory that runs out where nobody counted it is told in words") {
  const Scene scene;
  std::fflush(stderr);
  const int kept = ::dup(STDERR_FILENO);
  const int file = ::open(scene.folder.path("err").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, STDERR_FILENO);
  const int code = tools::guarded([]() -> int { throw std::bad_alloc(); });
  ::dup2(kept, STDERR_FILENO);
  ::close(file);
  ::close(kept);
  CHECK(code == 1);
  CHECK(scene.bytes("err") ==
        "hourglass: error: memory ran out: the system gives this process no more\n");
}
