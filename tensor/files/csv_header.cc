#include "tensor/files/csv_header.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "tensor/files/csv_fields.h"

namespace hourglass::internal {
namespace {

enum class FieldKind : std::uint8_t { kEmpty, kMissing, kWord, kNumber, kTime };

FieldKind field_kind(const std::string& field, bool decimal_comma) {
  double ignored = 0;
  if (field.empty()) return FieldKind::kEmpty;
  if (is_missing_number(field)) return FieldKind::kMissing;
  if (parse_number(field, decimal_comma, ignored) != Parsed::kNone) return FieldKind::kNumber;
  return is_time(field) ? FieldKind::kTime : FieldKind::kWord;
}

struct Line {
  Line(const std::vector<std::string>& text, bool decimal_comma) : fields(text) {
    for (const std::string& field : text) kinds.push_back(field_kind(field, decimal_comma));
  }
  bool has(FieldKind kind) const {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }
  // Its numbers are 0, 1, 2, ... or so, at least two of them.
  bool counts() const {
    std::optional<double> last;
    bool any = false;
    for (std::size_t c = 0; c < fields.size(); ++c) {
      double x = 0;
      if (kinds[c] != FieldKind::kNumber) continue;
      if (parse_number(fields[c], false, x) != Parsed::kNumber) return false;
      if (last && x != *last + 1) return false;
      any = last.has_value();
      last = x;
    }
    return any;
  }

  const std::vector<std::string>& fields;
  std::vector<FieldKind> kinds;
};

bool words_differ(const Line& line) {
  std::set<std::string> seen;
  for (std::size_t c = 0; c < line.fields.size(); ++c) {
    if (line.kinds[c] == FieldKind::kWord && !seen.insert(line.fields[c]).second) return false;
  }
  return true;
}

bool number_below_word(const Line& first, const Line& second) {
  for (std::size_t c = 0; c < std::min(first.kinds.size(), second.kinds.size()); ++c) {
    if (first.kinds[c] == FieldKind::kWord && second.kinds[c] == FieldKind::kNumber) return true;
  }
  return false;
}

}  // namespace

bool looks_like_header(const std::vector<std::string>& first,
                       const std::vector<std::string>& second, bool decimal_comma) {
  const Line top(first, decimal_comma), next(second, decimal_comma);
  if (top.has(FieldKind::kTime)) return false;
  if (top.has(FieldKind::kNumber)) {
    const bool named = top.has(FieldKind::kWord) || top.has(FieldKind::kEmpty);
    return named && !top.has(FieldKind::kMissing) && top.counts() && !next.counts();
  }
  if (!top.has(FieldKind::kWord)) return false;
  if (number_below_word(top, next)) return true;
  return !top.has(FieldKind::kMissing) && words_differ(top);
}

}  // namespace hourglass::internal
