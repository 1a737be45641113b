#include "nn/data/formats/documents.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "nn/data/formats/counts.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/words.h"
#include "tensor/counted.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/files/text_lines.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// Documents as counts of numbered words, ahead of the choice of a vocabulary.
class WordCounts {
 public:
  explicit WordCounts(const ReadOptions& options)
      : options_(options), stop_(stop_list(options.stop_words)) {}

  void begin_document() { documents_.emplace_back(); }

  void add(std::string_view text) {
    for (const std::string& word : words_in(text)) {
      if (stop_.count(word) > 0) continue;
      const auto next = static_cast<std::int32_t>(totals_.size());
      const auto id = ids_.try_emplace(word, next).first->second;
      if (id == next) totals_.push_back(0);
      ++totals_[static_cast<std::size_t>(id)];
      ++documents_.back()[id];
    }
  }

  RawData data(const std::string& path) const {
    const std::vector<std::string> words = options_.schema ? options_.schema->columns : commonest();
    if (words.empty()) {
      fail_data(path, options_.schema ? "a text: the model has learnt from data without words"
                                      : "expected a text, found no words");
    }
    std::vector<std::int32_t> column(totals_.size(), -1);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto found = ids_.find(words[i]);
      if (found != ids_.end()) {
        column[static_cast<std::size_t>(found->second)] = static_cast<std::int32_t>(i);
      }
    }
    CsrMatrix table{.width = static_cast<std::int64_t>(words.size())};
    for (const auto& document : documents_) {
      for (const auto& [id, count] : document) {
        if (column[static_cast<std::size_t>(id)] < 0) continue;
        table.columns.push_back(column[static_cast<std::size_t>(id)]);
        table.values.push_back(static_cast<float>(count));
      }
      end_row(table);
    }
    RawData data = from_counts(path, std::move(table));
    data.all.columns = words;
    data.notes.push_back(fmt::format("{}, {} of {}",
                                     internal::counted(documents_.size(), "document"), words.size(),
                                     internal::counted(totals_.size(), "word")));
    return data;
  }

 private:
  // By how often they occur, then by the alphabet.
  std::vector<std::string> commonest() const {
    std::vector<std::pair<std::int64_t, std::string>> all;
    for (const auto& [word, id] : ids_)
      all.emplace_back(-totals_[static_cast<std::size_t>(id)], word);
    std::sort(all.begin(), all.end());
    std::vector<std::string> words;
    for (const auto& [count, word] : all) {
      if (static_cast<std::int64_t>(words.size()) == options_.vocabulary) break;
      words.push_back(word);
    }
    return words;
  }

  const ReadOptions& options_;
  std::unordered_set<std::string> stop_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::vector<std::int64_t> totals_;
  std::vector<std::map<std::int32_t, std::int32_t>> documents_;
};

void add_lines(const std::string& path, bool a_document_each, WordCounts& counts) {
  const InputFile file(path, "read_text");
  ByteStream stream(file);
  TextLines lines(stream);
  for (std::string line; lines.next(line);) {
    if (a_document_each) counts.begin_document();
    counts.add(line);
  }
}

}  // namespace

RawData read_documents(const std::vector<FileGroup>& groups, const ReadOptions& options) {
  if (options.vocabulary < 1) {
    fail_data(groups[0].paths[0],
              fmt::format("vocabulary: expected at least 1, got {}", options.vocabulary));
  }
  WordCounts counts(options);
  for (const FileGroup& group : groups) {
    for (const std::string& path : group.paths) {
      counts.begin_document();
      add_lines(path, false, counts);
    }
  }
  RawData data = counts.data(groups[0].paths[0]);
  label_groups(data.all, groups, options);
  return data;
}

const Format& documents_format = define_format({
    .name = kDocuments,
    .what = "plain text, a document a line or a file",
    .match =
        [](const DataFile& file) {
          const bool text = looks_like(file.head.substr(0, 64)) == "text";
          return text ? Match::kAnyText : Match::kNone;
        },
    .read =
        [](const DataFile& file, const ReadOptions& options) {
          WordCounts counts(options);
          add_lines(file.path, true, counts);
          return counts.data(file.path);
        },
});

}  // namespace hourglass::internal
