#include "tensor/kernels/scratch.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace hourglass::kernels::internal {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kLeast = 1 << 16;  // so that small work of several sizes grows it once

struct Release {
  void operator()(void* bytes) const { ::operator delete(bytes, kAlignment); }
};

struct Buffer {
  std::unique_ptr<void, Release> bytes;
  std::size_t size = 0;
};

thread_local std::array<Buffer, static_cast<std::size_t>(Scratch::kCount)> buffers;

}  // namespace

void* scratch_bytes(Scratch use, std::size_t bytes) {
  Buffer& buffer = buffers[static_cast<std::size_t>(use)];
  if (buffer.size < bytes) {
    bytes = std::max(bytes, kLeast);
    buffer = {};  // the old one goes first: the two need not fit side by side
    buffer.bytes.reset(::operator new(bytes, kAlignment));
    buffer.size = bytes;
  }
  return buffer.bytes.get();
}

}  // namespace hourglass::kernels::internal
