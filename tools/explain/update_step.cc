#include "tools/explain/update_step.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "autograd/graph/graph.h"
#include "autograd/graph/print.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/train/optimizers.h"
#include "tools/text_table.h"

namespace hourglass::tools {
namespace {

double norm(const Tensor& t) {
  double sum = 0;
  for (const double x : t.values()) sum += x * x;
  return std::sqrt(sum);
}

// Of a parameter's label "NAME", the nodes that are called "NAME: what", by what.
std::vector<std::pair<std::string, Var>> named_of(const std::string& name,
                                                  const std::vector<Var>& nodes) {
  std::vector<std::pair<std::string, Var>> named;
  const std::string before = name + ": ";
  for (const Var& node : nodes) {
    if (!node.label().starts_with(before)) continue;
    named.emplace_back(node.label().substr(before.size()), node);
  }
  return named;
}

}  // namespace

Stepper::Stepper(Explained& e)
    : e_(e),
      rate_(parameter(Tensor::scalar(0, e.objective.loss.dtype())).named("learning_rate")),
      wanted_({e.objective.loss}) {
  const std::vector<Var> parameters = e.model.trained_parameters();
  const std::vector<Var> gradients = grad(e.objective.loss, parameters);
  nn::Optimizer optimizer(e.options.optimizer);
  optimizer.update(e.step, parameters, gradients, rate_);
  begin(optimizer);
  std::vector<Var> values;
  for (const Update& update : e.step.updates) values.push_back(update.value);
  const std::vector<Var> nodes = ancestors(values);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Of of{parameters[i], {{"gradient", gradients[i]}}};
    for (const auto& named : named_of(parameters[i].label(), nodes)) of.named.push_back(named);
    for (const auto& [name, node] : of.named) wanted_.push_back(node);
    parameters_.push_back(of);
  }
  wanted_.insert(wanted_.end(), values.begin(), values.end());
}

void Stepper::begin(const nn::Optimizer& optimizer) const {
  std::vector<Var> state = optimizer.state();
  state.push_back(e_.step.step);
  for (const Var& part : state) {
    for (const auto& [name, value] : e_.stands_at) {
      if (name == part.label()) part.assign(value);
    }
  }
}

std::int64_t Stepper::number() const {
  return static_cast<std::int64_t>(e_.step.step.tensor().item()) + 1;
}

double Stepper::rate() const {
  nn::TrainingPlace place = e_.place;
  place.updates = std::min(number(), place.steps_per_epoch * place.epochs) - 1;
  return e_.options.learning_rate * nn::rate_factor(e_.options.schedule, place);
}

StepNumbers Stepper::next() {
  rate_.assign(Tensor::scalar(rate(), rate_.dtype()));
  const std::vector<Tensor> values = evaluate(wanted_, e_.feeds);
  StepNumbers numbers{number(), rate(), values[0].item(), 0, {}};
  std::size_t next = 1;
  for (const Of& of : parameters_) {
    ParameterStep step{of.parameter.label(), {{"weight", of.parameter.tensor().clone()}}};
    for (const auto& [name, node] : of.named) step.numbers.emplace_back(name, values[next++]);
    numbers.parameters.push_back(step);
  }
  make_updates({values.begin() + static_cast<std::ptrdiff_t>(next), values.end()});
  numbers.after = evaluate({e_.objective.loss}, e_.feeds)[0].item();
  e_.step.step.assign((constant(e_.step.step.tensor()) + 1).value());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    ParameterStep& step = numbers.parameters[i];
    const Tensor now = parameters_[i].parameter.tensor().clone();
    const Var change = constant(now) - constant(step.numbers[0].second);
    step.numbers.emplace_back("change", change.value());
    step.numbers.emplace_back("new weight", now);
  }
  return numbers;
}

// But for the step's own number: a loss that draws noise is to draw the same again.
void Stepper::make_updates(const std::vector<Tensor>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Var& parameter = e_.step.updates[i].parameter;
    if (!parameter.same(e_.step.step)) parameter.assign(values[i]);
  }
}

std::vector<StepNumbers> take_steps(Explained& e, int count) {
  Stepper stepper(e);
  std::vector<StepNumbers> steps;
  for (int i = 0; i < count; ++i) steps.push_back(stepper.next());
  return steps;
}

namespace {

// Losses and, where a schedule moves it, the rate.
TextTable losses_of(const std::vector<StepNumbers>& steps, const Explained& e, int digits) {
  const auto number = [&](double x) { return fmt::format("{:.{}g}", x, digits); };
  TextTable table = {{"step"}, {"loss"}, {"loss after it"}};
  if (e.options.schedule.kind != nn::Schedule::kConstant || e.options.schedule.warm_up > 0) {
    table.push_back({"learning rate"});
  }
  for (const StepNumbers& step : steps) {
    table[0].push_back(std::to_string(step.number));
    table[1].push_back(number(step.before));
    table[2].push_back(number(step.after));
    if (table.size() > 3) table[3].push_back(number(step.rate));
  }
  return table;
}

std::string rate_text(const Explained& e) {
  const nn::ScheduleOptions& schedule = e.options.schedule;
  std::string text = fmt::format("learning rate {:g}", e.options.learning_rate);
  if (schedule.kind != nn::Schedule::kConstant) text += " " + std::string(name_of(schedule.kind));
  return text;
}

}  // namespace

std::string steps_text(const std::vector<StepNumbers>& steps, const Explained& e, int digits) {
  std::string text =
      fmt::format("{}, {}{}{}\n\n{}", nn::name_of(e.options.optimizer.method), rate_text(e),
                  e.begins.empty() ? "" : "; ", e.begins, table_text(losses_of(steps, e, digits)));
  for (std::size_t p = 0; p < steps[0].parameters.size(); ++p) {
    const ParameterStep& first = steps[0].parameters[p];
    const Tensor& weight = first.numbers[0].second;
    TextTable table = {{first.parameter + " " + to_string(weight.shape())}};
    for (std::size_t i = 0; i < steps.size(); ++i)
      table[0].push_back(std::to_string(steps[i].number));
    for (std::size_t k = 0; k < first.numbers.size(); ++k) {
      table.push_back({"  " + first.numbers[k].first});
      for (const StepNumbers& step : steps) {
        table.back().push_back(short_numbers(step.parameters[p].numbers[k].second, digits));
      }
    }
    text += "\n" + table_text(table);
  }
  return text;
}

std::string norms_text(Explained& e, int digits) {
  const std::vector<Var> parameters = e.model.trained_parameters();
  TextTable table = {{"|d term / d parameter|"}};
  for (const Var& p : parameters) table.push_back({p.label()});
  std::vector<std::pair<std::string, Var>> terms;
  for (const nn::Term& term : e.objective.terms) terms.emplace_back(term.name, term.value);
  terms.emplace_back("loss", e.objective.loss);
  for (const auto& [name, value] : terms) {
    table[0].push_back(name);
    const std::vector<Tensor> gradients = evaluate(grad(value, parameters), e.feeds);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      table[i + 1].push_back(fmt::format("{:.{}g}", norm(gradients[i]), digits));
    }
  }
  return table_text(table);
}

}  // namespace hourglass::tools
