#include "tools/neighbour_page.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tools/data.h"
#include "tools/example_files.h"
#include "tools/pictures.h"
#include "tools/report/data_uri.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kPageLines = 20;  // of a page

// Queries, each with its neighbours behind it, [lines * (k + 1), C, H, W]; black where there is none.
Tensor neighbour_lines(const FoundNeighbours& found, const nn::DataSet& examples) {
  std::vector<nn::Rows> parts;
  const std::int64_t lines = std::min(kPageLines, found.queries.count());
  const Tensor none(found.queries.example_shape().with_axis(0, 1), examples.examples.dtype());
  for (std::int64_t q = 0; q < lines; ++q) {
    parts.push_back(found.queries.examples.range(q, q + 1));
    for (std::int64_t i = 0; i < found.k(); ++i) {
      const std::int64_t at = found.at(q, i);
      parts.push_back(at < 0 ? nn::Rows(none) : examples.examples.range(at, at + 1));
    }
  }
  return nn::concatenated(parts).tensor();
}

std::string html_text(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return safe;
}

std::string neighbour_html(const FoundNeighbours& found, const Tensor& images) {
  const Tensor shown = reduced(pictures(images), 160);
  const auto figure = [&](std::int64_t place, const std::string& caption) {
    const Tensor one = shown.rows(place, place + 1);
    return fmt::format("<td><img src=\"{}\"><br>{}</td>",
                       png_uri(one.reshape(one.shape().without_axis(0))), html_text(caption));
  };
  std::string text =
      "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Neighbours</title>\n"
      "<style>body{font:14px sans-serif;background:#fff;color:#222}td{padding:4px 6px;text-align:"
      "center}td:first-child{border-right:2px solid #888}img{width:84px;image-rendering:pixelated}"
      "</style>\n<table>\n";
  const std::int64_t across = found.k() + 1;
  for (std::int64_t q = 0; q < shown.shape()[0] / across; ++q) {
    text += "<tr>" + figure(q * across, found.query_text(q));
    for (std::int64_t i = 0; i < found.k() && found.at(q, i) >= 0; ++i) {
      text += figure(q * across + i + 1, found.neighbour_text(q, i));
    }
    text += "</tr>\n";
  }
  return text + "</table>\n";
}

}  // namespace

std::int64_t FoundNeighbours::at(std::int64_t query, std::int64_t i) const {
  return neighbours.indices.data<std::int32_t>()[query * k() + i];
}

double FoundNeighbours::distance(std::int64_t query, std::int64_t i) const {
  return neighbours.distances.data<double>()[query * k() + i];
}

std::string FoundNeighbours::query_class(std::int64_t query) const {
  return class_name(queries, queries.labels.data<std::int32_t>()[query]);
}

std::string FoundNeighbours::neighbour_class(std::int64_t query, std::int64_t i) const {
  return class_name(queries, labels.data<std::int32_t>()[at(query, i)]);
}

std::string FoundNeighbours::query_text(std::int64_t query) const {
  const std::string number = std::to_string(query);
  return queries.labels.defined() ? fmt::format("{} ({})", number, query_class(query)) : number;
}

std::string FoundNeighbours::neighbour_text(std::int64_t query, std::int64_t i) const {
  return fmt::format("{}{} {:.4g}", at(query, i),
                     labels.defined() ? fmt::format(" ({})", neighbour_class(query, i)) : "",
                     distance(query, i));
}

void check_neighbour_page(const std::string& path, nn::DataKind kind) {
  if (kind != nn::DataKind::kImage) {
    throw Error(fmt::format("output: {}: only images have a page of pictures, the model takes {}",
                            path, nn::plural(kind)));
  }
  check_ending(path, {".png", ".html"});
}

void write_neighbours(const std::string& path, const FoundNeighbours& found,
                      const nn::DataSet& examples, const RunConfig& config) {
  const Tensor images = neighbour_lines(found, examples);
  if (path.ends_with(".html")) {
    return internal::write_text(path, neighbour_html(found, images), "search");
  }
  write_examples(path, examples_like(config, images), static_cast<int>(found.k()) + 1);
}

}  // namespace hourglass::tools
