#include "ae/model/spec_fields.h"

#include <doctest/doctest.h>

#include <set>

#include "tensor/error.h"

using namespace hourglass;
using namespace hourglass::ae;

TEST_CASE("a row of the table has a help, and no option stands in two rows") {
  std::set<std::string> options;
  for (const Field<Spec>& f : spec_fields()) {
    CAPTURE(f.name + "/" + f.option);
    CHECK_FALSE(f.help.empty());
    CHECK_FALSE((f.name.empty() && f.option.empty()));
    if (!f.option.empty()) CHECK(options.insert(f.option).second);
  }
}

TEST_CASE("a row gives back what it was set to, and leaves the other fields alone") {
  for (const Field<Spec>& f : spec_fields()) {
    CAPTURE(f.name + "/" + f.option);
    Spec spec{.encoder = {8, 6, 4}, .input = {1, 2, 4}, .conv = {}};
    if (f.refusal && !f.refusal(spec).empty()) continue;
    const Value before = f.get(spec);
    f.set(spec, before);
    CHECK(f.get(spec) == before);
  }
}

TEST_CASE("options change the widths they are about") {
  Spec spec{.encoder = {8, 6, 4}};
  const auto set = [&](const char* option, const Value& value) {
    for (const Field<Spec>& f : spec_fields()) {
      if (f.option == option) return f.set(spec, value);
    }
    FAIL("no option " << option);
  };
  using Widths = std::vector<std::int64_t>;
  set("code,latent", std::int64_t{3});
  CHECK(spec.encoder == Widths{8, 6, 3});
  set("hidden", Widths{7, 5});
  CHECK(spec.encoder == Widths{8, 7, 5, 3});
  set("hidden", Widths{});
  CHECK(spec.encoder == Widths{8, 3});
  set("decoder", Widths{9});
  CHECK(spec.decoder == Widths{3, 9, 8});
  set("codebook", Widths{16, 3});
  CHECK(spec.rule == CodeRule(Quantised{.entries = 16, .entry_width = 3}));
  set("commitment", 0.5);
  CHECK(spec.quantised()->commitment == 0.5);
  set("top-k", std::int64_t{2});
  CHECK(spec.rule == CodeRule(ae::TopK{.active = 2}));
  spec.code = nn::Activation::kRelu;
  set("gaussian", true);
  CHECK(spec.gaussian() != nullptr);
  CHECK(spec.code == nn::Activation::kIdentity);  // a mean is not bounded
  set("loss", std::string("correntropy:0.2"));
  CHECK(spec.loss_scale == 0.2);
  set("penalty", std::vector<std::string>{"l1:1", "mmd:2"});
  set("penalty", std::vector<std::string>{"l1:3"});
  CHECK(spec.penalties == std::vector<Penalty>{penalties::l1(3), penalties::mmd(2)});
}

TEST_CASE("a description says what is beside the defaults") {
  const Spec spec{.encoder = {8, 4}, .loss = Loss::kBce, .rule = Gaussian{.beta = 4}};
  std::string text;
  for (const auto& [name, value] : described(spec)) text += name + ": " + value + "\n";
  CHECK(text ==
        "code rule: gaussian, beta 4, warm_up 0, free_bits 0, samples 1, importance no\n"
        "loss: bce\n");
}
