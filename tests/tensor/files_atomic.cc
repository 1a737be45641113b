#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <stdexcept>
#include <string>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/write_error.h"
#include "tests/tensor/files_support.h"

using namespace hourglass;
using namespace hourglass::internal;
using hourglass::test::error_of;
using hourglass::test::get;
using hourglass::test::put;
using hourglass::test::TempFolder;

namespace fs = std::filesystem;

namespace {

// Files of this process may not grow beyond this while it lives, which stands for a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_ = {};
  void (*signal_)(int);
};

}  // namespace

TEST_CASE("a file has its new content only once it is committed") {
  const TempFolder dir;
  put(dir / "x", "old");
  {
    AtomicFile file(dir / "x", "test");
    file.write("new");
    CHECK(get(dir / "x") == "old");
    file.commit();
    CHECK(get(dir / "x") == "new");
    CHECK(file.size() == 3);
  }
  CHECK(dir.listing() == "x");
}

TEST_CASE("an exception leaves the target as it was and nothing beside it") {
  const TempFolder dir;
  put(dir / "x", "old");
  for (const char* name : {"x", "y"}) {
    CHECK_THROWS([&] {
      AtomicFile file(dir / name, "test");
      file.write(std::string(200000, 'a'));
      throw std::runtime_error("stop");
    }());
  }
  CHECK(get(dir / "x") == "old");
  CHECK(dir.listing() == "x");
}

TEST_CASE("taken up after its exchange, a folder is cleared of the one that it replaced") {
  const TempFolder dir;
  for (const char* folder : {"x", "x.new"}) std::filesystem::create_directory(dir / folder);
  put(dir / "x/.unfinished", "");
  put(dir / "x/new", "");
  put(dir / "x.new/old", "");
  CHECK(NewFolder::take_up(dir / "x", "test").path() == dir / "x");
  CHECK(dir.listing() == "x");
  CHECK(std::filesystem::exists(dir / "x/new"));
  CHECK_FALSE(std::filesystem::exists(dir / "x/.unfinished"));
}

