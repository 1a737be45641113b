#include "tools/blocking.h"

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"

namespace hourglass::tools {

using namespace internal;

namespace {

const std::string kMeasured = "measured";

std::string asked = "default";
constexpr std::size_t kMostBytes = 1 << 20;  // of a cache

// Empty where neither variable names a folder (XDG Base Directory Specification: relative ones do
// not count).
std::string cache_path() {
  const auto folder = [](const char* name) {
    const char* const text = std::getenv(name);
    return text != nullptr && text[0] == '/' ? std::string(text) : std::string();
  };
  std::string cache = folder("XDG_CACHE_HOME");
  if (cache.empty() && !folder("HOME").empty()) cache = folder("HOME") + "/.cache";
  return cache.empty() ? "" : cache + "/hourglass/blocking.json";
}

// One cache may serve several machines and versions.
std::string key() {
  return fmt::format("{}, {}, {}", cpu_name(), kernels::cpu_target(), HOURGLASS_VERSION);
}

// Entries of a file; none where there is no such file. Throws whatever is wrong with it.
Json read_cache(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return Json::object();
  const Json all = parse_json(InputFile(path, "blocking").head(kMostBytes));
  return all.is_object() ? all : Json::object();
}

// What a cache gives, or `otherwise`: whatever is wrong with it costs the next process 0.1 s.
template <class F, class T>
T whatever_is_wrong(T otherwise, F&& use) {
  try {
    return use();
  } catch (const std::exception&) {
    return otherwise;
  }
}

std::optional<kernels::GemmBlocking> kept(const std::string& path) {
  using Blocking = std::optional<kernels::GemmBlocking>;
  return whatever_is_wrong(Blocking(), [&]() -> Blocking {
    const Json all = read_cache(path);
    if (!all.contains(key()) || !all[key()].is_string()) return {};
    const std::string text = all[key()];
    const kernels::GemmBlocking blocking = kernels::GemmBlocking::from_text(text);
    if (to_text(blocking) == text) return blocking;
    return {};
  });
}

bool keep(const std::string& path, const kernels::GemmBlocking& blocking) {
  return whatever_is_wrong(false, [&] {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    const std::filesystem::file_status status = std::filesystem::status(path);
    if (exists(status) && !is_regular_file(status)) return false;  // a pipe would wait for a reader
    Json all = whatever_is_wrong(Json(Json::object()), [&] { return read_cache(path); });
    all[key()] = to_text(blocking);
    write_text(path, json_text(all, 2) + "\n", "blocking");
    return true;
  });
}

kernels::GemmBlocking measured_once() {
  const std::string path = cache_path();
  if (const auto blocking = kept(path)) return *blocking;
  const kernels::GemmBlocking blocking = kernels::measured_gemm_blocking();
  keep(path, blocking);
  return blocking;
}

}  // namespace

void choose_blocking(const std::string& text) {
  asked = text;
  if (text == kMeasured) return kernels::set_gemm_blocking_when_busy(&measured_once);
  kernels::set_gemm_blocking(kernels::GemmBlocking::from_text(text));
}

const std::string& blocking_asked() { return asked; }

std::string blocking_text() {
  const std::string now = to_text(kernels::gemm_blocking());
  if (asked != kMeasured) return now + (asked == "default" ? ", by default" : ", as asked");
  const std::string path = cache_path();
  if (const auto blocking = kept(path)) {
    return fmt::format("{}, measured on this machine: {}", to_text(*blocking), printable(path));
  }
  return now + ", by default until a process that multiplies much measures it";
}

}  // namespace hourglass::tools
