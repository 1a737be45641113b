#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "autograd/graph/evaluate.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "tensor/tensor.h"

namespace hourglass {

struct CompileOptions {
  std::vector<Var> inputs = {};      // what run() is given, in this order
  std::vector<Update> updates = {};  // written after each run, all from values before it; those
                                     // of a Step are handed over as a whole: compile(step, ...)
  std::vector<Var> watch = {};       // scalars that must be finite, or the run is not committed
  int threads = 0;                   // 0: threads() at the time of the run
  std::optional<bool> portable_bits = {};  // nothing: kernels::portable_bits() at that time
  bool frozen = false;           // parameters that no update writes keep the values that they have
                                 // now: for inference, row by row
  std::size_t memory_limit = 0;  // bytes for what is computed; 0: what the machine has left
};

// What the time of a step goes to.
enum class Work : std::uint8_t {
  kProduct,  // matmul and convolutions
  kLoop,     // fused elementwise loops
  kUpdate,   // those that write new values of parameters
  kOther     // every other kernel
};
// All of them, and what a person calls each.
inline constexpr std::array<std::pair<Work, const char*>, 4> kWorks = {
    {{Work::kProduct, "products"},
     {Work::kLoop, "loops"},
     {Work::kUpdate, "updates"},
     {Work::kOther, "other kernels"}}};

// Where the time of a program goes: medians over some runs, in seconds.
struct Profile {
  struct Line {
    std::string text;  // as in the plan
    Work work = Work::kOther;
    double seconds = 0;
  };
  std::vector<Line> lines;  // one an instruction, in order
  double seconds = 0;       // of a whole run, with what lies between and around the lines
  std::string memory;       // the plan's last line

  double of(Work work) const;  // the sum of its lines
};
std::string to_string(const Profile& profile);  // the plan with times, then a line a kind of work

// A graph made ready to run many times: what is common is computed once, buffers share one arena,
// and a run allocates nothing. Within a run every read of a parameter sees its value before the
// run. Movable; one run at a time.
class Program {
 public:
  Program();
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  // Runs once and returns the outputs. The tensors are reused by the next run unless a handle to
  // them is still held. Throws Error on inputs of other types than compiled for and on parameters
  // that another running program updates. Throws NonFiniteError when a watched value is not finite:
  // then no parameter has changed; and when the new value of a parameter is not finite: new values
  // are written in place, so parameters have changed by then, and a snapshot is the way back.
  const std::vector<Tensor>& run(std::span<const Tensor> inputs = {});
  const std::vector<Tensor>& run(std::initializer_list<Tensor> inputs);

  // What runs, where it writes and what shares memory, a line an instruction.
  std::string plan() const;
  std::size_t arena_bytes() const;
  std::size_t alive_bytes() const;  // what must be alive at the worst moment: no arena is smaller

  // Runs `runs` times with these inputs and takes the time of every line. The runs are real:
  // parameters move. Throws as run() does.
  Profile profile(std::span<const Tensor> inputs, int runs = 15);

 private:
  friend Program compile(const std::vector<Var>&, CompileOptions);
  struct Body;
  std::unique_ptr<Body> body_;
};

// Throws Error when an input of the graph is not listed, an update's types differ, a parameter is
// updated twice, a Step's new value is read and not written back, a watched value is not a scalar,
// threads is not 0 to 1024, or the buffers would not fit in memory.
Program compile(const std::vector<Var>& outputs, CompileOptions options = {});

// The same with the updates that the step has recorded, beside those that the options list. (A
// template, so that no {} is taken for a step.)
template <std::same_as<Step> S>
Program compile(const S& step, const std::vector<Var>& outputs, CompileOptions options = {}) {
  options.updates.insert(options.updates.begin(), step.updates.begin(), step.updates.end());
  return compile(outputs, std::move(options));
}

// A graph and how it is compiled, as a function of its inputs.
struct Graph {
  std::vector<Var> outputs = {};
  CompileOptions options = {};  // `inputs` is filled in
};

// One program a signature of inputs: f is called with fresh inputs the first time that shapes and
// dtypes are seen (a last, smaller batch), and the program is kept.
class ProgramByShape {
 public:
  explicit ProgramByShape(std::function<Graph(const std::vector<Var>& inputs)> f);
  const std::vector<Tensor>& run(std::span<const Tensor> inputs);
  const std::vector<Tensor>& run(std::initializer_list<Tensor> inputs);
  std::size_t programs() const { return kept_.size(); }

 private:
  struct Kept {
    std::vector<Shape> shapes;
    std::vector<DType> dtypes;
    Program program;
  };
  std::function<Graph(const std::vector<Var>&)> f_;
  std::vector<Kept> kept_;
};
ProgramByShape compile_by_shape(std::function<Graph(const std::vector<Var>& inputs)> f);

}  // namespace hourglass
