#pragma once

// The contraction normal form: what turns the graph of sum(square(batch_jacobian(h, x))) and its
// relatives into the closed form that a person would derive. docs/contractions.md explains it;
// simplify.cc is its only user. Internal.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "autograd/graph/term.h"
#include "autograd/graph/var_map.h"
#include "autograd/simplify/canonical.h"

namespace hourglass::contract {

// --- the data

// A sum has the terms of its inputs: forms share them, and nobody changes one.
using SharedTerm = std::shared_ptr<const Term>;
using Terms = internal::ShortVector<SharedTerm, 1>;
SharedTerm shared(Term&& term);

// The normal form of a node: a sum of terms.
struct Form {
  Terms terms;
  // The form it has if sums inside are left alone, each an atom: what stands in for a list of
  // several terms wherever a list may not pass. Null where there is none.
  SharedTerm cut;
  // The terms with additions distributed and not merged, where there is one inside, and the elements
  // of the largest such addition: once a sum (a trace) has left fewer, they may cost less apart.
  Terms apart;
  std::int64_t added_elements = 0;
  int work = 0;  // ops inside that cost anything
  // A hash of how the graph writes it: the ops inside, down to what its atoms are. 0: not known.
  std::size_t written = 0;
  bool spreads = false;   // an identity or a broadcast is inside
  bool bare_sum = false;  // an add that merged nothing: its terms are those of its inputs

  const SharedTerm& single() const { return terms.size() == 1 ? terms[0] : cut; }
  bool may_come_apart(const Var& node) const {
    return !apart.empty() && node.elements() < added_elements;
  }
};

// Form::written of a node from those of its inputs.
std::size_t written_as(const Var& node, std::initializer_list<std::size_t> inputs);
// Equal for forms of one term that are emitted alike: written alike, of atoms that are alike, of
// which the same are the same. 0 where it is not known.
std::size_t layout_of(const Form& form);

// --- convolutions (taps.cc)

// The zeros and ones of a tap, with its three axes. A constant.
Var tap_values(const Factor& tap, DType dtype);

// --- the order of the products (order.cc): integers only

// A product of tensors, each a set of labels, as bits.
struct Network {
  std::vector<double> sizes;           // of the labels
  std::vector<std::uint64_t> tensors;  // the labels of each
  std::vector<int> twins;              // the same tensor of the other copy, -1 if there is none
  std::uint64_t mirrored = 0;          // the labels in which twins differ
  std::uint64_t out = 0;               // the labels that stay

  bool operator==(const Network&) const = default;
};

// Tensors are numbered first, then the results of the joins in order. A join of twins has left ==
// right: the other side is the mirror image, and is not computed.
struct Join {
  int left = 0, right = 0;
};
struct Order {
  std::vector<Join> joins;
  double cost = 0;     // multiply-adds: for each join the product of the sizes of all its labels
  double largest = 0;  // elements of the largest result
};

// When the copies of a doubling may meet earlier than as whole twins, as in W'W, a Gram matrix. That
// can turn an exact zero into -1e-13. Below a trace, where numbers of both signs are summed anyway,
// it may whenever it costs less.
enum class Gram { kNever, kWhereItHalves, kWhereItIsLess };

// The cheapest order: exact up to 9 tensors, greedy or by pieces above.
Order order(const Network& network, Gram gram);

// The same for one term of several below a trace: what no copy shares is multiplied out first where
// that is not much dearer, since other terms need it, too (order_trace.cc).
Order order_below_trace(const Network& network);

struct NetworkHash {
  std::size_t operator()(const Network& network) const;
};

// --- back to ordinary ops (emit.cc)

class Emitter {
 public:
  explicit Emitter(internal::Canonical& canonical) : canonical_(canonical) {}

  // A canonical node that computes the sum of the terms, with one axis an axis of `out`; `gram` as
  // for order. Nothing if there are too many labels.
  std::optional<Var> emit(std::span<const SharedTerm> terms, DType dtype, Gram gram);
  Var canonical(const Var& x) { return canonical_(x); }

 private:
  std::optional<Var> emit_term(const Term& term, DType dtype, Gram gram);
  const Order& order_of(const Network& network, Gram gram);
  const Var& loaded(const Factor& tap, DType dtype);  // its values

  internal::Canonical& canonical_;
  // Layers are alike, and so are their networks: each is searched once.
  std::unordered_map<Network, Order, NetworkHash> orders_[3];  // by Gram
  std::vector<Factor> taps_;  // each made once, so that equal terms are equal nodes
};

// --- the form of a node from those of its inputs (form.cc, elementwise.cc, sum.cc)

// In one graph: each makes new nodes. Long products of plain factors (the derivative of a deep net)
// cost time to search and seldom give anything.
inline constexpr int kMostMerges = 4000;
inline constexpr int kMostLongProducts = 4000;
inline constexpr std::size_t kFewFactors = 4;
// Longer sums and longer products are cut; a product once doubled may be thrice as long. So eight
// layers have their Laplacian taken apart.
inline constexpr std::size_t kMaxTerms = 8;
inline constexpr std::size_t kMaxFactors = 32;

// Made bottom-up, inputs before users; what stays an atom takes no memory.
class Forms {
 public:
  // `leaves` are never looked through.
  Forms(const std::vector<Var>& leaves, Emitter& emitter);

  void add(const Var& node);                // does nothing if it was added before
  const Form* find(const Var& node) const;  // nullptr: an atom

 private:
  // The form of a node, or that of an atom, which is then `made`.
  const Form& get(const Var& node, Form& made) const;
  Form atom_form(const Var& node) const;
  std::size_t written_as_atom(const Var& node) const;
  std::optional<Form> make(const Var& node);
  std::optional<Form> structural(const Var& node) const;
  std::optional<Form> relabelled(const Var& node) const;
  std::optional<Form> second_of(const Var& node, const Form& input) const;
  std::optional<Form> product(const Var& node);
  std::optional<Form> sum(const Var& node);
  std::optional<Form> elementwise(const Var& node) const;
  Term applied(const Var& node, Term term) const;

  VarSet added_;
  VarMap<Form> forms_;
  VarSet leaves_;
  Emitter& emitter_;
  int merges_ = 0;
  int long_products_ = 0;  // of more than a few factors, where nothing is spread or doubled
};

// The sum of two terms as one, by their common factors; nothing where they have too little in
// common. What is left of both becomes a new node.
std::optional<Term> merge(const Term& a, const Term& b, DType dtype, Emitter& emitter);

// The term with its factors as twins, if they are two copies of a product that differ in summed
// labels, as a trace of J'J leaves them: each is then computed once. Nothing if they are not.
std::optional<Term> paired(const Term& term);

}  // namespace hourglass::contract