TEST_CASE("a full disk is an error that leaves nothing half-written") {
  const TempFolder dir;
  put(dir / "x", "old");
  std::string text;
  {
    const FileSizeLimit limit(100000);
    text =
        error_of<WriteError>(dir, [&] { write_text(dir / "x", std::string(200000, 'a'), "test"); });
    const auto folder_for = [&](std::uint64_t bytes, std::uint64_t largest) {
      return error_of<WriteError>(
          dir, [&] { NewFolder(dir / "y", "test", {.bytes = bytes, .largest_file = largest}); });
    };
    CHECK(folder_for(200000, 100001) ==
          "test: DIR/y: needs a file of 100001 bytes, the limit (ulimit -f) is 100000");
    CHECK(folder_for(200000, 100000) == "no error");
    CHECK(folder_for(std::uint64_t{1} << 62, 1)
              .starts_with("test: DIR/y: needs 4611686018427387904 bytes, there is room for "));
  }
  CHECK(text == "test: DIR/x: cannot write: File too large");
  CHECK(get(dir / "x") == "old");
  CHECK(dir.listing() == "x");
  CHECK(error_of<WriteError>(dir, [&] { write_text("/dev/full", "a", "test"); }) ==
        "test: /dev/full: cannot write: No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("devices are written to, links are followed, permissions stay") {
  const TempFolder dir;
  write_text("/dev/null", "a", "test");
  CHECK(fs::is_character_file("/dev/null"));
  fs::create_directory(dir / "real");
  put(dir / "real/x", "old");
  ::chmod((dir / "real/x").c_str(), 0600);
  fs::create_symlink("real/x", dir / "link");
  write_text(dir / "link", "new", "test");
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(get(dir / "real/x") == "new");
  CHECK((fs::status(dir / "real/x").permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a file that cannot be made says why") {
  const TempFolder dir;
  put(dir / "file", "");
  const auto text = [&](const std::string& path) {
    return error_of(dir, [&] { write_text(path, "a", "test"); });
  };
  CHECK(text("") == "test: : cannot create: the path is empty");
  CHECK(text(dir.path()) == "test: DIR: cannot create: a folder of this name exists");
  CHECK(text(dir / "none/x") == "test: DIR/none/x: cannot create: No such file or directory");
  CHECK(text(dir / "file/x") == "test: DIR/file/x: cannot create: Not a directory");
  CHECK(text(dir / "a\nb/x") == "test: DIR/a\\x0ab/x: cannot create: No such file or directory");
  const std::string longest(255, 'n');
  CHECK(text(dir / longest) == "no error");
  CHECK(text(dir / (longest + "n")) ==
        "test: DIR/" + longest + "n: cannot create: File name too long");
  if (::geteuid() != 0) {  // root may write anywhere
    fs::create_directory(dir / "closed");
    ::chmod((dir / "closed").c_str(), 0555);
    CHECK(text(dir / "closed/x") == "test: DIR/closed/x: cannot create: Permission denied");
  }
}

TEST_CASE("read_text reads a whole file up to a limit") {
  const TempFolder dir;
  put(dir / "x", "12345");
  CHECK(read_text(dir / "x", "test", 5) == "12345");
  CHECK(error_of(dir, [&] { read_text(dir / "x", "test", 4); }) ==
        "test: DIR/x: too large: 5 bytes: expected at most 4");
}

TEST_CASE("a file that shrinks while it is read is an error") {
  const TempFolder dir;
  put(dir / "x", "12345");
  const InputFile file(dir / "x", "test");
  fs::resize_file(dir / "x", 3);
  CHECK(error_of(dir, [&] { file.head(5); }) ==
        "test: DIR/x: byte 3: the file ends here: expected 2 bytes more");
}

TEST_CASE("a new folder is there as a whole from its start, and gone unless it is kept") {
  const TempFolder dir;
  const auto begin = [&](const std::string& path) {
    CHECK(!fs::exists(dir / "runs/a"));
    put(path + "/config.json", "1");
  };
  {
    NewFolder folder(dir / "runs/a/", "train", {}, begin);
    CHECK(folder.target() == dir / "runs/a");
    CHECK(folder.path() == folder.target());
    CHECK(get(dir / "runs/a/config.json") == "1");
    folder.commit();
  }
  CHECK(get(dir / "runs/a/config.json") == "1");
  CHECK_THROWS([&] {
    NewFolder folder(dir / "other/b/c");
    put(folder.file("x"), "1");
    throw std::runtime_error("stop");
  }());
  CHECK_THROWS(NewFolder(dir / "other/b/c", "train", {},
                         [](const std::string&) { throw std::runtime_error("stop"); }));
  CHECK(dir.listing() == "runs");  // the parents it made are gone too
  CHECK_THROWS([&] {
    NewFolder folder(dir / "seeds");
    NewFolder inner(folder.file("1"), "train", {.within = &folder});
    inner.keep();
    throw std::runtime_error("stop");
  }());
  CHECK(fs::is_directory(dir / "seeds/1"));
}

TEST_CASE("a folder that exists is refused, or replaced once the new one is complete") {
  const TempFolder dir;
  fs::create_directory(dir / "run");
  put(dir / "run/config.json", "old");
  put(dir / "file", "");
  const auto text = [&](const std::string& name, const NewFolderOptions& options = {}) {
    const auto refused = error_of(dir, [&] { NewFolder folder(dir / name, "train", options); });
    CHECK(error_of(dir, [&] { check_new_folder(dir / name, "train", options); }) == refused);
    return refused;
  };
  CHECK(text("run") == "train: DIR/run: exists already");
  CHECK(text("run", {.advice = "--force"}) == "train: DIR/run: exists already: --force");
  CHECK(text("file") == "train: DIR/file: exists already");
  CHECK(text("file", {.replace = true}) ==
        "train: DIR/file: exists already and is not a folder: not replaced");
  CHECK(text("run", {.replace = true, .marker = "model.safetensors"}) ==
        "train: DIR/run: exists already and has no model.safetensors in it: not replaced");
  const NewFolderOptions force{.replace = true, .marker = "config.json"};
  CHECK_THROWS([&] {
    NewFolder folder(dir / "run", "train", force);
    throw std::runtime_error("stop");
  }());
  CHECK(get(dir / "run/config.json") == "old");
  {
    NewFolder folder(dir / "run", "train", force);
    CHECK(folder.path() == dir / "run.new");
    put(folder.file("config.json"), "new");
    CHECK(get(dir / "run/config.json") == "old");
    folder.commit();
    CHECK(folder.path() == dir / "run");
  }
  CHECK(get(dir / "run/config.json") == "new");
  fs::create_directory(dir / "run.new");
  CHECK(error_of(dir, [&] { NewFolder folder(dir / "run", "train", force); }) ==
        "train: DIR/run: DIR/run.new is left of a run that was replaced, or of an older program: "
        "rm -r DIR/run.new removes it");
  fs::remove(dir / "run.new");
  fs::remove(dir / "file");
  CHECK(dir.listing() == "run");
}

TEST_CASE("a folder being filled is locked: nobody else writes it, replaces it or takes its name") {
  const TempFolder dir;
  const NewFolderOptions force{.replace = true}, numbered{.numbered = true};
  const auto text = [&](const NewFolderOptions& options) {
    return error_of(dir, [&] { NewFolder folder(dir / "run", "train", options); });
  };
  {
    NewFolder first(dir / "run");
    CHECK(text({}) == "train: DIR/run: another process is writing it");
    CHECK(text(force) == "train: DIR/run: another process is writing it");
    first.commit();
    CHECK(text(force) == "train: DIR/run: another process is writing it");
  }
  {
    NewFolder second(dir / "run", "train", force);
    CHECK(text(force) == "train: DIR/run: another process is writing it");
  }
  CHECK(text(force) == "no error");
  NewFolder one(dir / "run", "train", numbered), two(dir / "run", "train", numbered);
  CHECK(one.target() == dir / "run-1");
  CHECK(two.path() == dir / "run-2");
}

TEST_CASE("a folder takes a name that is free, in one step, and in two where a system cannot") {
  for (auto* rename : {rename_to_free_in_one_step, rename_to_free_in_two_steps}) {
    const TempFolder dir;
    fs::create_directory(dir / "a");
    put(dir / "a/x", "1");
    fs::create_directory(dir / "taken");
    CHECK(rename(dir / "a", dir / "taken") == EEXIST);
    CHECK(rename(dir / "none", dir / "b") == ENOENT);
    CHECK(fs::is_empty(dir / "taken"));
    CHECK(fs::exists(dir / "a/x"));
    CHECK(rename(dir / "a", dir / "b") == 0);
    CHECK(get(dir / "b/x") == "1");
  }
}

TEST_CASE("a folder that cannot be made says why and leaves nothing") {
  const TempFolder dir;
  put(dir / "file", "");
  const auto text = [&](const std::string& path) {
    return error_of(dir, [&] { NewFolder folder(path, "train"); });
  };
  CHECK(text("") == "train: : cannot create: the path is empty");
  CHECK(text(dir / "file/run") == "train: DIR/file/run: cannot create: Not a directory");
  CHECK(text(dir / "new/file\nx/run") == "no error");
  CHECK(text(dir / "new/run//") == "no error");
  CHECK(text(dir / ("new/" + std::string(256, 'n') + "/run")) ==
        "train: DIR/new/" + std::string(256, 'n') + "/run: cannot create the folder DIR/new/" +
            std::string(256, 'n') + ": File name too long");
  CHECK(dir.listing() == "file");
  CHECK(text("/proc/none/run")
            .starts_with("train: /proc/none/run: cannot create the folder /proc/none: "));
}

TEST_CASE("folders change places in one step, and in two where a file system cannot") {
  for (auto* exchange : {exchange_in_one_step, exchange_in_two_steps}) {
    const TempFolder dir;
    fs::create_directory(dir / "a");
    fs::create_directory(dir / "b");
    put(dir / "a/fresh", "");
    put(dir / "b/old", "");
    CHECK(exchange(dir / "a", dir / "b") == 0);
    CHECK(fs::exists(dir / "b/fresh"));
    CHECK(fs::exists(dir / "a/old"));
    // On an error the old one is where it was.
    CHECK(exchange(dir / "none", dir / "b") == ENOENT);
    CHECK(fs::exists(dir / "b/fresh"));
  }
}
