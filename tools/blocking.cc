#include "tools/blocking.h"

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

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

// All entries; nothing where there are none, or none that can be read.
Json read_cache(const std::string& path) try {
  Json all = Json::object();
  if (!path.empty() && std::filesystem::is_regular_file(path)) {
    all = parse_json(InputFile(path, "blocking").head(kMostBytes));
  }
  return all.is_object() ? all : Json::object();
} catch (const Error&) {
  return Json::object();
}

std::optional<kernels::GemmBlocking> kept(const std::string& path) try {
  const Json all = read_cache(path);
  if (!all.contains(key()) || !all[key()].is_string()) return {};
  const std::string text = all[key()];
  const kernels::GemmBlocking blocking = kernels::GemmBlocking::from_text(text);
  if (to_text(blocking) == text) return blocking;
  return {};
} catch (const Error&) {
  return {};  // written by hand
}

// A folder that cannot be written costs the next process 0.1 s.
void keep(const std::string& path, const kernels::GemmBlocking& blocking) try {
  if (path.empty()) return;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  Json all = read_cache(path);
  all[key()] = to_text(blocking);
  write_text(path, json_text(all, 2) + "\n", "blocking");
} catch (const FileError&) {
} catch (const std::filesystem::filesystem_error&) {
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
