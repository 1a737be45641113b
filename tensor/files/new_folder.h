#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourglass::internal {

struct NewFolderOptions {
  bool replace = false;  // replace a folder that exists, once the new one is complete
  // With `replace`: only a folder that is empty or holds a file of this name is replaced, so that a
  // mistyped path does not cost a person their home. Empty: any folder.
  std::string marker = {};
};

// A folder being filled, such as a training run. Files go to path(), a folder beside the target
// named "TARGET.partial-..."; commit() gives it the target's name. Without a commit the destructor
// removes it with all that is in it, also the parents that it had to make, and the target is as it
// was.
class NewFolder {
 public:
  // Throws FileError ("op: target: what") when the target exists already, unless it may be
  // replaced, and when the folder cannot be made.
  explicit NewFolder(std::string target, std::string_view op = "new folder",
                     NewFolderOptions options = {});
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  const std::string& path() const { return path_; }      // where to write now
  const std::string& target() const { return target_; }  // what it will be called
  std::string file(std::string_view name) const;         // path() / name

  // Throws FileError when the target came into being meanwhile (unless it may be replaced). After a
  // commit, path() is the target.
  void commit();

 private:
  void check_target() const;
  void check_replaceable() const;
  void make_parents();
  void exchange();
  void remove_made_parents() noexcept;
  [[noreturn]] void fail(std::string_view what) const;

  std::string given_;
  std::string op_;
  std::string target_;
  NewFolderOptions options_;
  std::string path_;
  bool committed_ = false;
  std::vector<std::string> made_parents_;  // outermost first
};

// Puts `fresh` in the place of `old`, which ends under the name of `fresh`. Returns 0 or an errno
// value; on an error both are where they were. The first is one step, where the file system can;
// the second is two renames.
int exchange_in_one_step(const std::string& fresh, const std::string& old);
int exchange_in_two_steps(const std::string& fresh, const std::string& old);

}  // namespace hourglass::internal
