// The inner rooms of the house: who may include whom, where a header stands, and that no include
// leads back to where it came from.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/sources.h"

namespace {

using namespace hourglass::testing;

// The rooms from below: one includes itself and what its row lists, which are rows above its own
// and nothing else. A name ends in "/" where it means every room of a folder, and a folder without
// a row belongs to the room around it.
struct Room {
  std::string folder;
  std::vector<std::string> includes;
};

const std::vector<Room> kRooms = {
    {"tensor", {}},
    {"tensor/files", {"tensor"}},
    {"tensor/kernels", {"tensor"}},
    {"tensor/kernels/lanes", {"tensor", "tensor/kernels"}},
    {"tensor/kernels/reduce", {"tensor", "tensor/kernels"}},
    {"tensor/kernels/move", {"tensor", "tensor/kernels"}},
    {"tensor/kernels/gemm", {"tensor", "tensor/kernels", "tensor/kernels/move"}},
    {"tensor/kernels/conv", {"tensor", "tensor/kernels", "tensor/kernels/gemm"}},
    {"tensor/kernels/random", {"tensor", "tensor/kernels", "tensor/kernels/lanes"}},

    {"autograd/graph", {"tensor"}},
    {"autograd/ops", {"tensor", "autograd/graph"}},
    {"autograd/simplify", {"autograd/graph", "autograd/ops"}},
    {"autograd/transform", {"tensor", "autograd/graph", "autograd/ops", "autograd/simplify"}},
    {"autograd/compile",
     {"tensor", "autograd/graph", "autograd/ops", "autograd/simplify", "autograd/transform"}},
    {"autograd/check",
     {"tensor", "autograd/graph", "autograd/ops", "autograd/transform", "autograd/compile"}},

    {"autograd/certificate",
     {"tensor", "autograd/graph", "autograd/ops", "autograd/simplify", "autograd/transform",
      "autograd/compile", "autograd/check"}},

    {"nn/data", {"tensor", "tensor/files"}},
    {"nn/layers", {"tensor", "tensor/files", "autograd/"}},
    {"nn/train", {"tensor", "tensor/files", "autograd/", "nn/data"}},
    {"nn/onnx", {"tensor", "tensor/files", "autograd/graph"}},

    {"ae/papers", {"tensor", "autograd/", "nn/layers"}},
    {"ae/model", {"tensor", "tensor/files", "autograd/", "nn/", "ae/papers"}},
    {"ae/measure", {"tensor", "autograd/", "nn/", "ae/papers", "ae/model"}},
    {"ae/exchange", {"tensor", "tensor/files", "autograd/ops", "nn/onnx", "ae/model"}},
};

// Folders in which includes still lead in a circle.
const std::vector<std::string> kCircles = {};

// Headers that declare what several files define.
const std::set<std::string> kShared = {
    "autograd/graph/var.h",
    "autograd/compile/fuse_groups.h",
    "autograd/ops/handles.h",
    "autograd/ops/ops.h",
    "autograd/ops/product.h",
    "autograd/simplify/contract/contract.h",
    "autograd/transform/transform.h",
    "bench/bounds/rows.h",
    "tensor/kernels.h",
    "tensor/kernels/lanes/lane_families.h",
};

const Room* find_room(std::string folder) {
  for (;;) {
    const auto found = std::find_if(kRooms.begin(), kRooms.end(),
                                    [&](const Room& room) { return room.folder == folder; });
    if (found != kRooms.end()) return &*found;
    const std::size_t slash = folder.rfind('/');
    if (slash == std::string::npos) return nullptr;
    folder.resize(slash);
  }
}

bool has_inner_rooms(const Source& source) {
  return std::any_of(kRooms.begin(), kRooms.end(), [&](const Room& room) {
    return room.folder.starts_with(source.room() + "/");
  });
}

bool covers(const std::string& listed, const std::string& room) {
  return listed == room || (listed.back() == '/' && room.starts_with(listed));
}

// The rooms that a file includes something of, beside its own.
std::set<std::string> rooms_included(const Source& source) {
  std::set<std::string> found;
  for (const std::string& path : source.own_includes) {
    const Room* room = find_room(path.substr(0, path.rfind('/')));
    if (room != nullptr && room != find_room(source.folder())) found.insert(room->folder);
  }
  return found;
}

// Modules by what they include: a header and the .cc of its name are one.
using Modules = std::map<std::string, std::set<std::string>>;

bool in_one_circle(const std::string& a, const std::string& b) {
  return std::any_of(kCircles.begin(), kCircles.end(), [&](const std::string& folder) {
    return a.starts_with(folder) && b.starts_with(folder);
  });
}

Modules modules() {
  Modules all;
  for (const Source& source : sources()) {
    std::set<std::string>& included = all[source.module()];
    for (const std::string& path : source.own_includes) {
      const std::string other = path.substr(0, path.rfind('.'));
      if (other != source.module() && !in_one_circle(source.module(), other)) {
        included.insert(other);
      }
    }
  }
  return all;
}

// A circle through modules reached from the last of `way`, as a line of text; empty if none.
std::string find_circle(const Modules& all, std::vector<std::string>& way,
                        std::set<std::string>& done) {
  const auto from = all.find(way.back());
  if (from == all.end() || !done.insert(from->first).second) return "";
  for (const std::string& next : from->second) {
    const auto before = std::find(way.begin(), way.end(), next);
    if (before != way.end()) {
      std::string text;
      for (auto module = before; module != way.end(); ++module) text += *module + " -> ";
      return text + next;
    }
    way.push_back(next);
    const std::string circle = find_circle(all, way, done);
    if (!circle.empty()) return circle;
    way.pop_back();
  }
  return "";
}

// Does a header declare functions that some .cc file has to define?
bool declares_functions(const Source& source) {
  static const std::regex inlined(
      R"(^(inline|constexpr|template|using|static|extern|friend|//|#))");
  static const std::regex declaration(R"(^[A-Za-z_\[][^={}]*[ &*]\w+\([^{}]*$)");
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string& line = source.lines[i];
    if (std::regex_search(line, inlined) || !std::regex_search(line, declaration)) continue;
    if (i > 0 && source.lines[i - 1].starts_with("template")) continue;
    std::size_t end = i;
    while (end + 1 < source.lines.size() &&
           source.lines[end].find_first_of(";{") == std::string::npos)
      ++end;
    const std::size_t stop = source.lines[end].find_first_of(";{");
    if (stop != std::string::npos && source.lines[end][stop] == ';') return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a file of an inner room includes only the rooms that its row of the table lists") {
  std::string wrong;
  for (const Source& source : sources()) {
    if (!has_inner_rooms(source)) continue;
    const Room* room = find_room(source.folder());
    if (room == nullptr) {
      wrong += source.path + " is in no room of the table\n";
      continue;
    }
    for (const std::string& other : rooms_included(source)) {
      const bool allowed = std::any_of(room->includes.begin(), room->includes.end(),
                                       [&](const auto& listed) { return covers(listed, other); });
      if (!allowed) wrong += source.path + " includes files of " + other + "\n";
    }
  }
  CHECK(wrong == "");
}

TEST_CASE("the rooms that a row of the table lists stand above it, and some file includes each") {
  std::string upward, idle;
  for (const Room& room : kRooms) {
    for (const std::string& listed : room.includes) {
      for (const Room* other = &room; other != kRooms.data() + kRooms.size(); ++other) {
        if (covers(listed, other->folder) && !in_one_circle(room.folder, other->folder)) {
          upward += room.folder + " -> " + other->folder + "\n";
        }
      }
      const bool drawn = std::any_of(sources().begin(), sources().end(), [&](const Source& source) {
        if (find_room(source.folder()) != &room) return false;
        const std::set<std::string> others = rooms_included(source);
        return std::any_of(others.begin(), others.end(),
                           [&](const std::string& other) { return covers(listed, other); });
      });
      if (!drawn) idle += room.folder + " -> " + listed + "\n";
    }
  }
  CHECK(upward == "");
  CHECK(idle == "");
}

TEST_CASE("no include leads in a circle, from a header or from the .cc of its name") {
  const Modules all = modules();
  std::set<std::string> done;
  std::string circles;
  for (const auto& [module, included] : all) {
    std::vector<std::string> way = {module};
    const std::string circle = find_circle(all, way, done);
    if (!circle.empty()) circles += circle + "\n";
  }
  CHECK(circles == "");
}

TEST_CASE("what a header declares is defined in the file of its name, beside it") {
  std::string alone;
  for (const Source& source : sources()) {
    if (!source.is_header() || source.path.ends_with("-inl.h")) continue;
    const bool has_own = find_source(source.module() + ".cc") != nullptr;
    const bool shared = kShared.count(source.path) > 0;
    if (declares_functions(source) && has_own == shared) alone += source.path + "\n";
  }
  CHECK(alone == "");
}

// Nothing fails: whoever looks sees what grew.
TEST_CASE("the lines of each room") {
  std::map<std::string, std::pair<int, std::size_t>> rooms;
  for (const Source& source : sources()) {
    for (const std::string& name : {source.room(), source.folder()}) {
      auto& [files, lines] = rooms[name];
      ++files;
      lines += source.lines.size();
      if (source.room() == source.folder()) break;
    }
  }
  std::string text = "files and lines\n";
  for (const auto& [room, size] : rooms) {
    text += room + ": " + std::to_string(size.first) + ", " + std::to_string(size.second) + "\n";
  }
  MESSAGE(text);
}
