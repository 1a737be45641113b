#include "tensor/short_vector.h"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

using hourglass::internal::ShortVector;

namespace {

// Elements that tell, by how often each is shared, whether one was lost or left behind.
using Shared = std::shared_ptr<int>;
using List = ShortVector<Shared, 2>;

List list_of(const std::vector<Shared>& values) { return {values.begin(), values.end()}; }
bool holds(const List& list, const std::vector<Shared>& values) { return list == list_of(values); }

std::vector<Shared> numbers(int n) {
  std::vector<Shared> result;
  for (int i = 0; i < n; ++i) result.push_back(std::make_shared<int>(i));
  return result;
}

}  // namespace

TEST_CASE("a short list keeps what it holds, inside and on the heap, however it is passed on") {
  for (int n = 0; n <= 6; ++n) {
    const std::vector<Shared> values = numbers(n);
    {
      List list = list_of(values);
      const List copy = list;
      List moved = std::move(list);
      CHECK(list.empty());
      list = copy;
      List assigned = list_of(numbers(4));
      assigned = moved;
      list = std::move(moved);
      CHECK((holds(list, values) && holds(copy, values) && holds(assigned, values)));
      const long holders = 3;
      for (const Shared& value : values) CHECK(value.use_count() == 1 + holders);
    }
    for (const Shared& value : values) CHECK(value.use_count() == 1);
  }
}

TEST_CASE("a short list is changed as a vector is") {
  std::vector<Shared> values = numbers(1);
  List list = list_of(values);
  for (int i = 1; i < 7; ++i) {
    const std::vector<Shared> more = numbers(i);
    list.insert(list.begin() + 1, more.begin(), more.end());
    values.insert(values.begin() + 1, more.begin(), more.end());
    list.erase(list.begin());
    values.erase(values.begin());
    list.push_front(more[0]);
    values.insert(values.begin(), more[0]);
    list.resize(list.size() + 1, more[0]);
    values.push_back(more[0]);
    CHECK(holds(list, values));
  }
  list.resize(1);
  values.resize(1);
  CHECK(holds(list, values));
  CHECK(values[0].use_count() == 2);
  list.pop_back();
  CHECK((list.empty() && values[0].use_count() == 1));
}

TEST_CASE("a short list of numbers, which is copied as bytes, is told from one that was long") {
  ShortVector<int, 2> list = {1, 2, 3};
  list.resize(1);  // still on the heap
  const ShortVector<int, 2> copy = list;
  CHECK(copy == ShortVector<int, 2>{1});
  list.resize(5, 7);
  ShortVector<int, 2> assigned = copy;
  assigned = list;
  CHECK(assigned == ShortVector<int, 2>{1, 7, 7, 7, 7});
  assigned = copy;
  CHECK(assigned == copy);
  CHECK(ShortVector<int, 2>(std::move(assigned)) == copy);
}
