#include "nn/data/read_fields.h"

#include <fmt/core.h>

#include <charconv>

#include "nn/data/formats/format.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

using Options = ReadOptions;
using Words = std::vector<std::string>;

// The row of what is written as text: nothing where it is not said.
Field<Options> text_row(const std::string& name, std::string option, std::string help,
                        std::function<std::string(const Options&)> get,
                        std::function<void(Options&, const std::string&)> set) {
  return {.name = name,
          .option = std::move(option),
          .help = std::move(help),
          .get = [get](const Options& o) { return Value(get(o)); },
          .set =
              [name, set](Options& o, const Value& value) {
                std::string text;
                FieldType<std::string>::read(name, value, text);
                set(o, text);
              }};
}

std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (const internal::Format* format : internal::all_formats()) names.emplace_back(format->name);
  return names;
}

// An enumerator that may be left open.
template <NamedEnum E>
Field<Options> choice_row(const std::string& name, const std::string& help,
                          std::optional<E> Options::*member) {
  return with_choices(enum_words<E>(),
                      text_row(
                          name, name, help + ": " + enum_choices<E>(),
                          [member](const Options& o) {
                            return o.*member ? std::string(name_of(*(o.*member))) : std::string();
                          },
                          [member](Options& o, const std::string& text) {
                            o.*member =
                                text.empty() ? std::nullopt : std::optional(enum_named<E>(text));
                          }));
}

// Columns by name, number or `last`, several in one text with commas between.
Field<Options> columns_row(const std::string& name, std::string help, Words Options::*member) {
  return {.name = name,
          .option = name,
          .help = std::move(help),
          .get = [member](const Options& o) { return Value(o.*member); },
          .set =
              [name, member](Options& o, const Value& value) {
                Words texts;
                FieldType<Words>::read(name, value, texts);
                (o.*member).clear();
                for (const std::string& text : texts) {
                  for (std::size_t from = 0; from <= text.size();) {
                    const std::size_t comma = std::min(text.find(',', from), text.size());
                    (o.*member).push_back(text.substr(from, comma - from));
                    from = comma + 1;
                  }
                }
              }};
}

std::string delimiter_text(const Options& o) {
  if (!o.delimiter) return "";
  return *o.delimiter == '\t' ? "tab" : std::string(1, *o.delimiter);
}

void set_delimiter(Options& o, const std::string& text) {
  o.delimiter.reset();
  if (text == "tab" || text == "\\t") o.delimiter = '\t';
  if (text.size() == 1) o.delimiter = text[0];
  if (o.delimiter || text.empty()) return;
  throw Error(fmt::format("delimiter: expected one character, or tab: got {}", text));
}

std::string resize_text(const Options& o) {
  return o.resize ? fmt::format("{}x{}", o.resize->height, o.resize->width) : "";
}

// A whole number that takes all of a text.
std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = error == std::errc() && end == text.data() + text.size();
  return all ? std::optional(number) : std::nullopt;
}

void set_resize(Options& o, const std::string& text) {
  o.resize.reset();
  if (text.empty()) return;
  const std::size_t x = std::min(text.find('x'), text.size());
  const auto height = whole(std::string_view(text).substr(0, x));
  const auto width = x < text.size() ? whole(std::string_view(text).substr(x + 1)) : height;
  if (!height || !width || *height < 1 || *width < 1) {
    throw Error(fmt::format("resize: expected HEIGHTxWIDTH, as in 32x24: got {}", text));
  }
  o.resize = ImageSize{*height, *width};
}

std::string background_text(const Options& o) {
  const auto& [r, g, b] = o.background;
  return fmt::format("{:02x}{:02x}{:02x}", r, g, b);
}

void set_background(Options& o, const std::string& text) {
  if (text == "white" || text == "black") {
    o.background.fill(text == "white" ? 255 : 0);
    return;
  }
  const bool six =
      text.size() == 6 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!six) {
    throw Error(fmt::format("background: expected white, black or RRGGBB in hex: got {}", text));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string two = text.substr(2 * i, 2);
    std::from_chars(two.data(), two.data() + 2, o.background[i], 16);
  }
}

std::vector<Field<Options>> table_rows() {
  return {
      field("header", "header",
            "Whether the first row names the columns: " + enum_choices<HeaderRow>(),
            &Options::header),
      with_choices({"tab"}, text_row("delimiter", "delimiter",
                                     "Between fields: one character, or tab (nothing: found)",
                                     delimiter_text, set_delimiter)),
      field("decimal_comma", "decimal-comma", "Numbers are written 3,14", &Options::decimal_comma),
      columns_row("columns", "Take these alone: time,temperature; by name, number from 1, or last",
                  &Options::columns),
      columns_row("drop", "Leave these out", &Options::drop),
      columns_row("category", "Columns of words, or of few numbers, that are one of several",
                  &Options::category),
      text_row(
          "label", "label", "The column of classes, which the model does not see",
          [](const Options& o) { return o.label.value_or(""); },
          [](Options& o, const std::string& text) {
            o.label = text.empty() ? std::nullopt : std::optional(text);
          }),
      field("missing", "missing", "Values that a table lacks: " + enum_choices<Missing>(),
            &Options::missing)};
}

std::vector<Field<Options>> other_rows() {
  return {text_row("resize", "resize", "Images to this size: 32x32", resize_text, set_resize),
          field("grey", "grey", "Colours become greys", &Options::grey),
          with_choices({"white", "black"},
                       text_row("background", "background",
                                "What transparent pixels lie over: white, black or RRGGBB",
                                background_text, set_background)),
          choice_row("layout", "Of an array of images", &Options::layout),
          field("member", "member", "The array of an NPZ or safetensors file (nothing: x)",
                &Options::member),
          field("labels_member", "labels-member", "The array of its labels (nothing: y)",
                &Options::labels_member),
          field("vocabulary", "vocabulary", "Words of a text: so many, the most frequent",
                &Options::vocabulary, at_least(1)),
          with_choices({"english"},
                       field("stop_words", "stop-words",
                             "Words left out: english, or a file of them", &Options::stop_words))};
}

}  // namespace

const std::vector<Field<ReadOptions>>& read_fields() {
  static const std::vector<Field<Options>> fields = [] {
    std::vector<Field<Options>> all = {
        choice_row("kind", "What an example is (nothing: found)", &Options::kind),
        with_choices(formats(), field("format", "format", "The files' format (nothing: found)",
                                      &Options::format))};
    for (auto rows : {table_rows(), other_rows()}) {
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }();
  return fields;
}

}  // namespace hourglass::nn
