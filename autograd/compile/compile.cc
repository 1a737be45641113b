#include <fmt/core.h>

#include <memory>
#include <string>

#include "autograd/compile/freeze.h"
#include "autograd/compile/fuse.h"
#include "autograd/compile/plan.h"
#include "autograd/compile/program_body.h"
#include "autograd/compile/request.h"
#include "autograd/compile/schedule.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

Request request_of(const std::vector<Var>& outputs, const CompileOptions& options) {
  Request request{outputs, options.updates, options.watch, {}, options.inputs};
  for (const Var& term : options.watch) {
    request.watch_names.push_back(term.defined() ? term.label() : "");
  }
  return request;
}

void check_threads(int threads) {
  if (threads >= 0 && threads <= 1024) return;
  throw Error(fmt::format("compile: threads: expected 1 to 1024, or 0 for all: got {}", threads));
}

}  // namespace

Program compile(const std::vector<Var>& outputs, CompileOptions options) {
  Request request = request_of(outputs, options);
  check_request(request);
  check_threads(options.threads);
  request = simplify(request);
  if (options.frozen) request = freeze(request);
  std::vector<Instruction> fused = fuse(request.kept());
  std::vector<Instruction> ordered = schedule(std::move(fused), request.updates, request.watch);
  Plan plan = lay_out(std::move(ordered), request, options.memory_limit);
  Program program;
  program.body_ = std::make_unique<Program::Body>(std::move(request), std::move(plan),
                                                  options.threads, options.portable_bits);
  return program;
}

}  // namespace hourglass
