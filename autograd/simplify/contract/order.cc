#include <algorithm>
#include <bit>
#include <limits>

#include "autograd/simplify/contract/contract.h"

// In which order to multiply, on sets of labels alone.

namespace hourglass::contract {
namespace {

using Bits = std::uint64_t;

constexpr std::size_t kExact = 9;  // tensors that all orders are tried for: 3^9 splits
constexpr double kNever = std::numeric_limits<double>::infinity();

double product_of(const std::vector<double>& sizes, Bits labels) {
  double product = 1;
  for (; labels != 0; labels &= labels - 1) {
    product *= sizes[static_cast<std::size_t>(std::countr_zero(labels))];
  }
  return product;
}

Bits bit(std::size_t i) { return Bits{1} << i; }

struct Found {
  double cost = kNever;
  double largest = 0;
  Bits left = 0;  // the half of the subset that is multiplied by the rest

  bool operator<(const Found& other) const {
    return cost != other.cost ? cost < other.cost : largest < other.largest;
  }
};

// The labels of a subset that are still needed once it is multiplied out.
Bits open_labels(const Network& network, Bits subset) {
  Bits inside = 0, outside = network.out;
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    (subset & bit(i) ? inside : outside) |= network.tensors[i];
  }
  return inside & outside;
}

// All orders, as the cheapest way to make each subset of the tensors.
class Search {
 public:
  Search(const Network& network, Gram gram) : network_(network), gram_(gram) {
    const std::size_t n = network.tensors.size();
    found_.resize(std::size_t{1} << n);
    open_.resize(found_.size());
    twin_.resize(found_.size());
    for (Bits subset = 1; subset < found_.size(); ++subset) {
      open_[subset] = open_labels(network_, subset);
      twin_[subset] = twin_of(subset);
      if (std::has_single_bit(subset)) {
        found_[subset].cost = 0;
      } else if (gram_ != Gram::kNever || !is_open_gram(subset)) {
        split(subset);
      }
    }
  }

  const Found& best() const { return found_.back(); }

  Order order() const {
    Order result;
    result.cost = best().cost;
    result.largest = best().largest;
    write(found_.size() - 1, result.joins);
    return result;
  }

 private:
  // The mirror image of a subset, or 0.
  Bits twin_of(Bits subset) const {
    Bits twin = 0;
    for (std::size_t i = 0; i < network_.tensors.size(); ++i) {
      if (!(subset & bit(i))) continue;
      if (network_.twins[i] < 0) return 0;
      twin |= bit(static_cast<std::size_t>(network_.twins[i]));
    }
    return twin;
  }

  // Both copies are in it, and a label in which they differ is still open: W'W and the like.
  bool is_open_gram(Bits subset) const {
    bool first = false, second = false;
    for (std::size_t i = 0; i < network_.tensors.size(); ++i) {
      if (!(subset & bit(i)) || network_.twins[i] < 0) continue;
      (static_cast<std::size_t>(network_.twins[i]) > i ? first : second) = true;
    }
    return first && second && (open_[subset] & network_.mirrored) != 0;
  }

  void split(Bits subset) {
    Found& best = found_[subset];
    const Bits lowest = subset & (~subset + 1);
    const double size = product_of(network_.sizes, open_[subset]);
    for (Bits left = (subset - 1) & subset; left != 0; left = (left - 1) & subset) {
      if (!(left & lowest)) continue;  // each split once
      const Bits right = subset & ~left;
      const Found& a = found_[left];
      const Found& b = found_[right];
      if (a.cost == kNever || b.cost == kNever) continue;
      Found here;
      here.cost = product_of(network_.sizes, open_[left] | open_[right]) +
                  (is_made_for(left, twin_[right])   ? a.cost
                   : is_made_for(right, twin_[left]) ? b.cost
                                                     : a.cost + b.cost);
      here.largest = std::max({a.largest, b.largest, size});
      here.left = left;
      if (here < best) best = here;
    }
  }

  // Does the cheapest way to a subset make another on the way? What is so made once serves as its
  // mirror image, too, when equal nodes become one: of twins that meet whole, or below a trace.
  bool is_made_for(Bits subset, Bits wanted) const {
    if (gram_ != Gram::kWhereItIsLess) return subset == wanted;
    while (wanted != 0 && (wanted & ~subset) == 0) {
      if (subset == wanted) return true;
      const Bits left = found_[subset].left;
      subset = (wanted & ~left) == 0 ? left : subset & ~left;
    }
    return false;
  }

