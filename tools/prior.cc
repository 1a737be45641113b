#include "tools/prior.h"
#include "tools/describe.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kFitted = 20000;  // training examples at most

}  // namespace

bool has_prior(const ae::Spec& spec) {
  return spec.gaussian() || !spec.discriminator.empty() ||
         std::any_of(spec.penalties.begin(), spec.penalties.end(),
                     [](const ae::Penalty& p) { return p.kind->to_prior; });
}

Prior prior_of(const char* who, const LoadedRun& run, const std::optional<std::string>& from,
               const std::optional<std::string>& data) {
  if (from && *from != "prior" && *from != "fitted") {
    throw Error(fmt::format("{}: from: expected prior or fitted: got {}", who, *from));
  }
  const bool prior = from ? *from == "prior" : has_prior(run.config.spec);
  if (prior) return {ae::standard_normal(run.config.spec.code_width()), "the prior"};
  const nn::DataSet train = data_of(who, run, data).all;
  const std::int64_t n = std::min(train.count(), kFitted);
  const nn::DataSet few = train.range(0, n);
  const Tensor labels = examples_of(run.config.spec, few).labels;
  return {ae::fit_normal(encode_examples(run, few.examples, labels)),
          fmt::format("a normal fitted to the codes of {}", counted(n, train.kind, "training "))};
}

void add_prior_options(const Command& command, std::optional<std::string>& from,
                       std::optional<std::string>& data) {
  command
      .add_option("--from", from,
                  "prior: N(0, 1); fitted: a normal with mean and covariance of the training "
                  "examples' codes (nothing: the prior where codes are trained to it)")
      .offers({"prior", "fitted"});
  command.add_option("--data", data, data_help("(nothing: what it learnt from)"));
}

}  // namespace hourglass::tools
