#include "tools/blocking.h"

#include <fmt/core.h>

#include <cmath>
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
#include "tensor/waking.h"

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
std::string waking_key() { return key() + ", microseconds to wake a thread"; }

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

// What stands under a name and `parse` makes something of.
template <class T, class F>
std::optional<T> kept(const std::string& path, const std::string& name, F&& parse) {
  return whatever_is_wrong(std::optional<T>(), [&]() -> std::optional<T> {
    const Json all = read_cache(path);
    if (!all.contains(name)) return {};
    return parse(all[name]);
  });
}

std::optional<kernels::GemmBlocking> kept_blocking(const std::string& path) {
  using Blocking = kernels::GemmBlocking;
  return kept<Blocking>(path, key(), [](const Json& value) -> std::optional<Blocking> {
    const auto text = value.get<std::string>();
    const Blocking blocking = Blocking::from_text(text);
    if (to_text(blocking) == text) return blocking;
    return {};
  });
}

// In seconds; nothing where set_waking_seconds would refuse it.
std::optional<double> kept_waking(const std::string& path) {
  return kept<double>(path, waking_key(), [](const Json& value) {
    const double seconds = value.get<double>() * 1e-6;
    check_waking_seconds(seconds);
    return seconds;
  });
}

void keep(const std::string& path, const std::string& name, const Json& value) {
  try {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    const std::filesystem::file_status status = std::filesystem::status(path);
    if (exists(status) && !is_regular_file(status)) return;  // a pipe would wait for a reader
    Json all = whatever_is_wrong(Json(Json::object()), [&] { return read_cache(path); });
    all[name] = value;
    write_text(path, json_text(all, 2) + "\n", "blocking");
  } catch (const std::exception&) {  // the next process measures again
  }
}

// Nothing where this process has one thread, or the machine no time for a second.
void choose_waking(const std::string& path) {
  if (const auto seconds = kept_waking(path)) return set_waking_seconds(*seconds);
  if (const auto seconds = measured_waking_seconds()) {
    const double microseconds = std::round(*seconds * 1e7) / 10;
    set_waking_seconds(microseconds * 1e-6);
    keep(path, waking_key(), microseconds);
  }
}

kernels::GemmBlocking measured_once() {
  const std::string path = cache_path();
  choose_waking(path);
  if (const auto blocking = kept_blocking(path)) return *blocking;
  const kernels::GemmBlocking blocking = kernels::measured_gemm_blocking();
  keep(path, key(), to_text(blocking));
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
  if (const auto blocking = kept_blocking(path)) {
    return fmt::format("{}, measured on this machine: {}", to_text(*blocking), printable(path));
  }
  return now + ", by default until a process that multiplies much measures it";
}

std::string waking_text() {
  const auto text = [](double seconds, const char* from) {
    return fmt::format("{:.3g} us, {}", seconds * 1e6, from);
  };
  if (asked == kMeasured) {
    if (const auto seconds = kept_waking(cache_path()))
      return text(*seconds, "measured on this machine");
  }
  return text(waking_seconds(), "by default");
}

}  // namespace hourglass::tools
