#pragma once

#include <optional>
#include <string>

#include "ae/measure/neighbours.h"
#include "nn/data/data_set.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// What a search has found.
struct FoundNeighbours {
  nn::DataSet queries;
  Tensor labels;  // of the examples that were searched, i32, or undefined
  ae::Neighbours neighbours = {};
  std::optional<double> precision = {};  // where there are labels on both sides

  std::int64_t k() const { return neighbours.indices.shape()[1]; }
  std::int64_t at(std::int64_t query, std::int64_t i) const;  // its place; -1: there is none
  double distance(std::int64_t query, std::int64_t i) const;
  std::string query_class(std::int64_t query) const;  // there are labels
  std::string neighbour_class(std::int64_t query, std::int64_t i) const;
  std::string query_text(std::int64_t query) const;                      // "3 (frog)"
  std::string neighbour_text(std::int64_t query, std::int64_t i) const;  // "17 (frog) 0.25"
};

// Throws Error unless the examples are images and the name ends in .png or .html.
void check_neighbour_page(const std::string& path, nn::DataKind kind);

// A page of pictures: a line a query, the first 20 of them, and what it has found.
void write_neighbours(const std::string& path, const FoundNeighbours& found,
                      const nn::DataSet& examples, const RunConfig& config);

}  // namespace hourglass::tools
