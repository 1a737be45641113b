#pragma once

// Terms beside the reconstruction error: the papers' functions of Vars, for any code h [B, H] of
// any encoder, and the same as values that a Spec holds. The functions' results are scalars, per
// image (means over the B rows) unless they say otherwise. Derivatives come from the engine.

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ae/papers/streams.h"
#include "autograd/graph/var.h"
#include "autograd/ops/random.h"
#include "tensor/fields.h"

namespace hourglass::ae {

// An encoder as a function, row by row: x [B, D] -> h [B, H].
using Encoder = std::function<Var(const Var& x)>;

// Sum over units of |h|.
Var l1_penalty(const Var& h);

// Sum over units of KL(Bernoulli(rho) || Bernoulli(mean of the unit over the batch)), in nats: one
// number a batch, h in (0, 1). A mean that is 0 or 1 counts as 1e-7 or 1 - 1e-7, with derivative 0.
// Throws Error unless 0 < rho < 1.
Var kl_sparsity(const Var& h, double rho);

// Sum of squares of all dh/dx, exact: Rifai et al., "Contractive auto-encoders", 2011, equation 3.
Var contractive_penalty(const Var& h, const Var& x);

// The same by one random probe an image: unbiased, at the price of a backward pass.
Var hutchinson_penalty(const Var& h, const Var& x, const RandomKey& key, const Stream& stream);

// |J(x) - J(x + e)|_F^2, e ~ N(0, sigma^2) of x's shape, one draw an image: a stochastic penalty of
// second derivatives. Rifai et al., "Higher order contractive auto-encoder", 2011.
Var caeh_penalty(const Encoder& encode, const Var& x, double sigma, const RandomKey& key,
                 const Stream& stream);

// The squared maximum mean discrepancy between the rows of z and of the prior's draws [B, H],
// estimated without bias (so it may be negative); one number a batch, 0 for a batch of one row.
Var mmd_penalty(const Var& z, const Var& prior);

// What a penalty may be a function of, in a training step.
struct PenaltyInput {
  Var x;           // [B, D]: what the encoder sees
  Var h;           // [B, H]: the code without its noise
  Var code;        // [B, H]: what is decoded
  Encoder encode;  // x -> h
  RandomKey key;   // of its draws, and their stream
  Stream stream = "penalty";
};

struct Penalty;

// A kind of penalty: its name, which is its term's too, its numbers, its term. Each paper's file
// defines one; a further one is a file with such a definition, and its name below.
struct PenaltyKind {
  struct Number {
    std::string_view name = {};  // one of them is "weight"; without a name: there is no such number
    Limits limits = kPositive;
  };

  std::string_view name;
  std::string_view help;
  std::array<Number, 2> numbers;  // in the order of their text: "kl:RHO,WEIGHT"
  Var (*term)(const PenaltyInput& input, const std::vector<double>& numbers);
  bool over_units = true;      // the term is a sum over the code's units
  bool probabilities = false;  // it is about code units between 0 and 1
  bool to_prior = false;       // it draws the codes to N(0, 1)
  OwnStream stream = {};       // of a term that draws numbers

  Penalty operator()(double first) const;
  Penalty operator()(double first, double second) const;
  std::string form() const;  // "kl:RHO,WEIGHT"
};

namespace penalties {

extern const PenaltyKind l1;           // (weight)
extern const PenaltyKind kl;           // (rho, weight)
extern const PenaltyKind contractive;  // (weight)
extern const PenaltyKind hutchinson;   // (weight)
extern const PenaltyKind caeh;         // (weight, sigma)
extern const PenaltyKind mmd;          // (weight)

// All that a text can name.
inline constexpr std::array kAll = {&l1, &kl, &contractive, &hutchinson, &caeh, &mmd};

}  // namespace penalties

// A kind with its numbers: penalties::kl(0.05, 1).
struct Penalty {
  const PenaltyKind* kind = &penalties::l1;
  std::vector<double> numbers = {0.1};  // as the kind lists them

  double weight() const;  // of the term in the loss
  Var term(const PenaltyInput& input) const { return kind->term(input, numbers); }

  // Of "kl:0.05,1". Throws Error on an unknown name, listing all, and where check() does.
  static Penalty from_text(const std::string& text);
  bool operator==(const Penalty&) const = default;
};

std::string to_text(const Penalty& penalty);  // "l1:0.1", "kl:0.05,1"
void check(const Penalty& penalty);           // Error naming what is out of range

}  // namespace hourglass::ae
