// Documents like a document: test documents query the training part, by the codes of an autoencoder, by
// 32 bits of another, by TF-IDF, latent semantic analysis and a random projection. What is relevant is
// what has the query's group.
#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <numeric>

#include "ae/measure/binary_codes.h"
#include "ae/measure/neighbours.h"
#include "ae/model/pca.h"
#include "bench/applied/text.h"
#include "bench/baselines/projections.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kBits = 32;

struct Ranked {
  double p1 = 0, p10 = 0, p100 = 0, map = 0;  // sums over queries
};

// Items from the highest score down, equal ones in their order: sorted by 11 bits of the scores at a time,
// the last first, since comparing ten thousand of them for each query took most of this row's time.
struct Scored {
  std::uint32_t below;  // the lower the higher the score
  std::int32_t item;
};
std::vector<Scored> from_the_highest(const float* scores, std::int64_t items) {
  constexpr std::uint32_t kSign = 0x80000000, kDigits = 2048;
  std::vector<Scored> order, next(static_cast<std::size_t>(items));
  for (std::int32_t i = 0; i < items; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(scores[i] + 0.0F);  // one zero, not two
    order.push_back({(bits & kSign) != 0 ? bits : ~(bits | kSign), i});
  }
  for (int shift = 0; shift < 32; shift += 11) {
    const auto digit = [&](const Scored& s) { return (s.below >> shift) % kDigits; };
    std::vector<std::size_t> starts(kDigits + 1);
    for (const Scored& s : order) ++starts[digit(s) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const Scored& s : order) next[starts[digit(s)]++] = s;
    order.swap(next);
  }
  return order;
}

// What one query finds.
void add_query(const float* scores, const std::int32_t* groups, std::int64_t items,
               std::int32_t group, Ranked& sums) {
  double found = 0, precisions = 0, seen = 0;
  for (const Scored& each : from_the_highest(scores, items)) {
    ++seen;
    if (groups[each.item] == group) precisions += ++found / seen;
    if (seen == 1) sums.p1 += found;
    if (seen == 10) sums.p10 += found / 10;
    if (seen == 100) sums.p100 += found / 100;
  }
  sums.map += found > 0 ? precisions / found : 0;
}

// By the products of rows [M, H] and [N, H].
Json ranked(const Tensor& queries, const Tensor& query_groups, const Tensor& items,
            const Tensor& item_groups) {
  constexpr std::int64_t kQueries = 256;
  const std::int64_t m = queries.shape()[0], n = items.shape()[0];
  Ranked sums;
  Tensor scores = Tensor::uninitialized(Shape{kQueries, n}, DType::kF32);
  for (std::int64_t first = 0; first < m; first += kQueries) {
    kernels::Gemm gemm;
    gemm.m = std::min(kQueries, m - first);
    gemm.n = n;
    gemm.k = items.shape()[1];
    gemm.transpose_b = true;
    kernels::gemm(DType::kF32, gemm, queries.data<float>() + first * gemm.k, items.raw(),
                  scores.raw());
    for (std::int64_t i = 0; i < gemm.m; ++i) {
      add_query(scores.data<float>() + i * n, item_groups.data<std::int32_t>(), n,
                query_groups.data<std::int32_t>()[first + i], sums);
    }
  }
  const auto count = static_cast<double>(m);
  return {{"p1", sums.p1 / count},
          {"p10", sums.p10 / count},
          {"p100", sums.p100 / count},
          {"map", sums.map / count}};
}

// 1 and -1, by whether a number is above its median over the items: products of such rows order items
// as Hamming's distance does.
struct Bits {
  Tensor queries, items;
};
Bits bits_of(const Tensor& queries, const Tensor& items) {
  const std::int64_t n = items.shape()[0], d = items.shape()[1];
  std::vector<float> medians;
  for (std::int64_t j = 0; j < d; ++j) {
    std::vector<float> column;
    for (std::int64_t i = 0; i < n; ++i) column.push_back(items.data<float>()[i * d + j]);
    std::nth_element(column.begin(), column.begin() + n / 2, column.end());
    medians.push_back(column[static_cast<std::size_t>(n / 2)]);
  }
  const auto signs = [&](const Tensor& rows) {
    Tensor bits = rows.clone();
    for (std::int64_t i = 0; i < bits.elements(); ++i) {
      float& x = bits.data<float>()[i];
      x = x > medians[static_cast<std::size_t>(i % d)] ? 1.0F : -1.0F;
    }
    return bits;
  };
  return {signs(queries), signs(items)};
}

// Real codes, compared by their angle.
Json by_angle(const Tensor& queries, const Documents& asked, const Tensor& items,
              const Documents& among) {
  return ranked(unit_rows(queries), asked.labels, unit_rows(items), among.labels);
}
Json by_bits(const Tensor& queries, const Documents& asked, const Tensor& items,
             const Documents& among) {
  const Bits bits = bits_of(queries, items);
  return ranked(bits.queries, asked.labels, bits.items, among.labels);
}

