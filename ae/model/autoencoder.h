#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ae/model/conv.h"
#include "ae/model/spec.h"
#include "autograd/graph/var.h"
#include "autograd/ops/random.h"
#include "autograd/ops/sparse.h"
#include "nn/data/rows.h"
#include "nn/layers/linear.h"
#include "nn/layers/mlp.h"

namespace hourglass::ae {

// What an encoder gives, and a decoder takes. For the decoder alone the code is enough, with labels
// where it is given classes: decode({.code = z}).
struct Encoded {
  Var code;                     // [B, H]: what is decoded; of a Gaussian code the mean
  Var before = {};              // [B, H]: the same before the code rule
  Var linear = {};              // [B, H]: before the code layer's activation, too
  Posterior posterior = {};     // of a Gaussian code
  Quantisation quantised = {};  // of a quantised code
  Switches switches = {};       // where there is pooling; without them unpooling puts values into
                                // the corners of their windows
  Var labels = {};              // i32 [B]: those that the encoder was given

  Encoded with_code(const Var& other) const;  // another draw, say
};

// What a parameter is for.
enum class Part : std::uint8_t {
  kEncoder,      // up to the code, or to the mean of a Gaussian one
  kLogVariance,  // the other head of a Gaussian code
  kDecoder,
  kCodebook,       // state, moved by the objective's own updates
  kDiscriminator,  // against the encoder, by an objective of its own
  kScale           // state: what fit_input found of the columns
};
inline constexpr std::array kParts = {Part::kEncoder,  Part::kLogVariance,   Part::kDecoder,
                                      Part::kCodebook, Part::kDiscriminator, Part::kScale};

// An autoencoder: x [B, D] -> code [B, H] -> reconstruction [B, D]. All of these are the model's
// own numbers, which scaled() makes of stored ones and unscaled() makes user's units of. A
// class-conditional model takes labels, i32 [B], everywhere; the others ignore them.
struct Autoencoder {
  Spec spec;
  ConvStack conv_encoder, conv_decoder;  // before and after the others; without layers if dense
  nn::Mlp encoder;                       // of a Gaussian code: up to the heads
  nn::Mlp decoder;
  nn::Linear mean, log_variance;  // the heads of a Gaussian code, else empty
  Var codebook;                   // [entries, entry_width] of a quantised code, else undefined
  Var codebook_uses;              // [entries]: state of its training, not saved
  Var log_dispersion;             // [D], where the loss has one
  nn::Linear dropout;             // the decoder's other head, where the loss has one, else empty
  nn::Mlp discriminator;          // of codes, to logits [B, 1]; without layers if there is none
  Var log_deviation;              // [1] of a loss that learns one, else undefined
  InputScale input;

  // Examples as stored, [B, D], as the encoder takes them; as the loss does; and 1 where there is a
  // value, or undefined where none may be missing. See InputScale.
  Var scaled(const Var& stored) const { return input.scaled(stored, dtype()); }
  SparseRows scaled(const SparseRows& stored) const;  // of a scale that keeps 0
  Var target(const Var& stored) const { return input.target(stored, dtype()); }
  Var present(const Var& stored) const { return input.present(stored, dtype()); }
  Var unscaled(const Var& y) const { return input.unscaled(y); }
  DType dtype() const;  // of its weights

  // x [B, D] without noise: a Gaussian code is its mean. `code_noise` [B, H], where there is some, is
  // added to the code layer ahead of its activation. Throws Error where labels are missing.
  Encoded encode(const Var& x, const Var& labels = {}, const Var& code_noise = {}) const;

  // The same of sparse rows, the model's own numbers [B, D]; see takes_sparse().
  Encoded encode(const SparseRows& x, const Var& code_noise = {}) const;

  // [B, D]. Of a loss of counts the distribution's mean; of a multinomial for rows of one count; of a
  // category the probabilities of its words.
  Var decode(const Encoded& encoded) const;
  // The same before the output activation: the logits of a sigmoid.
  Var decode_linear(const Encoded& encoded) const;
  // What the loss takes of the decoder, beside the target x.
  LossInput loss_input(const Encoded& encoded, const Var& x = {}) const;
  // decode(encode(x)), of a multinomial for as many counts as x has.
  Var reconstruct(const Var& x, const Var& labels = {}) const;

  // Labels for images whose classes are not known: none of the classes, for a class-conditional
  // model; undefined for the others.
  Var no_labels(std::int64_t count) const;

  // `count` draws of the prior N(0, 1), decoded: [count, D]. What a model generates whose codes are
  // held to it (Gaussian, mmd, discriminator).
  Var sample(const RandomKey& key, std::int64_t count, const Var& labels = {}) const;

  // Each parameter once: encoder.0.weight, encoder.0.bias, ..., mean.weight, ...,
  // decoder.0.weight, ..., log_deviation, log_dispersion, dropout.weight, ..., codebook.weight,
  // discriminator.0.weight, ..., input.mean, ...; of a tied decoder the biases only.
  void visit(const nn::Visitor& visitor);
  void visit(Part part, const nn::Visitor& visitor);  // those of one part, in the same order
  std::vector<Var> parameters();
  std::vector<Var> parameters(const std::vector<Part>& parts);
  // Those that a gradient trains: all but a codebook, which the objective's own updates move, and
  // the columns' numbers.
  std::vector<Var> trained_parameters();
};

// Whether a model's encoder can be given sparse rows in place of [B, D]: a dense first layer of
// nothing but the scaled examples, whose scale keeps 0, and no penalty, which might want the encoder's
// derivative.
bool takes_sparse(const Spec& spec);

// Fresh weights, a function of the spec and the seed. Throws Error where check(spec) does, and
// where they would not fit in memory.
Autoencoder make_autoencoder(const Spec& spec, std::uint64_t seed);

// Such a model with inputs of the same names and shapes in place of its parameters: what it would
// take, taking nothing. Throws Error where check(spec) does.
Autoencoder measured_autoencoder(const Spec& spec);
std::vector<Var> measured_parameters(const Spec& spec);  // its inputs

// Finds the numbers of the model's scale in the rows [N, D] it will learn from, as stored; nothing
// for a scale without numbers. Throws Error naming what is not finite.
void fit_input(Autoencoder& model, const nn::Rows& rows);

// Stored pixels as numbers in the graph: u8 becomes f32 / 255, i32 f32 / 65535, real numbers stay.
// What a model's scaled() is unless its spec says otherwise.
Var pixels(const Var& stored);

}  // namespace hourglass::ae
