// A step allocates nothing: every operator new of the process is counted.

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "autograd/compile/program.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"
#include "nn/layers/losses.h"
#include "nn/train/optimizers.h"
#include "tests/autograd/support.h"

namespace {

std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t) ? std::malloc(bytes == 0 ? 1 : bytes)
                                                        : std::aligned_alloc(alignment, rounded);
  return memory;
}

void* counted_or_throw(std::size_t bytes, std::size_t alignment) {
  void* memory = counted(bytes, alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

// Not to be inlined: the compiler would see free() meet a pointer from operator new.
[[gnu::noinline]] void release(void* p) noexcept { std::free(p); }

}  // namespace

// All of them: what one allocates another releases, and free() must take it.
void* operator new(std::size_t bytes) { return counted_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return counted_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes, 1); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { release(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }

namespace hourglass {
namespace {

// One training step of a loss, fed with u8 images.
struct TrainingStep {
  std::vector<Var> parameters;
  Step step = make_step(3);
  nn::Adam adam;
  Var images = input(Shape{40, 144}, DType::kU8);
  Var x = cast(images, DType::kF32) * (1.0 / 255);

  Var weight(const Shape& shape) {
    const auto seed = static_cast<std::uint64_t>(parameters.size()) + 1;
    parameters.push_back(parameter(testing::random_tensor(shape, seed, -0.2, 0.2, DType::kF32)));
    return parameters.back();
  }
  Var layer(const Var& h, std::int64_t out) {
    const Var product = matmul(h, weight(Shape{out, h.size(1)}), false, true);
    return product + weight(Shape{out});
  }
  Program compiled(const Var& loss, int threads) {
    adam.update(step, parameters, grad(loss, parameters), 1e-3);
    return compile(step, {loss}, {.inputs = {images}, .watch = {loss}, .threads = threads});
  }
};

Var dense_loss(TrainingStep& t) {
  const Var h = relu(t.layer(t.x, 70));
  const Var mean = t.layer(h, 6), log_variance = t.layer(h, 6);
  const Var noise = random_normal(t.step.key, "noise", mean.shape());
  const Var z = mean + exp(0.5 * log_variance) * noise;
  const Var g = transpose(tanh(t.layer(z * top_k_mask(z, 3), 70)));
  const Var y = t.layer(transpose(g), 144);
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  return nn::binary_cross_entropy_with_logits(y, t.x, per_image) +
         nn::reduce(kl_standard_normal(mean, log_variance), per_image) +
         sum(square(t.parameters[0]));
}

Var convolutional_loss(TrainingStep& t) {
  const Var image = reshape(t.x, Shape{40, 1, 12, 12});
  const ConvOptions options{.stride = {2, 2}, .padding = {1, 1, 1, 1}};
  const Var bias = reshape(t.weight(Shape{5}), Shape{1, 5, 1, 1});
  const Var h = relu(conv2d(image, t.weight(Shape{5, 1, 4, 4}), options) + bias);
  const Var y = sigmoid(conv_transpose2d(h, t.weight(Shape{5, 1, 4, 4}), options));
  return nn::squared_error(y, image, nn::Reduce::kMeanOverElements);
}

void check_allocates_nothing(Var (*loss)(TrainingStep&), const std::string& name) {
  for (const int threads : {1, 2}) {
    TrainingStep t;
    Program program = t.compiled(loss(t), threads);
    const std::vector<Tensor> fed = {
        testing::random_tensor(Shape{40, 144}, 5, 0, 255).cast(DType::kU8)};
    for (int run = 0; run < 20; ++run) program.run(fed);  // threads start and take their scratch
    const std::int64_t before = allocations;
    for (int run = 0; run < 5; ++run) program.run(fed);
    const std::int64_t made = allocations - before;
    CAPTURE(name);
    CAPTURE(threads);
    CHECK(made == 0);
  }
}

TEST_CASE("a training step allocates nothing") {
  const std::int64_t before = allocations;
  { const std::vector<int> counted(3); }
  REQUIRE(allocations > before);  // the counter counts
  check_allocates_nothing(dense_loss, "dense");
  check_allocates_nothing(convolutional_loss, "convolutional");
}

}  // namespace
}  // namespace hourglass
