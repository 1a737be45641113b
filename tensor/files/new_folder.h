#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::internal {

class NewFolder;

struct NewFolderOptions {
  // The target is the first of TARGET-1, TARGET-2, ... that is free.
  bool numbered = false;
  bool replace = false;  // replace a folder that exists, once the new one is complete
  // With `replace`: only a folder that is empty or holds a file of this name is replaced, so that a
  // mistyped path does not cost a person their home. Empty: any folder.
  std::string marker = {};
  std::string advice = {};      // said where the target exists: "--force replaces it"
  std::string take_up = {};     // and of what is left of one: "hourglass train --resume RUN"
  NewFolder* within = nullptr;  // is kept where this one is
  // How much is to be written, and to the largest of the files: WriteError where there is no room.
  std::uint64_t bytes = 0, largest_file = 0;
};

// Throws FileError where a new folder of that name would be refused: the target exists already
// (unless it may be replaced), another process is writing it, or a process that was killed has left
// TARGET.new.
void check_new_folder(const std::string& target, std::string_view op,
                      const NewFolderOptions& options = {});

// Whether the lock of a folder can be had: no process is writing it. False too where the file system
// has no locks.
bool is_free(const std::string& folder);

// What processes that were killed, or older programs, have left beside a target, and nobody holds:
// hidden folders and TARGET.partial.
std::vector<std::string> left_beside(const std::string& target);

// A folder being filled, such as a training run. It is there as a whole from the start: `begin`
// writes the first files to a hidden folder beside the target, which one rename makes the target,
// or "TARGET.new" beside a folder that commit() is to replace in one exchange; until then it is
// marked as unfinished, so that it is not taken for the old one after the exchange. A lock that the
// kernel drops with the process (flock) holds it while this lives, where the file system has locks.
// Without keep() or commit() the destructor removes it, and the parents that it had to make.
class NewFolder {
 public:
  using Begin = std::function<void(const std::string& path)>;

  // Throws FileError ("op: target: what") as check_new_folder, where the folder cannot be made, and
  // where TARGET.new is left of a process that was killed.
  explicit NewFolder(std::string target, std::string_view op = "new folder",
                     NewFolderOptions options = {}, const Begin& begin = {});
  // What a process that was killed has left of such a target, to be filled on: TARGET.new, or
  // TARGET itself. It is kept whatever comes; the temporary files in it are removed. Throws
  // FileError where there is none, and where another process is writing it.
  static NewFolder take_up(const std::string& target, std::string_view op,
                           NewFolderOptions options = {});
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  const std::string& path() const { return path_; }      // where to write now
  const std::string& target() const { return target_; }  // what it will be called
  std::string file(std::string_view name) const;         // path() / name

  void keep();    // what is in it stays, whatever comes
  void commit();  // it is complete; throws FileError where the old one cannot be replaced

 private:
  struct TakeUp {};
  NewFolder(TakeUp, const std::string& target, std::string_view op, NewFolderOptions options);
  void make_parents();
  void make_hidden();
  void check_room() const;
  void show();
  void mark() const;
  void exchange();
  void end_exchange() const;
  void remove_made_parents() noexcept;
  void remove_all() noexcept;
  [[noreturn]] void fail(std::string_view what) const;
  [[noreturn]] void fail(std::string_view what, int error) const;

  std::string given_;
  std::string op_;
  std::string target_;
  NewFolderOptions options_;
  std::string path_;
  int lock_ = -1;
  bool kept_ = false;
  std::vector<std::string> made_parents_;  // outermost first
};

// Puts `fresh` in the place of `old`, which ends under the name of `fresh`. Returns 0 or an errno
// value; on an error both are where they were. The first is one step, where the file system can;
// the second is two renames.
int exchange_in_one_step(const std::string& fresh, const std::string& old);
int exchange_in_two_steps(const std::string& fresh, const std::string& old);

// Gives the folder `fresh` a name that nothing has: 0, EEXIST or another errno value. The second,
// for file systems that cannot do it in one step, shows an empty folder for a moment.
int rename_to_free_in_one_step(const std::string& fresh, const std::string& name);
int rename_to_free_in_two_steps(const std::string& fresh, const std::string& name);

}  // namespace hourglass::internal
