#include "autograd/compile/schedule.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <span>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "autograd/compile/storage.h"
#include "autograd/graph/var_map.h"

namespace hourglass::internal {
namespace {

constexpr std::int64_t kTiny = 64;  // elements of what is run early

class Scheduler {
 public:
  Scheduler(std::vector<Instruction> instructions, const std::vector<Update>& updates,
            const std::vector<Var>& watch)
      : instructions_(std::move(instructions)),
        waiting_(instructions_.size(), 0),
        held_by_(instructions_.size()),
        holds_(instructions_.size(), 0),
        is_update_(instructions_.size()),
        done_(instructions_.size()) {
    for (std::size_t k = 0; k < instructions_.size(); ++k) {
      for (const Var& node : instructions_[k].nodes) maker_[node] = k;
    }
    find_dependencies();
    hold_updates(updates, watch);
    for (std::size_t k = 0; k < instructions_.size(); ++k) find_rank(k);
  }

  std::vector<Instruction> run() {
    for (std::size_t k = 0; k < instructions_.size(); ++k) offer(k);
    std::vector<Instruction> result;
    result.reserve(instructions_.size());
    while (result.size() < instructions_.size()) {
      // Two updates that read each other's old values hold each other: the first one gives in.
      std::priority_queue<Entry, std::vector<Entry>, std::greater<>>& queue =
          ready_.empty() ? held_ : ready_;
      const std::size_t k = std::get<2>(queue.top());
      queue.pop();
      if (done_[k]) continue;
      done_[k] = true;
      for (std::size_t user : users_.of(k)) {
        --waiting_[user];
        offer(user);
      }
      for (std::size_t update : held_by_[k]) {
        --holds_[update];
        offer(update);
      }
      result.push_back(std::move(instructions_[k]));
    }
    return result;
  }

 private:
  using Entry = std::tuple<int, std::uint64_t, std::size_t>;  // urgency, id, which

  // A list of instructions for each of them, one after the other.
  struct Lists {
    std::vector<std::size_t> all, begin = {0};
    std::span<const std::size_t> of(std::size_t k) const {
      return std::span(all).subspan(begin[k], begin[k + 1] - begin[k]);
    }
  };

  void find_dependencies() {
    const std::size_t n = instructions_.size();
    users_.begin.resize(n + 1);
    for (std::size_t k = 0; k < n; ++k) {
      const std::vector<std::size_t>& before = dependencies(k);
      waiting_[k] = static_cast<int>(before.size());
      before_.all.insert(before_.all.end(), before.begin(), before.end());
      before_.begin.push_back(before_.all.size());
      for (std::size_t other : before) ++users_.begin[other + 1];
    }
    std::partial_sum(users_.begin.begin(), users_.begin.end(), users_.begin.begin());
    users_.all.resize(before_.all.size());
    std::vector<std::size_t> next = users_.begin;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t other : before_.of(k)) users_.all[next[other]++] = k;
    }
  }

  // The instructions that must run before: the walk goes through nodes that nobody computes, names
  // of other bytes and broadcasts that loops do on the way.
  const std::vector<std::size_t>& dependencies(std::size_t k) {
    std::vector<std::size_t>& before = found_;
    VarPointers& left = left_;  // nodes keep their inputs
    before.clear();
    const auto visit = [&](const Var& node) {
      for (const Var& input : node.inputs()) left.push_back(&input);
    };
    for (const Var& node : instructions_[k].nodes) visit(node);
    VarSet seen;
    while (!left.empty()) {
      const Var& node = *left.back();
      left.pop_back();
      const std::size_t* maker = maker_.find(node);
      if (!maker) {
        if (!node.inputs().empty() && seen.insert(node)) visit(node);
      } else if (*maker != k) {
        before.push_back(*maker);
      }
    }
    std::sort(before.begin(), before.end());
    before.erase(std::unique(before.begin(), before.end()), before.end());
    return before;
  }

  // An update that runs before another reader of the old value could not be written in place, nor
  // could one that runs before the watched values are known.
  void hold_updates(const std::vector<Update>& updates, const std::vector<Var>& watch) {
    VarMap<std::vector<std::size_t>> readers;
    for (const Update& update : updates) readers[update.parameter];
    for (std::size_t k = 0; k < instructions_.size(); ++k) {
      for (const Read& read : instructions_[k].reads) {
        if (std::vector<std::size_t>* known = readers.find(read.value)) known->push_back(k);
      }
    }
    std::unordered_set<std::size_t> watched;
    for (const Var& term : watch) {
      if (const std::size_t* maker = maker_.find(storage_of(term))) watched.insert(*maker);
    }
    std::unordered_map<std::size_t, std::unordered_set<std::size_t>> holders;
    for (const Update& update : updates) {
      const std::size_t* maker = maker_.find(storage_of(update.value));
      if (!maker || !instructions_[*maker].loop) continue;
      std::unordered_set<std::size_t>& wait_for = holders[*maker];
      wait_for.insert(watched.begin(), watched.end());
      const auto& others = readers.at(update.parameter);
      wait_for.insert(others.begin(), others.end());
    }
    for (auto& [update, wait_for] : holders) {
      is_update_[update] = true;
      wait_for.erase(update);
      holds_[update] = static_cast<int>(wait_for.size());
      for (std::size_t other : wait_for) held_by_[other].push_back(update);
    }
  }

  // The order of the graph, but that what only updates read (a gradient) follows what it is made
  // of.
  void find_rank(std::size_t k) {
    const Var& last = instructions_[k].nodes.back();
    std::uint64_t id = last.id();
    const bool for_updates =
        !users_.of(k).empty() && std::all_of(users_.of(k).begin(), users_.of(k).end(),
                                             [&](std::size_t u) { return bool(is_update_[u]); });
    if (for_updates) {
      id = 0;
      for (std::size_t before : before_.of(k)) {
        id = std::max(id, instructions_[before].nodes.back().id());
      }
    }
    const std::int64_t elements =
        instructions_[k].loop ? instructions_[k].elements : last.elements();
    const bool urgent = is_update_[k] || elements <= kTiny;
    rank_.emplace_back(urgent ? 0 : 1, id, k);
  }

  void offer(std::size_t k) {
    if (waiting_[k] > 0 || done_[k]) return;
    (holds_[k] > 0 ? held_ : ready_).push(rank_[k]);
  }

  std::vector<Instruction> instructions_;
  VarMap<std::size_t> maker_;
  Lists before_, users_;
  VarPointers left_;                               // of one walk
  std::vector<std::size_t> found_;                 // by it
  std::vector<int> waiting_;                       // for how many others each still waits
  std::vector<std::vector<std::size_t>> held_by_;  // the updates that each holds back
  std::vector<int> holds_;                         // how many hold each update back
  std::vector<bool> is_update_, done_;
  std::vector<Entry> rank_;  // the smallest of what is ready runs next
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready_, held_;
};

}  // namespace

std::vector<Instruction> schedule(std::vector<Instruction> instructions,
                                  const std::vector<Update>& updates,
                                  const std::vector<Var>& watch) {
  return Scheduler(std::move(instructions), updates, watch).run();
}

}  // namespace hourglass::internal
