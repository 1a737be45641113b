#include "nn/train/train_state.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/safetensors.h"

namespace hourglass::nn {

using namespace internal;

namespace {

constexpr const char* kStateKey = "train_state";
constexpr const char* kNumbers = "state.numbers";  // what JSON might round, or has no word for

const std::vector<Field<TrainState>>& state_fields() {
  using State = TrainState;
  static const std::vector<Field<State>> fields = {
      field("names", "", "Of a snapshot's tensors", &State::names),
      field("batches", "", "In an epoch", &State::batches, at_least(1)),
      field("epochs", "", "That have ended", &State::epochs, at_least(0)),
      part<State>(
          "updates", "", "Made so far", [](auto& s) -> auto& { return s.now.updates; },
          at_least(0)),
      part<State>(
          "updates_before", "", "When the epoch began",
          [](auto& s) -> auto& { return s.before.updates; }, at_least(0)),
      part<State>(
          "updates_best", "", "Of the best epoch", [](auto& s) -> auto& { return s.best.updates; },
          at_least(0)),
      field("best_epoch", "", "The one judged best", &State::best_epoch, at_least(0)),
      part<State>(
          "examples", "", "Seen in the epoch", [](auto& s) -> auto& { return s.examples; },
          at_least(0))};
  return fields;
}

void add_snapshot(const std::string& what, const std::vector<std::string>& names,
                  const TrainState::Snapshot& snapshot, std::vector<NamedTensor>& tensors) {
  for (std::size_t k = 0; k < snapshot.tensors.size(); ++k) {
    tensors.push_back({fmt::format("{}.{}.{}", what, k, names[k]), snapshot.tensors[k]});
  }
}

const Tensor& tensor_named(const Safetensors& file, const std::string& name) {
  const Tensor* found = file.find(name);
  if (!found) throw Error("there is no tensor " + name);
  return *found;
}

std::vector<Tensor> snapshot_from(const Safetensors& file, const std::string& what,
                                  const std::vector<std::string>& names) {
  std::vector<Tensor> tensors;
  for (std::size_t k = 0; k < names.size(); ++k) {
    tensors.push_back(tensor_named(file, fmt::format("{}.{}.{}", what, k, names[k])));
  }
  return tensors;
}

Json names_json(const std::vector<NamedValue>& values) {
  Json list = Json::array();
  for (const NamedValue& v : values) {
    list.push_back({{"name", v.name}, {"unit", static_cast<int>(v.unit)}});
  }
  return list;
}

std::vector<NamedValue> names_from(const Json& j, const std::string& what) {
  std::vector<NamedValue> values;
  if (!j.contains(what) || !j[what].is_array()) throw Error(what + ": expected a list");
  for (const Json& each : j[what]) {
    refuse_unknown(each, what, {"name", "unit"});
    const int unit = member(each, "unit", 0);
    if (unit < 0 || unit > static_cast<int>(Unit::kCodeSum)) {
      throw Error(fmt::format("{}: there is no unit {}", what, unit));
    }
    values.push_back({member(each, "name", std::string()), 0, static_cast<Unit>(unit)});
  }
  return values;
}

// The doubles of a state, in the order of the file.
template <class State>
auto numbers_of(State& state) {
  std::vector<decltype(&state.best_value)> all = {&state.best_value, &state.sums.loss,
                                                  &state.sums.seconds};
  for (auto& term : state.sums.terms) all.push_back(&term.value);
  for (auto& part : state.sums.parts) all.push_back(&part.value);
  return all;
}

}  // namespace

Safetensors to_safetensors(const TrainState& state) {
  Json j = fields_json(state, state_fields());
  j["plateaus"] = state.plateaus;
  j["terms"] = names_json(state.sums.terms);
  j["parts"] = names_json(state.sums.parts);
  std::vector<double> numbers;
  for (const double* number : numbers_of(state)) numbers.push_back(*number);
  Safetensors file;
  add_snapshot("now", state.names, state.now, file.tensors);
  add_snapshot("before", state.names, state.before, file.tensors);
  add_snapshot("best", state.names, state.best, file.tensors);
  const auto count = static_cast<std::int64_t>(numbers.size());
  file.tensors.push_back({kNumbers, Tensor::from<double>(numbers, {count})});
  file.metadata[kStateKey] = json_text(j);
  return file;
}

TrainState train_state_from(const Safetensors& file) {
  const auto text = file.metadata.find(kStateKey);
  if (text == file.metadata.end()) throw Error("there is no training's state in it");
  const Json j = parse_json(text->second);
  require(j, {"names", "batches", "epochs", "updates", "updates_before", "plateaus"});
  TrainState state;
  read_fields(j, state_fields(), {"plateaus", "terms", "parts"}, state);
  check_all_limits(state, state_fields());
  std::vector<std::int64_t> plateaus;
  FieldType<std::vector<std::int64_t>>::read("plateaus", value_of("plateaus", j["plateaus"]),
                                             plateaus);
  for (const std::int64_t epoch : plateaus) state.plateaus.push_back(static_cast<int>(epoch));
  state.sums.terms = names_from(j, "terms");
  state.sums.parts = names_from(j, "parts");
  state.now.tensors = snapshot_from(file, "now", state.names);
  state.before.tensors = snapshot_from(file, "before", state.names);
  const bool kept = !state.names.empty() && file.find("best.0." + state.names[0]);
  if (kept) state.best.tensors = snapshot_from(file, "best", state.names);
  const Tensor& numbers = tensor_named(file, kNumbers);
  const auto all = numbers_of(state);
  if (numbers.dtype() != DType::kF64 ||
      numbers.shape() != Shape{static_cast<std::int64_t>(all.size())}) {
    throw Error(fmt::format("{} is {} {}: expected f64 [{}]", kNumbers, name_of(numbers.dtype()),
                            to_string(numbers.shape()), all.size()));
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    *all[k] = numbers.at(static_cast<std::int64_t>(k));
  }
  return state;
}

void save_train_state(const std::string& path, const TrainState& state) {
  const Safetensors file = to_safetensors(state);
  write_safetensors(path, file.tensors, file.metadata, Durability::kDurable);
}

TrainState load_train_state(const std::string& path) {
  const Safetensors file = read_safetensors(path);
  try {
    return train_state_from(file);
  } catch (const Error& error) {
    throw FileError(fmt::format("load_train_state: {}: {}", path, error.what()));
  }
}

}  // namespace hourglass::nn