  // Joins are written after those of their sides; the number of the result is returned.
  int write(Bits subset, std::vector<Join>& joins) const {
    if (std::has_single_bit(subset)) return std::countr_zero(subset);
    const Bits left = found_[subset].left;
    const Bits right = subset & ~left;
    Join join;
    join.left = write(left, joins);
    join.right = twin_[left] == right ? join.left : write(right, joins);
    joins.push_back(join);
    return static_cast<int>(network_.tensors.size() + joins.size()) - 1;
  }

  const Network& network_;
  Gram gram_;
  std::vector<Found> found_;  // by subset
  std::vector<Bits> open_, twin_;
};

// The labels of the product of two tensors, where `outside` are all labels that others need.
Bits joined(const std::vector<Bits>& tensors, std::size_t i, std::size_t j, Bits out) {
  Bits outside = out;
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    if (k != i && k != j) outside |= tensors[k];
  }
  return (tensors[i] | tensors[j]) & outside;
}

// Again and again the pair whose product leaves least: how much larger it is than the two, and then
// what it costs.
Order greedy(const Network& network) {
  Order result;
  std::vector<Bits> tensors = network.tensors;
  std::vector<int> numbers(tensors.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int>(i);
  const auto size = [&](Bits labels) { return product_of(network.sizes, labels); };
  while (tensors.size() > 1) {
    std::pair<double, double> least{kNever, kNever};
    std::size_t first = 0, second = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      for (std::size_t j = i + 1; j < tensors.size(); ++j) {
        const double grown =
            size(joined(tensors, i, j, network.out)) - size(tensors[i]) - size(tensors[j]);
        const std::pair here{grown, size(tensors[i] | tensors[j])};
        if (!(here < least)) continue;
        least = here;
        first = i;
        second = j;
      }
    }
    result.cost += least.second;
    result.joins.push_back({numbers[first], numbers[second]});
    tensors[first] = joined(tensors, first, second, network.out);
    result.largest = std::max(result.largest, size(tensors[first]));
    numbers[first] = static_cast<int>(network.tensors.size() + result.joins.size()) - 1;
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(second));
    numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return result;
}

// `base` is what has been spent already: it counts on both sides when Gram is weighed against pass.
Order exact(const Network& network, Gram gram, double base) {
  const Search pass(network, Gram::kNever);
  if (gram == Gram::kNever || network.mirrored == 0) return pass.order();
  const Search free(network, gram);
  const double most = (base + pass.best().cost) * (gram == Gram::kWhereItHalves ? 0.5 : 1);
  return (base + free.best().cost <= most ? free : pass).order();
}

// --- many tensors after a doubling: order one copy alone, cut its tree into a few pieces, and
// search over the pieces and their mirror images.

class Pieces {
 public:
  explicit Pieces(const Network& network) : network_(network) {
    Network copy;
    copy.sizes = network.sizes;
    copy.out = network.out;
    for (std::size_t i = 0; i < network.tensors.size(); ++i) {
      if (network.twins[i] > static_cast<int>(i)) {
        tensors_.push_back(i);
        copy.tensors.push_back(network.tensors[i]);
      } else {
        copy.out |= network.tensors[i];
        if (network.twins[i] < 0) others_.push_back(i);
      }
    }
    copy.twins.assign(tensors_.size(), -1);
    inner_ = order(copy, Gram::kNever);
    cut(others_.size() + 2 <= kExact ? std::min<std::size_t>(4, (kExact - others_.size()) / 2) : 1);
  }

  Order run(Gram gram) {
    const Network outer = network_of_pieces();
    if (outer.tensors.size() <= kExact) return translate(exact(outer, gram, spent_));
    // So many others that not even one piece leaves room: square it, and go on as it comes.
    Network rest = outer;
    Bits needed = outer.out;
    for (std::size_t i = 2; i < outer.tensors.size(); ++i) needed |= outer.tensors[i];
    rest.tensors[0] = (outer.tensors[0] | outer.tensors[1]) & needed;
    rest.tensors.erase(rest.tensors.begin() + 1);
    return translate_squared(greedy(rest), outer.tensors.size());
  }

 private:
  bool is_join(int number) const { return number >= static_cast<int>(tensors_.size()); }
  const Join& join_of(int number) const {
    return inner_.joins[static_cast<std::size_t>(number) - tensors_.size()];
  }

  // The network's tensors that a number of the copy's own order is made of.
  Bits members(int number) const {
    if (!is_join(number)) return bit(tensors_[static_cast<std::size_t>(number)]);
    return members(join_of(number).left) | members(join_of(number).right);
  }

  Bits mirror_image(Bits members) const {
    Bits image = 0;
    for (; members != 0; members &= members - 1) {
      image |= bit(static_cast<std::size_t>(
          network_.twins[static_cast<std::size_t>(std::countr_zero(members))]));
    }
    return image;
  }

