#include "tools/explain/explained.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ae/model/model_file.h"
#include "nn/data/digits.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tools/catalogue.h"
#include "tools/checkpoint.h"
#include "tools/codes.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kWidth = 784;

// How wide examples are: as the pixels say, if there are any.
std::int64_t width_of(const ExplainArguments& a, std::int64_t otherwise) {
  if (a.batch < 1) {
    throw Error(fmt::format("explain: batch: must be at least 1: got {}", a.batch));
  }
  const std::int64_t width = a.width.value_or(otherwise);
  if (width < 1) throw Error(fmt::format("explain: width: must be at least 1: got {}", width));
  if (a.pixels.empty()) return width;
  const auto count = static_cast<std::int64_t>(a.pixels.size());
  if (count % a.batch != 0) {
    throw Error(fmt::format("explain: input: {} do not make {}: --batch says how many",
                            internal::counted(count, "number"),
                            internal::counted(a.batch, "example")));
  }
  return count / a.batch;
}

// A model of the catalogue, with fresh weights.
ae::Autoencoder fresh_model(const ExplainArguments& arguments, const ModelEntry& entry) {
  const std::int64_t width = width_of(arguments, kWidth);
  // Convolutions need a height and a width: of square images both are known.
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(width)));
  const Shape image = side * side == width ? Shape{1, side, side} : Shape{1, 1, width};
  const ae::DataForm form{nn::DataKind::kImage, image, entry.spec().classes};
  return ae::make_autoencoder(make_spec(entry, arguments.shape, form), arguments.seed);
}

// The model of a run, as it was trained.
ae::Autoencoder trained_model(const ExplainArguments& arguments, const RunConfig& config) {
  const std::vector<std::string> given = arguments.shape.all_given();
  if (!given.empty()) {
    throw Error(fmt::format("explain: {} is a run: its model is as it was trained: leave out --{}",
                            arguments.model, given[0]));
  }
  const std::int64_t width = config.spec.input_width();
  if (width_of(arguments, width) != width) {
    throw Error(fmt::format("explain: the model of {} takes {} an example: got {}", arguments.model,
                            internal::counted(width, "number"), width_of(arguments, width)));
  }
  return ae::load_run(arguments.model);
}

// What the examples are called, and are stored as where there are no numbers.
struct Stored {
  std::string name = "images";
  DType dtype = DType::kU8;
};

// The first examples of a run's test part, or built-in digits where the model takes such; of other
// widths numbers that nothing is known of.
Tensor known_examples(const ExplainArguments& a, const std::optional<RunConfig>& config,
                      const Var& batch) {
  nn::DataSet data;
  if (config) {
    data = *data_of("explain", open_run(a.model), {}).test;
  } else if (batch.size(1) == kWidth) {
    data = nn::digits(batch.size(0), 1);
  } else {
    return random_examples(batch);
  }
  std::vector<std::int32_t> first(static_cast<std::size_t>(batch.size(0)));
  for (std::size_t i = 0; i < first.size(); ++i) {
    first[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) % data.count());
  }
  return data.rows().select(first).tensor().reshape(batch.shape()).cast(batch.dtype());
}

// Moments, and how many steps were taken, of a run that has a checkpoint of its whole model.
void begin_where_it_stands(Explained& e, const RunConfig& config, const std::string& run) {
  const std::int64_t batch = e.options.batch.value_or(config.images);
  e.place.steps_per_epoch = std::max<std::int64_t>(1, (config.images + batch - 1) / batch);
  e.place.epochs = e.options.epochs;
  e.begins = "moments from 0: the run has no checkpoint";
  if (!has_checkpoint(run)) return;
  const Checkpoint checkpoint = read_checkpoint("explain", run, config);
  if (checkpoint.layer > 0) return;
  const nn::TrainState& state = checkpoint.state;
  e.place.plateaus = static_cast<int>(state.plateaus.size());
  for (std::size_t i = 0; i < state.names.size(); ++i) {
    e.stands_at.push_back({state.names[i], state.now.tensors[i]});
  }
  e.begins = fmt::format("moments after {}, of {}", internal::counted(state.now.updates, "step"),
                         kCheckpointFile);
  const bool changes = e.options.schedule.kind != nn::Schedule::kConstant ||
                       e.options.schedule.warm_up > state.now.updates;
  if (changes && state.now.updates >= e.place.steps_per_epoch * e.place.epochs) {
    e.begins += ", which ended the schedule: the rate of its last step";
  }
}

}  // namespace

// The loss, or one of the terms that it is made of.
Var chosen_term(const nn::Objective& objective, const std::string& term) {
  if (term.empty()) return objective.loss;
  std::string known;
  for (const nn::Term& t : objective.terms) {
    if (t.name == term) return t.value;
    known += (known.empty() ? "" : ", ") + t.name;
  }
  throw Error(fmt::format("explain: the loss has no term named {}: its terms are {}", term, known));
}

// Times do not depend on the numbers, but zeros alone may be denormal on their way.
Tensor random_examples(const Var& batch) {
  const Shape& shape = batch.shape();
  std::vector<std::uint8_t> pixels;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    state = state * 1664525 + 1013904223;
    pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  const Tensor bytes = Tensor::from(pixels, shape);
  return batch.dtype() == DType::kU8 ? bytes : bytes.cast(batch.dtype());
}

Explained explained(const ExplainArguments& arguments, bool wants_numbers) {
  Explained e;
  Stored stored;
  std::optional<RunConfig> config;
  const ModelEntry* entry = model_or_none(arguments.model);
  if (!entry && is_run(arguments.model)) {
    config = read_config(arguments.model);
    entry = &model_of_run(config->model);
    e.model = trained_model(arguments, *config);
    e.options = config->options;
    if (config->trained) begin_where_it_stands(e, *config, arguments.model);
    stored = {nn::plural(config->kind),
              config->kind == nn::DataKind::kImage ? DType::kU8 : DType::kF32};
  } else {
    if (!entry && is_path(arguments.model)) {
      throw Error(fmt::format("explain: {}: there is no run in it", arguments.model));
    }
    entry = &find_model(arguments.model);
    e.model = fresh_model(arguments, *entry);
  }
  const Shape shape{arguments.batch, e.model.spec.input_width()};
  const DType dtype = arguments.pixels.empty() ? stored.dtype : DType::kF32;
  e.batch = input(shape, dtype).named(stored.name);
  if (!arguments.pixels.empty()) {
    e.feeds = {{e.batch, Tensor::from(arguments.pixels, shape).cast(DType::kF32)}};
  } else if (wants_numbers) {
    e.feeds = {{e.batch, known_examples(arguments, config, e.batch)}};
  }
  e.step = make_step(arguments.seed);
  if (e.model.spec.classes > 0) {
    e.labels = constant(Tensor(Shape{arguments.batch}, DType::kI32)).named("labels");
  }
  nn::Batch batch = {e.batch};
  if (e.labels.defined()) batch.push_back(e.labels);
  e.objective = entry->objective(e.model)(batch, e.step);
  return e;
}

}  // namespace hourglass::tools
