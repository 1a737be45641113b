#include "nn/data/formats/folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <utility>

#include "nn/data/formats/documents.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/idx.h"
#include "nn/data/formats/joined.h"
#include "nn/data/formats/pictures.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

namespace {

namespace fs = std::filesystem;

struct Listing {
  std::vector<std::string> files, folders;  // paths, by name
};

std::string name_of_path(const std::string& path) { return fs::path(path).filename().string(); }

// Without hidden files and what macOS leaves in archives.
Listing listing_of(const std::string& folder) {
  Listing found;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (name.starts_with('.') || name == "__MACOSX") continue;
    std::error_code ignored;
    if (each->is_directory(ignored)) found.folders.push_back(each->path().string());
    if (each->is_regular_file(ignored)) found.files.push_back(each->path().string());
  }
  if (error) fail_data(folder, "cannot be listed: " + error.message());
  std::sort(found.files.begin(), found.files.end());
  std::sort(found.folders.begin(), found.folders.end());
  return found;
}

// The files of a folder by what they are.
struct Contents {
  std::vector<std::string> pictures, documents, idx;
  std::vector<std::pair<DataFile, const Format*>> parts;  // examples in themselves
  std::vector<std::string> others;
};

Contents contents_of(const std::vector<std::string>& files, const ReadOptions& options) {
  Contents found;
  for (const std::string& path : files) {
    DataFile file = look_at(path);
    const Format* format = format_of(file, options);
    if (format == nullptr) {
      found.others.push_back(path);
    } else if (format->picture != nullptr) {
      found.pictures.push_back(path);
    } else if (format->name == kDocuments) {
      found.documents.push_back(path);
    } else if (format->name == kIdx) {
      found.idx.push_back(path);
    } else {
      found.parts.emplace_back(std::move(file), format);
    }
  }
  // Tables beside a matrix name its rows and columns.
  const auto is_matrix = [](const auto& part) { return part.second->name == kMatrixMarket; };
  if (std::any_of(found.parts.begin(), found.parts.end(), is_matrix)) {
    std::erase_if(found.parts, [&](const auto& part) { return !is_matrix(part); });
  }
  return found;
}

// The first few.
std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + printable(names[i], 100);
  }
  return names.size() > kMost ? fmt::format("{}, ... ({} in all)", text, names.size()) : text;
}

std::string found_text(const Listing& listing) {
  std::vector<std::string> names;
  for (const std::string& path : listing.files) names.push_back(name_of_path(path));
  for (const std::string& path : listing.folders) names.push_back(name_of_path(path) + "/");
  return names.empty() ? "nothing" : names_text(names);
}

// Of two paths that are the training and the test part by their names, which is which.
std::optional<std::pair<std::size_t, std::size_t>> train_and_test(
    const std::vector<std::string>& paths) {
  if (paths.size() != 2) return std::nullopt;
  for (std::size_t test : {0U, 1U}) {
    const std::string name = lower_case(name_of_path(paths[test]));
    const std::string other = lower_case(name_of_path(paths[1 - test]));
    const bool fits = name.find("test") != std::string::npos &&
                      other.find("test") == std::string::npos &&
                      other.find("train") != std::string::npos;
    if (fits) return std::pair(1 - test, test);
  }
  return std::nullopt;
}

// Two parts, of which the test part is read as the training part was.
template <class F>
RawData read_train_and_test(const std::vector<std::string>& paths,
                            std::pair<std::size_t, std::size_t> which, const ReadOptions& options,
                            F&& read) {
  RawData train = read(which.first, options);
  ReadOptions alike = options;
  if (!alike.schema) alike.schema = schema_of(train);
  const RawData test = read(which.second, alike);
  return with_test(std::move(train), test, {paths[which.first], paths[which.second]});
}

RawData read_parts(const Contents& found, const ReadOptions& options) {
  std::vector<std::string> paths;
  for (const auto& [file, format] : found.parts) paths.push_back(file.path);
  const auto read = [&](std::size_t i, const ReadOptions& how) {
    return read_file(found.parts[i].first, *found.parts[i].second, how);
  };
  if (const auto which = train_and_test(paths)) {
    return read_train_and_test(paths, *which, options, read);
  }
  std::vector<RawData> parts;
  for (std::size_t i = 0; i < paths.size(); ++i) parts.push_back(read(i, options));
  return joined(std::move(parts), paths);
}

// All files below a folder, of which each format may leave out those that are not its own.
void add_files_below(const std::string& folder, std::vector<std::string>& files) {
  const Listing listing = listing_of(folder);
  files.insert(files.end(), listing.files.begin(), listing.files.end());
  for (const std::string& each : listing.folders) add_files_below(each, files);
}

// Sub-folders as classes, of pictures or of documents, which hold no data of other kinds.
RawData read_classes(const std::string& folder, const Listing& listing,
                     const ReadOptions& options) {
  std::vector<FileGroup> pictures, documents;
  bool others = false, unknown = false;
  for (const std::string& path : listing.folders) {
    std::vector<std::string> files;
    add_files_below(path, files);
    Contents found = contents_of(files, options);
    others = others || !found.parts.empty() || !found.idx.empty();
    unknown = unknown || !found.others.empty();
    if (!found.pictures.empty()) {
      pictures.push_back({name_of_path(path), std::move(found.pictures)});
    } else if (!found.documents.empty()) {
      documents.push_back({name_of_path(path), std::move(found.documents)});
    }
  }
  if (!others && !pictures.empty()) return read_pictures(pictures, options);
  if (!others && !unknown && !documents.empty()) return read_documents(documents, options);
  fail_data(folder,
            "expected files of data, or folders of pictures or of texts, a class each: found " +
                found_text(listing));
}

}  // namespace

RawData read_file(const DataFile& file, const Format& format, const ReadOptions& options) {
  if (format.read != nullptr) return format.read(file, options);
  return read_pictures({{"", {file.path}}}, options);
}

RawData read_folder(const std::string& folder, const ReadOptions& options) {
  const Listing listing = listing_of(folder);
  const Contents found = contents_of(listing.files, options);
  RawData data;
  std::vector<std::string> left_out = found.others;
  if (!found.pictures.empty() && !(found.parts.empty() && found.idx.empty())) {
    fail_data(folder,
              "expected data of one kind: found pictures beside others: " + found_text(listing));
  }
  if (!found.idx.empty()) {
    data = read_idx_folder(folder, found.idx, options);
  } else if (!found.pictures.empty()) {
    data = read_pictures({{"", found.pictures}}, options);
  } else if (!found.parts.empty()) {
    data = read_parts(found, options);
  } else if (train_and_test(listing.folders)) {
    return read_train_and_test(listing.folders, *train_and_test(listing.folders), options,
                               [&](std::size_t i, const ReadOptions& how) {
                                 return read_folder(listing.folders[i], how);
                               });
  } else if (!listing.folders.empty()) {
    return read_classes(folder, listing, options);
  } else if (!found.documents.empty() && found.others.empty()) {
    return read_documents({{"", found.documents}}, options);
  } else {
    fail_data(folder, "expected files of data, found " + found_text(listing));
  }
  left_out.insert(left_out.end(), found.documents.begin(), found.documents.end());
  for (std::string& path : left_out) path = name_of_path(path);
  if (!left_out.empty()) data.notes.push_back("left out, no data: " + names_text(left_out));
  return data;
}

}  // namespace hourglass::internal