  double cost_of(int number) const {
    if (!is_join(number)) return -1;
    return product_of(network_.sizes, open_labels(network_, members(join_of(number).left)) |
                                          open_labels(network_, members(join_of(number).right)));
  }

  // The dearest product is taken apart first.
  void cut(std::size_t most) {
    pieces_ = {static_cast<int>(tensors_.size() + inner_.joins.size()) - 1};
    spent_ = inner_.cost;
    while (pieces_.size() < most) {
      const auto dearest = std::max_element(pieces_.begin(), pieces_.end(),
                                            [&](int a, int b) { return cost_of(a) < cost_of(b); });
      if (!is_join(*dearest)) return;
      spent_ -= cost_of(*dearest);
      const Join join = join_of(*dearest);
      *dearest = join.left;
      pieces_.push_back(join.right);
    }
  }

  Network network_of_pieces() const {
    Network outer;
    outer.sizes = network_.sizes;
    outer.mirrored = network_.mirrored;
    outer.out = network_.out;
    const int n = static_cast<int>(pieces_.size());
    for (int piece : pieces_) outer.tensors.push_back(open_labels(network_, members(piece)));
    for (int piece : pieces_) {
      outer.tensors.push_back(open_labels(network_, mirror_image(members(piece))));
    }
    for (int i = 0; i < n; ++i) outer.twins.push_back(i + n);
    for (int i = 0; i < n; ++i) outer.twins.push_back(i);
    for (std::size_t i : others_) {
      outer.tensors.push_back(network_.tensors[i]);
      outer.twins.push_back(-1);
    }
    return outer;
  }

  int add_join(int left, int right) {
    result_.joins.push_back({left, right});
    return static_cast<int>(network_.tensors.size() + result_.joins.size()) - 1;
  }

  // Writes the joins inside a piece, or inside its mirror image; gives its number.
  int write(int number, bool mirrored) {
    if (is_join(number)) {
      const int left = write(join_of(number).left, mirrored);
      return add_join(left, write(join_of(number).right, mirrored));
    }
    const std::size_t tensor = tensors_[static_cast<std::size_t>(number)];
    return mirrored ? network_.twins[tensor] : static_cast<int>(tensor);
  }

  // The number in the network of a tensor of the outer network.
  int write_outer(std::size_t i) {
    const std::size_t n = pieces_.size();
    if (i >= 2 * n) return static_cast<int>(others_[i - 2 * n]);
    return write(pieces_[i % n], i >= n);
  }

  Order translate(const Order& outer) {
    const std::size_t n = 2 * pieces_.size() + others_.size();
    std::vector<int> numbers(n + outer.joins.size(), -1);
    const auto number = [&](int i) {
      int& known = numbers[static_cast<std::size_t>(i)];
      if (known < 0) known = write_outer(static_cast<std::size_t>(i));
      return known;
    };
    for (std::size_t i = 0; i < outer.joins.size(); ++i) {
      const int left = number(outer.joins[i].left);
      numbers[n + i] = add_join(left, number(outer.joins[i].right));
    }
    result_.cost = spent_ + outer.cost;
    result_.largest = std::max(inner_.largest, outer.largest);
    return std::move(result_);
  }

  Order translate_squared(const Order& rest, std::size_t outer_tensors) {
    Order outer;
    const auto number = [&](int i) {
      const int n = static_cast<int>(outer_tensors);
      return i == 0 ? n : i < n - 1 ? i + 1 : i + 2;  // the square is the first join
    };
    outer.joins.push_back({0, 0});
    for (const Join& join : rest.joins)
      outer.joins.push_back({number(join.left), number(join.right)});
    outer.cost = rest.cost + product_of(network_.sizes, open_labels(network_, members(pieces_[0])));
    outer.largest = rest.largest;
    return translate(outer);
  }

  const Network& network_;
  std::vector<std::size_t> tensors_, others_;  // of one copy, and of neither
  Order inner_;                                // of one copy alone
  std::vector<int> pieces_;                    // numbers in that order
  double spent_ = 0;                           // inside the pieces, once for both copies
  Order result_;
};

}  // namespace

std::size_t NetworkHash::operator()(const Network& network) const {
  std::size_t hash = network.mirrored * 1000003 + network.out;
  for (Bits tensor : network.tensors) hash = hash * 1000003 + tensor;
  for (double size : network.sizes) hash = hash * 1000003 + static_cast<std::size_t>(size);
  return hash;
}

Order order(const Network& network, Gram gram) {
  if (network.tensors.size() <= kExact) return exact(network, gram, 0);
  const bool doubled =
      std::any_of(network.twins.begin(), network.twins.end(), [](int twin) { return twin >= 0; });
  return doubled ? Pieces(network).run(gram) : greedy(network);
}

}  // namespace hourglass::contract
