#include "tensor/kernels/gemm/blocking.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

#include "tensor/error.h"
#include "tensor/kernels/gemm/product.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kBusy = std::int64_t{1} << 32;  // multiply-adds of a process

// The last one that was set, or none. Products may still read those before it, so all are kept.
std::atomic<const GemmBlocking*> chosen{nullptr};
std::mutex mutex;
std::list<GemmBlocking> all_set;

// What is asked once the process is busy, and how far that is.
std::atomic<GemmBlocking (*)()> waiting{nullptr};
std::atomic<std::int64_t> left{0};

void check(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw Error(fmt::format("blocking: {} must be from {} to {}: got {}", name, least, most, value));
}

void check(const GemmBlocking& blocking) {
  check("depth", blocking.depth, 16, 1024);
  check("rows", blocking.rows_kib, 16, 1 << 20);
  check("in-place", blocking.in_place, 0, 1 << 20);
}

bool read(const std::string& text, std::int64_t& value) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end;
}

bool read(const std::string& text, bool& value) {
  value = text == "yes";
  return value || text == "no";
}

bool read_part(const std::string& part, GemmBlocking& b) {
  const std::size_t equals = part.find('=');
  if (equals == std::string::npos) return false;
  const std::string name = part.substr(0, equals), value = part.substr(equals + 1);
  if (name == "depth") return read(value, b.depth);
  if (name == "rows") return read(value, b.rows_kib);
  if (name == "in-place") return read(value, b.in_place);
  if (name == "pack") return read(value, b.packs_transposed);
  return name == "turn" && read(value, b.turns_narrow);
}

}  // namespace

std::string to_text(const GemmBlocking& b) {
  const auto word = [](bool on) { return on ? "yes" : "no"; };
  return fmt::format("depth={},rows={},in-place={},pack={},turn={}", b.depth, b.rows_kib,
                     b.in_place, word(b.packs_transposed), word(b.turns_narrow));
}

GemmBlocking GemmBlocking::from_text(const std::string& text) {
  if (text == "measured") return measured_gemm_blocking();
  GemmBlocking blocking = default_gemm_blocking();
  if (text == "default") return blocking;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (!read_part(text.substr(at, end - at), blocking)) {
      throw Error(
          fmt::format("blocking: expected measured, default or depth=N,rows=N,in-place=N,"
                      "pack=yes,turn=yes: got \"{}\"",
                      text));
    }
    at = end + 1;
  }
  check(blocking);
  return blocking;
}

// Measured on Zen 4: rows of b that are read in place are whole cache lines with AVX-512 only, its
// tiles are high enough for a transposed a where it lies, and its vectors so long that few columns
// fill them badly.
GemmBlocking default_gemm_blocking() {
  if (internal::tile_lanes() >= 16) return {};
  return {.in_place = 4, .packs_transposed = true, .turns_narrow = false};
}

GemmBlocking gemm_blocking() {
  const GemmBlocking* const set = chosen.load(std::memory_order_acquire);
  return set != nullptr ? *set : default_gemm_blocking();
}

void set_gemm_blocking(const GemmBlocking& blocking) {
  check(blocking);
  waiting = nullptr;
  const std::scoped_lock lock(mutex);
  all_set.push_back(blocking);
  chosen.store(&all_set.back(), std::memory_order_release);
}

void set_gemm_blocking_when_busy(GemmBlocking (*source)()) {
  left = kBusy;
  waiting = source;
}

void internal::count_products(double work) {
  if (waiting.load(std::memory_order_relaxed) != nullptr &&
      (left -= static_cast<std::int64_t>(work)) < 0) {
    // Taken by one thread: the others go on as before, and so do products that it measures.
    if (const auto source = waiting.exchange(nullptr)) set_gemm_blocking(source());
  }
}

}  // namespace hourglass::kernels