// Of principal components that are turned to lie near corners.
Json bits_of_components(const Tensor& queries, const Documents& asked, const Tensor& items,
                        const Documents& among) {
  const Tensor axes = quantization_axes(items, kBits, 1);
  return by_bits(projected(queries, axes), asked, projected(items, axes), among);
}

// What is chosen between on the validation documents.
struct Choice {
  std::int64_t code;
  double masking, noise;  // of the words; of the code layer while it is learnt, for bits
  int epochs;
};

// How well an autoencoder learnt from some documents lets others find them.
Json found_by(const Choice& choice, const Documents& among, const Documents& asked, bool bits,
              std::uint64_t seed) {
  ae::Spec spec = word_spec(among, choice.code);
  spec.corruption.front().level = choice.masking;
  spec.code_noise = choice.noise;
  const ae::Autoencoder model = learnt(spec, {among.tf_idf}, word_training(seed, choice.epochs));
  const Tensor queries = unit_rows(codes_of(model, asked)),
               items = unit_rows(codes_of(model, among));
  if (!bits) return by_angle(queries, asked, items, among);
  return bits_of_components(queries, asked, items, among);
}

// The choice with the best precision among the first 100 for validation documents, which query the
// others; then test documents query the whole training part.
Json chosen_and_judged(const std::vector<Choice>& choices, const News& news, bool bits, int seeds) {
  Json result;
  const Choice* best = nullptr;
  double most = 0;
  for (const Choice& each : choices) {
    const double p100 = found_by(each, news.fitting, news.validation, bits, 1)["p100"];
    if (best == nullptr || p100 > most) best = &each, most = p100;
    result["tried"].push_back({each.code, each.masking, each.noise, each.epochs, p100});
  }
  result["chosen"] = {best->code, best->masking, best->noise, best->epochs};
  for (int seed = 1; seed <= seeds; ++seed) {
    result["test"].push_back(
        found_by(*best, news.train, news.test, bits, static_cast<std::uint64_t>(seed)));
  }
  return result;
}

// Milliseconds that a query takes on one thread for its 100 nearest, among real codes and among bits.
Json look_up(const News& news) {
  const ae::Autoencoder model =
      learnt(word_spec(news.train, 128), {news.train.tf_idf}, word_training(1, 1));
  const Tensor items = codes_of(model, news.train), queries = codes_of(model, news.test);
  const Tensor axes = quantization_axes(items, kBits, 1);
  const Tensor few = projected(items, axes), medians = ae::column_medians(few);
  const ae::BinaryCodes bits = ae::binarised(few, medians);
  const ae::BinaryCodes asked = ae::binarised(projected(queries, axes), medians);
  const ae::NearestNeighbours real(items, ae::Metric::kCosine);
  const ThreadScope one(1);
  const auto milliseconds = [&](const std::function<void()>& search) {
    const auto start = std::chrono::steady_clock::now();
    search();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    return taken.count() / static_cast<double>(queries.shape()[0]);
  };
  return {{"real", milliseconds([&] { real.find(queries, 100); })},
          {"bits", milliseconds([&] { ae::k_nearest(asked, bits, 100); })}};
}

}  // namespace

Json retrieval(const RowSetting& setting) {
  const News news = read_news(setting);
  const Documents &items = news.train, &queries = news.test;
  const int seeds = setting.seeds > 0 ? setting.seeds : 3;
  Json found = {{"items", items.count()}, {"queries", queries.count()}, {"seeds", seeds}};
  found["baselines"]["TF-IDF"] = by_angle(queries.tf_idf, queries, items.tf_idf, items);
  const auto mapped = [&](const Tensor& axes, bool bits) {
    const Tensor a = projected(queries.tf_idf, axes), b = projected(items.tf_idf, axes);
    return bits ? by_bits(a, queries, b, items) : by_angle(a, queries, b, items);
  };
  const Tensor axes = latent_semantic_axes(items.tf_idf, 128);
  found["baselines"]["LSA, 128 numbers"] = mapped(axes, false);
  found["baselines"]["LSA, 32 bits"] = mapped(axes.rows(0, kBits), true);
  found["baselines"]["LSA, 32 bits, turned"] =
      bits_of_components(unit_rows(projected(queries.tf_idf, axes)), queries,
                         unit_rows(projected(items.tf_idf, axes)), items);
  const std::int64_t words = items.tf_idf.shape()[1];
  found["baselines"]["random projection, 128 numbers"] = mapped(random_axes(words, 128, 1), false);
  found["baselines"]["random projection, 32 bits"] = mapped(random_axes(words, kBits, 1), true);
  found["ours"]["128 numbers"] = chosen_and_judged(
      {{128, 0.3, 0, 6}, {128, 0.5, 0, 10}, {128, 0.7, 0, 15}}, news, false, seeds);
  found["ours"]["32 bits"] =
      chosen_and_judged({{32, 0.3, 0, 15}, {32, 0.3, 1, 25}, {128, 0.5, 0, 10}}, news, true, seeds);
  found["milliseconds"] = look_up(news);
  return found;
}

}  // namespace hourglass::bench
