#include "autograd/certificate/certificate.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "autograd/certificate/columns.h"
#include "autograd/certificate/rows.h"
#include "autograd/graph/op.h"
#include "tensor/parallel.h"

namespace hourglass::check {
namespace {

constexpr std::string_view kNames[kColumns] = {"value", "first",    "second",  "third",
                                               "f32",   "batching", "adjoint", "compiled"};
// What a column's error may be unless the row says otherwise: rounding of some dozen operations in
// f64 (f32); for derivatives, what the differences of step 2^-10 are exact to.
constexpr double kLimits[kColumns] = {1e-13, 1e-8, 1e-8, 1e-8, 1e-5, 1e-13, 1e-12, 1e-13};

std::uint64_t seed_of(std::string_view name, std::size_t i) {
  std::uint64_t h = 14695981039346656037u + i;  // FNV-1a: the same on every machine
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

class Certifier {
 public:
  explicit Certifier(const Row& row) : row_(row), op_(find_op(row.name)) {
    result_.name = row.name;
    result_.is_op = op_ != nullptr;
    for (int i = 0; i < kColumns; ++i) result_.entries[i].limit = kLimits[i];
    for (const Row::Exception& e : row.exceptions) {
      entry(e.column).limit = e.limit;
      entry(e.column).note = e.reason;
    }
  }

  Certificate run() {
    for (std::size_t i = 0; i < row_.cases.size(); ++i) {
      try {
        check(row_.cases[i], seed_of(row_.name, i));
      } catch (const std::exception& error) {
        result_.thrown = fmt::format("case {}: {}", i, error.what());
      }
    }
    for (const Row::Exception& e : row_.exceptions) {
      if (!entry(e.column).error) entry(e.column).note.clear();  // still a hole
    }
    explain();
    for (const auto& [column, note] : row_.notes) {
      entry(column).error.reset();
      entry(column).note = note;
    }
    return std::move(result_);
  }

 private:
  Entry& entry(Column column) { return result_.entries[static_cast<int>(column)]; }

  bool wanted(Column column) const {
    return std::none_of(row_.notes.begin(), row_.notes.end(),
                        [column](const auto& note) { return note.first == column; });
  }

  void add(Column column, double error) {
    std::optional<double>& worst = entry(column).error;
    worst = worst ? std::max(*worst, error) : error;
  }

  void add_orders(const std::vector<double>& errors) {
    add(Column::kFirst, errors[0]);
    add(Column::kSecond, errors[1]);
    add(Column::kThird, errors[2]);
  }

  void check(const Case& source, std::uint64_t seed) {
    const Built built = build_case(source, seed);
    if (source.use == Case::Use::kTails) return add_orders(tail_errors(built));
    if (source.use == Case::Use::kDeclared) return add(Column::kFirst, declared_error(built));
    if (wanted(Column::kValue)) add(Column::kValue, value_error(built));
    if (wanted(Column::kF32)) add(Column::kF32, f32_error(built));
    if (source.use == Case::Use::kValue) return;
    if (wanted(Column::kCompiled)) add(Column::kCompiled, compiled_error(built));
    if (wanted(Column::kBatching) && !built.inputs.empty()) {
      add(Column::kBatching, std::max(batching_error(built, seed), follow_error(built)));
    }
    if (built.varied.empty()) return;
    has_derivative_ = true;
    if (wanted(Column::kFirst)) {
      add_orders(row_.zero_derivative ? zero_errors(built, seed) : derivative_errors(built, seed));
    }
    if (wanted(Column::kAdjoint) && is_linear()) {
      add(Column::kAdjoint, adjoint_error(built, row_.jointly_linear, seed));
    }
  }

  bool is_linear() const { return row_.jointly_linear || (op_ && op_->linear); }

  // What a column lacks for a reason that the op itself gives.
  void explain() {
    if (!has_derivative_ && !row_.cases.empty()) {
      for (Column column : {Column::kFirst, Column::kSecond, Column::kThird, Column::kAdjoint}) {
        entry(column).note = "no real argument or result";
      }
    }
    if (!is_linear() && !row_.cases.empty()) entry(Column::kAdjoint).note = "not linear";
    if (op_ && !op_->is_lane() && !op_->leaf && !op_->batch && entry(Column::kBatching).error) {
      entry(Column::kBatching).note = "by a loop: the op has no batching rule";
    }
    const auto no_input = [](const Case& c) { return c.arguments.empty(); };
    if (!row_.cases.empty() && std::all_of(row_.cases.begin(), row_.cases.end(), no_input)) {
      entry(Column::kBatching).note = "no argument";
    }
  }

  const Row& row_;
  const Op* op_;
  Certificate result_;
  bool has_derivative_ = false;
};

std::string text_of(const Entry& entry) {
  if (entry.error) return fmt::format("{:.1e}", *entry.error);
  return entry.note.empty() ? "HOLE" : "-";
}

}  // namespace

std::string_view name_of(Column column) { return kNames[static_cast<int>(column)]; }

bool Certificate::passed() const {
  return thrown.empty() && std::all_of(std::begin(entries), std::end(entries),
                                       [](const Entry& entry) { return entry.passed(); });
}

std::string Certificate::failures() const {
  std::string text = thrown.empty() ? "" : fmt::format("{}: threw: {}\n", name, thrown);
  for (int i = 0; i < kColumns; ++i) {
    const Entry& entry = entries[i];
    if (entry.passed()) continue;
    text += entry.hole() ? fmt::format("{}: {}: a hole\n", name, kNames[i])
                         : fmt::format("{}: {}: error {:.3e}, limit {:.1e}\n", name, kNames[i],
                                       *entry.error, entry.limit);
  }
  return text;
}

const std::vector<Row>& certificate_rows() {
  static const std::vector<Row> rows = [] {
    Rows all;
    for (auto add :
         {add_lane_rows, add_activation_rows, add_gamma_rows, add_binary_rows, add_shape_rows,
          add_reduction_rows, add_product_rows, add_conv_rows, add_index_rows, add_random_rows,
          add_control_rows, add_function_rows, add_image_rows}) {
      add(all);
    }
    return all;
  }();
  return rows;
}

std::vector<std::string> ops_without_row() {
  std::vector<std::string> missing;
  for (const Op* op : all_ops()) {
    const auto& rows = certificate_rows();
    const auto is_its_own = [op](const Row& row) { return find_op(row.name) == op; };
    if (std::none_of(rows.begin(), rows.end(), is_its_own)) missing.emplace_back(op->name);
  }
  return missing;
}

// On one thread: the arrays are small, and bits do not depend on it.
Certificate certify(const Row& row) {
  const ThreadScope one(1);
  return Certifier(row).run();
}

Certificate certify(const Op& op) {
  for (const Row& row : certificate_rows()) {
    if (find_op(row.name) == &op) return certify(row);
  }
  return certify(Row{.name = std::string(op.name), .cases = {}});
}

std::vector<Certificate> certify_all() {
  std::vector<Certificate> result;
  for (const Op* op : all_ops()) result.push_back(certify(*op));
  for (const Row& row : certificate_rows()) {
    if (find_op(row.name) == nullptr) result.push_back(certify(row));
  }
  return result;
}

std::string to_text(const std::vector<Certificate>& certificates) {
  std::string text = fmt::format("{:<26}", "op");
  for (std::string_view name : kNames) text += fmt::format("{:>10}", name);
  text += "\n";
  bool functions = false;
  for (const Certificate& c : certificates) {
    if (!c.is_op && !functions) text += "functions over ops\n";
    functions = functions || !c.is_op;
    text += fmt::format("{:<26}", c.name);
    for (const Entry& entry : c.entries) text += fmt::format("{:>10}", text_of(entry));
    text += c.passed() ? "\n" : "  FAILED\n";
  }
  for (const Certificate& c : certificates) {
    if (!c.thrown.empty()) text += fmt::format("{}: threw: {}\n", c.name, c.thrown);
    for (int i = 0; i < kColumns; ++i) {
      const Entry& entry = c.entries[i];
      if (!entry.error || entry.note.empty()) continue;
      text += fmt::format("{}, {}: limit {:.0e}: {}\n", c.name, kNames[i], entry.limit, entry.note);
    }
  }
  return text;
}

std::string to_json(const std::vector<Certificate>& certificates) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Certificate& c : certificates) {
    nlohmann::ordered_json object = {{"op", c.name}};
    object["kind"] = c.is_op ? "op" : "function";
    for (int i = 0; i < kColumns; ++i) {
      const Entry& entry = c.entries[i];
      nlohmann::ordered_json& value = object[std::string(kNames[i])];
      if (entry.error) {
        // JSON has no infinity, and null says that nothing was checked.
        value = std::min(*entry.error, std::numeric_limits<double>::max());
      } else if (!entry.note.empty()) {
        value = entry.note;
      }
    }
    object["passed"] = c.passed();
    if (!c.thrown.empty()) object["threw"] = c.thrown;
    list.push_back(std::move(object));
  }
  return list.dump(2);
}

}  // namespace hourglass::check
