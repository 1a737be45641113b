// `hourglass index` and `hourglass search`: neighbours by their codes.

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "ae/measure/binary_codes.h"
#include "ae/measure/neighbours.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/code_index.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/labels.h"
#include "tools/neighbour_page.h"

namespace hourglass::tools {

using namespace internal;

namespace {

struct IndexArguments {
  std::string run;
  std::vector<std::string> in;
  LabelArguments labels;
};

struct SearchArguments {
  std::string run;
  std::vector<std::string> in;
  LabelArguments labels;
  std::optional<std::string> out;
  std::int64_t k = 10;
  std::optional<std::int64_t> radius;
  bool cosine = false, euclid = false, hamming = false, json = false;

  const char* metric() const { return hamming ? "hamming" : cosine ? "cosine" : "euclid"; }
};

int index_examples(const IndexArguments& a) {
  const LoadedRun run = open_run(a.run);
  const nn::RawData data = read_examples("index", a.in, run.config);
  const nn::DataSet examples = examples_in(data, run.config.reading);
  CodeIndex index;
  index.codes = encode_examples(run, examples.examples,
                                labels_of("index", run.config.spec, a.labels, examples, a.in[0]));
  const nn::DataSet train = data_of("index", run, std::nullopt).all;
  index.medians = ae::column_medians(
      encode_examples(run, train.examples, examples_of(run.config.spec, train).labels));
  index.labels = examples.labels;
  index.paths = a.in;
  index.checksum = nn::checksum(data);
  write_index(a.run, run.model, index);
  fmt::print("wrote {} of {} to {}{}\n", internal::counted(index.codes.shape()[0], "code"),
             internal::counted(index.codes.shape()[1], "number"), index_path(a.run),
             trained_on_text(run.config, data));
  return kDone;
}

ae::Neighbours find_neighbours(const SearchArguments& a, const CodeIndex& index,
                               const Tensor& codes) {
  const std::int64_t count = index.codes.shape()[0];
  if (a.k < 1 || a.k > count) {
    throw Error(
        fmt::format("search: k: expected 1 to {}, as many as the index has: got {}", count, a.k));
  }
  if (a.radius && !a.hamming) throw Error("search: radius: is of bits: say --hamming too");
  if (!a.hamming) {
    const ae::Metric metric = a.cosine ? ae::Metric::kCosine : ae::Metric::kEuclidean;
    return ae::NearestNeighbours(index.codes, metric).find(codes, a.k);
  }
  const ae::BinaryCodes queries = ae::binarised(codes, index.medians);
  const ae::BinaryCodes items = ae::binarised(index.codes, index.medians);
  if (!a.radius) return ae::k_nearest(queries, items, a.k);
  return ae::k_nearest_in_ball(queries, items, *a.radius, codes, index.codes, a.k);
}

void print_neighbours(const FoundNeighbours& found) {
  for (std::int64_t q = 0; q < found.queries.count(); ++q) {
    fmt::print("{}:", found.query_text(q));
    for (std::int64_t i = 0; i < found.k(); ++i) {
      if (found.at(q, i) >= 0) fmt::print("{}  {}", i > 0 ? "," : "", found.neighbour_text(q, i));
    }
    fmt::print("\n");
  }
  if (found.precision) {
    fmt::print("precision at {}  {:.4f}\n", found.k(), *found.precision);
  }
}

Json search_json(const LoadedRun& run, const SearchArguments& a, const FoundNeighbours& found) {
  Json j = {{"model", run.config.model}, {"metric", a.metric()}, {"k", a.k}};
  if (found.precision) j["precision"] = *found.precision;
  j["queries"] = Json::array();
  for (std::int64_t q = 0; q < found.queries.count(); ++q) {
    Json query = {{"query", q}};
    if (found.queries.labels.defined()) query["class"] = found.query_class(q);
    query["neighbours"] = Json::array();
    for (std::int64_t i = 0; i < found.k() && found.at(q, i) >= 0; ++i) {
      Json one = {{"example", found.at(q, i)}, {"distance", found.distance(q, i)}};
      if (found.labels.defined()) one["class"] = found.neighbour_class(q, i);
      query["neighbours"].push_back(one);
    }
    j["queries"].push_back(query);
  }
  return j;
}

int search(const SearchArguments& a) {
  const LoadedRun run = open_run(a.run);
  if (a.out) check_neighbour_page(*a.out, run.config.kind);
  const CodeIndex index = read_index(a.run, run.model);
  const nn::RawData data = read_examples("search", a.in, run.config);
  FoundNeighbours found{.queries = examples_in(data, run.config.reading), .labels = index.labels};
  const Tensor codes =
      encode_examples(run, found.queries.examples,
                      labels_of("search", run.config.spec, a.labels, found.queries, a.in[0]));
  found.neighbours = find_neighbours(a, index, codes);
  if (found.queries.labels.defined() && found.labels.defined()) {
    found.precision = ae::precision(found.neighbours, found.queries.labels, found.labels);
  }
  if (a.out) write_neighbours(*a.out, found, indexed_examples(run.config, index), run.config);
  if (a.json) {
    fmt::print("{}\n", json_text(search_json(run, a, found), 2));
  } else {
    print_neighbours(found);
    if (a.out) fmt::print("wrote {}\n", *a.out);
  }
  return kDone;
}

void add_index(CommandLine& program) {
  auto arguments = std::make_shared<IndexArguments>();
  const Command command = program.add_command(
      "index", "Keep the codes of examples in the run folder, for search to find neighbours in");
  command.add_option("run", arguments->run, "The run folder").required();
  command.add_option("in", arguments->in, data_help("")).required();
  add_label_options(command, arguments->labels);
  command.set_action([arguments] { return index_examples(*arguments); });
}

void add_search(CommandLine& program) {
  auto arguments = std::make_shared<SearchArguments>();
  SearchArguments& a = *arguments;
  const Command command = program.add_command(
      "search", "The examples of a run's index that are nearest to others by their codes");
  command.add_option("run", a.run, "The run folder, with an index").required();
  command.add_option("in", a.in, data_help("")).required();
  command.add_option("--k", a.k, "Neighbours of each").show_default();
  const Option euclid = command.add_flag("--euclid", a.euclid, "By Euclidean distance, as without");
  const Option cosine = command.add_flag("--cosine", a.cosine, "By the angle between codes");
  const Option hamming = command.add_flag(
      "--hamming", a.hamming,
      "By the bits that differ: each number of a code above its median over the training examples "
      "is 1");
  cosine.excludes(euclid);
  hamming.excludes(euclid);
  hamming.excludes(cosine);
  command.add_option("--radius", a.radius,
                     "Of those that differ in so many bits at most, the nearest by the codes "
                     "themselves");
  command.add_option("-o,--output", a.out,
                     "Of images, a page of the first 20 and their neighbours: .png or .html");
  command.add_flag("--json", a.json, "As JSON");
  add_label_options(command, a.labels);
  command.set_action([arguments] { return search(*arguments); });
}

const CommandEntry kIndexEntry(10, add_index);
const CommandEntry kSearchEntry(10, add_search);

}  // namespace
}  // namespace hourglass::tools
