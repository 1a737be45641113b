#include "ae/exchange/weights.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "tensor/error.h"

namespace hourglass::ae {

using namespace internal;

namespace {

// The tensors of one layer: "encoder.0" with its weight and bias.
struct StoredLayer {
  std::string stem;
  std::map<std::string, Shape> tensors;  // by the last part of their names
  bool taken = false;
};

std::string full_name(const std::string& stem, const std::string& last) {
  return stem.empty() ? last : stem + "." + last;
}

void add_tensor(std::vector<StoredLayer>& layers, const std::string& name, const Shape& shape) {
  const std::size_t dot = name.rfind('.');
  const std::string stem = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  const auto known = std::find_if(layers.begin(), layers.end(),
                                  [&](const StoredLayer& layer) { return layer.stem == stem; });
  StoredLayer& layer = known == layers.end() ? layers.emplace_back() : *known;
  layer.stem = stem;
  layer.tensors[last] = shape;
}

bool has(const std::string& name, std::initializer_list<const char*> words) {
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return lower.find(word) != std::string::npos; });
}

// "fc2" ahead of "fc10": runs of digits count as numbers.
bool naturally_before(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (!digit(a[i]) || !digit(b[k])) {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i, ++k;
      continue;
    }
    std::size_t end_a = i, end_b = k;
    while (end_a < a.size() && digit(a[end_a])) ++end_a;
    while (end_b < b.size() && digit(b[end_b])) ++end_b;
    const std::string x = a.substr(i, end_a - i), y = b.substr(k, end_b - k);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
    i = end_a, k = end_b;
  }
  return a.size() - i < b.size() - k;
}

enum class Head : std::uint8_t { kNone, kMean, kVariance };

Head head_of(const std::string& stem) {
  if (has(stem, {"var", "sigma", "std"})) return Head::kVariance;
  return has(stem, {"mean", "mu"}) ? Head::kMean : Head::kNone;
}

// What a decoder is comes last, what an encoder is first.
void put_in_order(std::vector<StoredLayer>& layers) {
  const auto place = [](const StoredLayer& layer) {
    return has(layer.stem, {"dec"}) ? 2 : has(layer.stem, {"enc"}) ? 0 : 1;
  };
  std::stable_sort(layers.begin(), layers.end(), [&](const StoredLayer& a, const StoredLayer& b) {
    if (place(a) != place(b)) return place(a) < place(b);
    return naturally_before(a.stem, b.stem);
  });
}

// Equal, or of a convolution over a series without its axis of 1.
bool same_weight(const Shape& theirs, const Shape& ours) {
  if (theirs == ours) return true;
  return ours.rank() == 4 && ours[2] == 1 && theirs == ours.without_axis(2);
}

bool same_layer(const StoredLayer& theirs, const StoredLayer& ours) {
  return theirs.tensors.size() == ours.tensors.size() &&
         std::equal(theirs.tensors.begin(), theirs.tensors.end(), ours.tensors.begin(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && same_weight(a.second, b.second);
                    });
}

// The layer of the file that stands for one of the model's, or null.
StoredLayer* find_layer(std::vector<StoredLayer>& theirs, const StoredLayer& ours) {
  StoredLayer* best = nullptr;
  int best_rank = 0;
  for (StoredLayer& layer : theirs) {
    if (layer.taken || !same_layer(layer, ours)) continue;
    const int rank = layer.stem == ours.stem                     ? 3
                     : head_of(layer.stem) == head_of(ours.stem) ? 2
                                                                 : 1;
    if (rank > best_rank) best = &layer;
    best_rank = std::max(best_rank, rank);
  }
  return best;
}

using LayerPairs = std::map<std::string, StoredLayer*>;  // by the stems of ours

LayerPairs paired(std::vector<StoredLayer>& theirs, const std::vector<StoredLayer>& ours) {
  // Those whose names are equal are not to be taken for others.
  LayerPairs found;
  for (const bool by_name : {true, false}) {
    for (const StoredLayer& layer : ours) {
      if (found.count(layer.stem) > 0) continue;
      StoredLayer* match = find_layer(theirs, layer);
      if (!match || (by_name && match->stem != layer.stem)) continue;
      match->taken = true;
      found[layer.stem] = match;
    }
  }
  return found;
}

}  // namespace

std::vector<WeightMatch> match_weights(const std::vector<NamedTensor>& tensors,
                                       Autoencoder& model) {
  std::vector<StoredLayer> theirs, ours;
  for (const NamedTensor& t : tensors) {
    if (!t.name.ends_with("num_batches_tracked")) add_tensor(theirs, t.name, t.value.shape());
  }
  put_in_order(theirs);
  for (const nn::NamedParameter& p : nn::named_parameters(model)) {
    add_tensor(ours, p.name, p.parameter.shape());
  }
  const LayerPairs found = paired(theirs, ours);
  std::vector<WeightMatch> matches;
  for (const StoredLayer& layer : ours) {
    const auto match = found.find(layer.stem);
    for (const auto& [last, shape] : layer.tensors) {
      const bool is = match != found.end();
      matches.push_back({is ? full_name(match->second->stem, last) : "",
                         full_name(layer.stem, last), is ? match->second->tensors.at(last) : shape,
                         layer.stem == "input"});
    }
  }
  for (const StoredLayer& layer : theirs) {
    if (layer.taken) continue;
    for (const auto& [last, shape] : layer.tensors) {
      matches.push_back({full_name(layer.stem, last), "", shape});
    }
  }
  return matches;
}

bool fits(const std::vector<WeightMatch>& matches) {
  return std::all_of(matches.begin(), matches.end(), [](const WeightMatch& m) {
    return !m.ours.empty() && (m.optional || !m.theirs.empty());
  });
}

std::string weights_table(const std::vector<WeightMatch>& matches) {
  std::size_t width = 6;
  for (const WeightMatch& m : matches) width = std::max(width, printable(m.theirs).size());
  std::string text = fmt::format("{:<{}}  {:<16}  {}\n", "theirs", width, "shape", "ours");
  const auto name = [](const std::string& n) { return n.empty() ? "-" : printable(n); };
  for (const WeightMatch& m : matches) {
    text += fmt::format("{:<{}}  {:<16}  {}\n", name(m.theirs), width, to_string(m.shape),
                        name(m.ours));
  }
  return text;
}

void take_weights(const std::vector<NamedTensor>& tensors, const std::vector<WeightMatch>& matches,
                  Autoencoder& model) {
  if (!fits(matches)) throw Error("take_weights: the tensors are not the model's");
  std::map<std::string, const Tensor*> values;
  for (const NamedTensor& t : tensors) values[t.name] = &t.value;
  std::map<std::string, std::string> names;
  for (const WeightMatch& m : matches) names[m.ours] = m.theirs;
  for (const nn::NamedParameter& p : nn::named_parameters(model)) {
    const std::string& theirs = names[p.name];
    if (theirs.empty()) continue;
    const Tensor value = values.at(theirs)->cast(p.parameter.dtype());
    for (std::int64_t i = 0; i < value.elements(); ++i) {
      if (std::isfinite(value.at(i))) continue;
      throw Error(fmt::format("take_weights: {}: number {} is {}: expected finite numbers", theirs,
                              i, value.at(i)));
    }
    p.parameter.assign(value.reshape(p.parameter.shape()));
  }
}

}  // namespace hourglass::ae
