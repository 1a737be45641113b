#include "tools/data_json.h"

#include "tensor/error.h"
#include "tensor/files/json_fields.h"

namespace hourglass::tools {

using namespace internal;

namespace {

const std::vector<Field<nn::Category>>& category_fields() {
  static const std::vector<Field<nn::Category>> fields = {
      field("name", "", "Of the column", &nn::Category::name),
      field("first", "", "Of its columns of 0 and 1", &nn::Category::first, at_least(0)),
      field("words", "", "That it has", &nn::Category::words)};
  return fields;
}

const std::vector<Field<nn::Schema>>& schema_fields() {
  static const std::vector<Field<nn::Schema>> fields = {
      field("width", "", "Numbers an example", &nn::Schema::width, at_least(0)),
      field("columns", "", "Their names", &nn::Schema::columns),
      field("classes", "", "Names of the labels", &nn::Schema::classes),
      field("first_index", "", "Of SVMlight's indices", &nn::Schema::first_index)};
  return fields;
}

}  // namespace

Json reading_json(const DataOptions& options) {
  const DataOptions usual;
  Json json = Json::object();
  for (const Field<DataOptions>& f : data_fields()) {
    if (f.get(options) != f.get(usual)) json[f.name] = json_of(f.get(options));
  }
  if (options.read.of_255) json["of_255"] = true;
  if (options.read.any_range) json["any_range"] = true;
  return json;
}

DataOptions reading_from(const Json& json) {
  DataOptions options;
  read_fields(json, data_fields(), {"of_255", "any_range"}, options);
  check_all_limits(options, data_fields());
  options.read.of_255 = member(json, "of_255", false);
  options.read.any_range = member(json, "any_range", false);
  return options;
}

Json schema_json(const nn::Schema& schema) {
  Json json = fields_json(schema, schema_fields());
  json["categories"] = Json::array();
  for (const nn::Category& category : schema.categories) {
    json["categories"].push_back(fields_json(category, category_fields()));
  }
  return json;
}

nn::Schema schema_from(const Json& json) {
  nn::Schema schema;
  read_fields(json, schema_fields(), {"categories"}, schema);
  if (!json.contains("categories")) return schema;
  const Json& categories = json["categories"];
  if (!categories.is_array())
    throw Error("categories: expected a list: got " + json_text(categories));
  for (const Json& each : categories) {
    nn::Category category;
    reading("categories", [&] {
      read_fields(each, category_fields(), {}, category);
      if (category.words.empty()) throw Error(in_quotes(category.name) + " has no words");
    });
    schema.categories.push_back(category);
  }
  return schema;
}

}  // namespace hourglass::tools
