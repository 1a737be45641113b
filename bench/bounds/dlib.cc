// A training step of W1 against dlib's: forward, backward and Adam.

#include <dlib/dnn.h>

#include "bench/bounds/rows.h"
#include "bench/common/workloads.h"

namespace hourglass::bench {
namespace {

// Without its trainer, which hands each step to another thread.
class DlibStep {
 public:
  explicit DlibStep(const Tensor& images)  // [batch, 784]
      : solvers_(Net::num_computational_layers, dlib::adam(0, 0.9F, 0.999F)) {
    const std::int64_t width = images.shape()[1];
    const float* x = images.data<float>();
    for (std::int64_t i = 0; i < images.shape()[0]; ++i, x += width) {
      images_.push_back(dlib::mat(x, width, 1));
    }
  }

  void run() {
    net_.to_tensor(images_.begin(), images_.end(), x_);
    net_.compute_parameter_gradients(x_, images_.begin());
    net_.update_parameters(dlib::make_sstack(solvers_), kLearningRate);
  }

 private:
  using Image = dlib::matrix<float>;
  using Code = dlib::htan<dlib::fc<36, dlib::input<Image>>>;
  using Net = dlib::loss_mean_squared_multioutput<dlib::sig<dlib::fc<784, Code>>>;

  Net net_;
  std::vector<dlib::adam> solvers_;
  std::vector<Image> images_;
  dlib::resizable_tensor x_;
};

}  // namespace

Row dlib_row(const std::string& name, int threads, double seconds) {
  const Workload& workload = find_workload("W1");
  Program ours = make_training(workload, {.threads = threads});
  const Tensor x = make_images(workload).rows(0, workload.batch);
  DlibStep theirs(x);
  return paired_medians(
      name, "ms", 1e3, seconds, [&] { ours.run({x}); }, [&] { theirs.run(); });
}

}  // namespace hourglass::bench
