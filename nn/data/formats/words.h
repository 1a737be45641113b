#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace hourglass::internal {

// The words of a text in UTF-8, in lower case (of Latin, Greek and Cyrillic letters): runs of letters
// and digits with at least one letter, of two bytes or more. Any byte beyond ASCII counts as a
// letter.
std::vector<std::string> words_in(std::string_view text);

// "english": its commonest words, those that say nothing of a text's subject; else the words of a
// file; none of "". Throws FileError where the file cannot be read.
std::unordered_set<std::string> stop_list(const std::string& name);

}  // namespace hourglass::internal
