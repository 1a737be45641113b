#pragma once

// One rule of one op made wrong while the program runs: what the certificate must notice. Rules are
// data, so nothing is rebuilt.

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/graph/op.h"

namespace hourglass::testing {

// A place and what is done to it. Parts: "derivative 0" (of argument 0), "batching", "kernel",
// "type", "follow", "lane". Kinds: see corruption.cc and corruption_edits.cc.
struct Fault {
  std::string op, part, kind;
  int pick = 0;  // which of several places in the rule's graph, or which argument

  std::string name() const;  // "tanh, derivative 0, dropped term 1"
};

// Every kind of fault in every part of every op of the library, in a fixed order; not all of them
// change something.
std::vector<Fault> all_faults();

// The fault is in the op while this lives; one at a time.
class Corruption {
 public:
  explicit Corruption(const Fault& fault);
  ~Corruption();
  Corruption(const Corruption&) = delete;
  Corruption& operator=(const Corruption&) = delete;

  bool called() const;         // the rule was asked for something
  bool changed() const;        // and gave something else than the right rule
  std::string detail() const;  // which node of the rule's graph was changed into what, if one was
};

// --- edits of what a rule makes. Internal to the corruption.

struct RuleGraph {
  Var right;               // what the rule made
  std::vector<Var> given;  // from what: inputs, cotangent, output; not looked into
  int pick = 0;
};
struct GraphEdit {
  const char* kind;
  int picks;
  Var (*edit)(const RuleGraph& rule);  // an empty Var: there is no such place
};
const std::vector<GraphEdit>& graph_edits();
std::string& edit_detail();  // what the last edit of one node was: "sin {} -> cos {}"

// Edits that need the derivative rule itself, to ask it again.
struct DerivativeCall {
  const Call& call;
  Var cotangent;
  VjpRule rule;
  Var right;
};
struct DerivativeEdit {
  const char* kind;
  Var (*edit)(const DerivativeCall& derivative);
};
const std::vector<DerivativeEdit>& derivative_edits();

}  // namespace hourglass::testing
