#include "ae/papers/penalties.h"

#include <doctest/doctest.h>

#include "ae/model/objective.h"
#include "ae/model/spec.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;
using namespace hourglass::ae;

TEST_CASE("a modifier survives its text") {
  for (const char* text : {"gaussian:0.5", "masking:0.25", "salt-and-pepper:0.1", "cauchy:0.001"}) {
    CHECK(to_text(Corruption::from_text(text)) == text);
  }
  for (const char* text :
       {"l1:0.1", "kl:0.05,3", "contractive:0.1", "hutchinson:1e-05", "caeh:0.1,0.3", "mmd:10"}) {
    CHECK(to_text(Penalty::from_text(text)) == text);
  }
  CHECK(Penalty::from_text("kl:0.05,3") == penalties::kl(0.05, 3));
  CHECK(Penalty::from_text("kl:0.05,3").weight() == 3);
}

TEST_CASE("a modifier out of range is refused by name, with what was given") {
  const auto corruption = [](const char* text) { Corruption::from_text(text); };
  CHECK_THROWS_WITH_AS(corruption("masking:1.5"),
                       "corruption: masking: the rate must be between 0 and 1: got 1.5", Error);
  CHECK_THROWS_WITH_AS(corruption("salt-and-pepper:-0.1"),
                       "corruption: salt-and-pepper: the rate must be between 0 and 1: got -0.1",
                       Error);
  CHECK_THROWS_WITH_AS(corruption("gaussian:-1"),
                       "corruption: gaussian: the level must be a positive number: got -1", Error);
  CHECK_THROWS_WITH_AS(corruption("cauchy:inf"),
                       "corruption: cauchy: the level must be a positive number: got inf", Error);
  CHECK_THROWS_WITH_AS(corruption("blur:1"),
                       "corruption: there is none named blur: expected one of gaussian, masking, "
                       "salt-and-pepper, cauchy",
                       Error);
  CHECK_THROWS_WITH_AS(corruption("masking"), "corruption: expected masking:LEVEL: got masking",
                       Error);
  CHECK_THROWS_WITH_AS(corruption("masking:0.2x"),
                       "corruption: masking:0.2x: expected a number at 0.2x", Error);
  const auto penalty = [](const char* text) { Penalty::from_text(text); };
  CHECK_THROWS_WITH_AS(penalty("l1:-1"),
                       "penalty: l1: the weight must be a positive number: got -1", Error);
  CHECK_THROWS_WITH_AS(penalty("kl:1.2,1"), "penalty: kl: rho must be between 0 and 1: got 1.2",
                       Error);
  CHECK_THROWS_WITH_AS(penalty("kl:0.1"), "penalty: expected kl:RHO,WEIGHT: got kl:0.1", Error);
  CHECK_THROWS_WITH_AS(penalty("caeh:1,0"), "penalty: caeh: sigma must be a positive number: got 0",
                       Error);
  CHECK_THROWS_WITH_AS(penalty("l1:"), "penalty: l1:: expected a number at its end", Error);
}

TEST_CASE("parts of a spec that make no sense together are refused") {
  const auto build = [](const Spec& spec) { make_autoencoder(spec, 0); };
  CHECK_THROWS_WITH_AS(build({.encoder = {8, 4}, .rule = ae::TopK{.active = 5}}),
                       "spec: top-k: the active units must be 1 to 4, the code's width: got 5",
                       Error);
  CHECK_THROWS_WITH_AS(build({.encoder = {8, 4}, .rule = ae::TopK{.active = 0}}),
                       "spec: top-k: the active units must be 1 to 4, the code's width: got 0",
                       Error);
  CHECK_THROWS_WITH_AS(
      build({.encoder = {8, 4}, .penalties = {{&penalties::kl, {0.1, 1}}}}),
      "spec: the penalty kl needs code units between 0 and 1: the code activation is identity: "
      "expected sigmoid",
      Error);
  CHECK_THROWS_WITH_AS(
      build({.encoder = {8, 4}, .penalties = {{&penalties::l1, {1}}, {&penalties::l1, {2}}}}),
      "spec: the penalty l1 is given twice: l1:1 and l1:2", Error);
  CHECK_THROWS_WITH_AS(build({.encoder = {8, 4}, .loss_scale = -1}),
                       "spec: loss_scale must be a positive number: got -1", Error);
}

TEST_CASE("a spec of many parts survives its JSON") {
  const Spec spec{.encoder = {10, 7, 3},
                  .code = nn::Activation::kSigmoid,
                  .loss = Loss::kCorrentropy,
                  .loss_scale = 0.2,
                  .tied = true,
                  .rule = ae::TopK{.active = 2},
                  .corruption = {{Noise::kMasking, 0.25}, {Noise::kGaussian, 0.1}},
                  .penalties = {{&penalties::kl, {0.05, 3}}, {&penalties::contractive, {0.1}}}};
  CHECK(spec_from_json(to_json(spec)) == spec);
}

TEST_CASE("a spec written before there were modifiers still opens") {
  const Spec spec = spec_from_json(
      R"({"encoder":[10,3],"decoder":[3,10],"hidden":"relu","code":"relu","output":"sigmoid",
          "loss":"bce","tied":false,"init":"torch"})");
  CHECK(spec == Spec{.encoder = {10, 3}, .code = nn::Activation::kRelu, .loss = Loss::kBce});
}
