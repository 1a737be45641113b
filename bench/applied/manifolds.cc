// Surfaces bent in space, and pictures of one face and of digits, as two numbers: what an autoencoder
// leaves of the variance, and how well neighbours in the plane are neighbours in space, beside the first
// two principal components. Of rows that were not learnt from.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ae/measure/metrics.h"
#include "ae/measure/neighbours.h"
#include "ae/model/pca.h"
#include "bench/applied/rows.h"
#include "nn/data/read_data.h"
#include "nn/train/evaluation.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr int kManifoldSeeds = 3;
constexpr std::int64_t kNeighbours = 12;

struct Surface {
  Tensor train, test;          // f32 [N, D]
  std::vector<double> colour;  // of the test rows, 0 to 1: where on the surface, or the class
};

// The sheet z = x^2 - y^2, or a roll: spirals 3/2 turns round, in units of about 1.
Surface surface(bool roll) {
  constexpr std::int64_t kCount = 3000;
  const Tensor place = uniform(key_of(1), "manifolds", roll ? 1 : 0, Shape{kCount, 2});
  Tensor rows(Shape{kCount, 3}, DType::kF32);
  Surface found;
  for (std::int64_t i = 0; i < kCount; ++i) {
    const double a = place.at(2 * i), b = 2 * place.at(2 * i + 1) - 1, x = 2 * a - 1;
    const double angle = 1.5 * std::numbers::pi * (1 + 2 * a), radius = angle / 10;
    float* row = rows.data<float>() + 3 * i;
    row[0] = static_cast<float>(roll ? radius * std::cos(angle) : x);
    row[1] = static_cast<float>(b);
    row[2] = static_cast<float>(roll ? radius * std::sin(angle) : x * x - b * b);
    if (i >= kCount * 2 / 3) found.colour.push_back(a);
  }
  found.train = rows.rows(0, kCount * 2 / 3);
  found.test = rows.rows(kCount * 2 / 3, kCount);
  return found;
}

// Every fifth picture of the video is judged; its colour is when it was taken.
Surface faces(const RowSetting& setting) {
  const nn::RawData raw = nn::read_data(data_path(setting, "frey_faces/frey-images-idx3-ubyte.gz"));
  std::vector<std::int32_t> train, test;
  Surface found;
  for (std::int32_t i = 0; i < raw.all.count(); ++i) {
    (i % 5 == 2 ? test : train).push_back(i);
    if (i % 5 == 2) found.colour.push_back(i / static_cast<double>(raw.all.count()));
  }
  const auto scaled = [](const nn::DataSet& some) {
    return nn::map_rows([](const nn::Batch& b) { return ae::pixels(b[0]); }, {some.rows()});
  };
  found.train = scaled(raw.all.select(train));
  found.test = scaled(raw.all.select(test));
  return found;
}

Surface digits(const RowSetting& setting) {
  const nn::RawData raw = nn::read_data(data_path(setting, "mnist"));
  const auto scaled = [](const nn::DataSet& some) {
    return nn::map_rows([](const nn::Batch& b) { return ae::pixels(b[0]); }, {some.rows()});
  };
  Surface found{scaled(raw.all.range(0, 10000)), scaled(raw.test->range(0, 2000)), {}};
  for (std::int64_t i = 0; i < 2000; ++i) found.colour.push_back(raw.test->labels.at(i) / 9.0);
  return found;
}

// The share of the rows' variance, about the means of those learnt from, that is not reconstructed.
double variance_left(const Tensor& rows, const Tensor& back, const Tensor& mean) {
  double left = 0, all = 0;
  const std::int64_t d = rows.shape()[1];
  for (std::int64_t i = 0; i < rows.elements(); ++i) {
    left += std::pow(rows.at(i) - back.at(i), 2);
    all += std::pow(rows.at(i) - mean.at(i % d), 2);
  }
  return left / all;
}

// Venna & Kaski, "Neighborhood preservation in nonlinear projection methods", 2001: 1 less what
// neighbours in the plane, that are none in space, lose by their ranks there.
double trustworthiness(const Tensor& rows, const Tensor& plane) {
  const std::int64_t n = rows.shape()[0], k = kNeighbours;
  const ae::Neighbours near = ae::k_nearest(plane, plane, k + 1),
                       all = ae::k_nearest(rows, rows, n);
  double loss = 0;
  std::vector<std::int64_t> rank(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int32_t* order = all.indices.data<std::int32_t>() + i * n;
    std::int64_t place = 0;
    for (std::int64_t j = 0; j < n; ++j) {
      if (order[j] != i) rank[static_cast<std::size_t>(order[j])] = ++place;
    }
    std::int64_t taken = 0;
    for (std::int64_t j = 0; j <= k && taken < k; ++j) {
      const std::int64_t neighbour = near.indices.data<std::int32_t>()[i * (k + 1) + j];
      if (neighbour == i) continue;
      ++taken;
      const std::int64_t beyond = rank[static_cast<std::size_t>(neighbour)] - k;
      loss += static_cast<double>(std::max<std::int64_t>(0, beyond));
    }
  }
  const auto count = static_cast<double>(n), wanted = static_cast<double>(k);
  return 1 - 2 * loss / (count * wanted * (2 * count - 3 * wanted - 1));
}

ae::Spec plane_spec(std::int64_t width, bool pictures) {
  ae::Spec spec{.encoder = {width, 128, 64, 2}, .input = {width}};
  spec.scale = ae::Scale::kNone;
  spec.hidden = pictures ? nn::Activation::kRelu : nn::Activation::kTanh;
  spec.output = pictures ? nn::Activation::kSigmoid : nn::Activation::kIdentity;
  if (pictures) spec.loss = ae::Loss::kBce;
  return spec;
}

Tensor codes_of(const ae::Autoencoder& model, const Tensor& rows) {
  return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                      {rows});
}

// At most 400 points of a plane with their colours, to draw.
Json points(const Tensor& plane, const std::vector<double>& colour) {
  Json drawn = Json::array();
  for (std::size_t i = 0; i < std::min<std::size_t>(400, colour.size()); ++i) {
    const auto at = static_cast<std::int64_t>(2 * i);
    const auto rounded = [](double x) { return std::round(1000 * x) / 1000; };
    drawn.push_back({rounded(plane.at(at)), rounded(plane.at(at + 1)), rounded(colour[i])});
  }
  return drawn;
}

Json measure(const Surface& s, bool pictures, int epochs, int seeds) {
  const ae::Pca pca = ae::fit_pca(s.train);
  const ae::Autoencoder principal = ae::pca_autoencoder(pca, 2);
  Json found = {{"learnt", s.train.shape()[0]}, {"judged", s.test.shape()[0]}};
  const auto judge = [&](const char* name, const ae::Autoencoder& model) {
    const Tensor plane = codes_of(model, s.test);
    found[name]["left"].push_back(
        variance_left(s.test, ae::reconstructions(model, {s.test}), pca.mean));
    found[name]["trust"].push_back(trustworthiness(s.test, plane));
    if (!found[name].contains("drawn")) found[name]["drawn"] = points(plane, s.colour);
  };
  judge("pca", principal);
  for (int seed = 1; seed <= seeds; ++seed) {
    judge("ours", learnt(plane_spec(s.train.shape()[1], pictures), {s.train},
                         {.epochs = epochs,
                          .batch = 50,
                          .learning_rate = 3e-3,
                          .schedule = {nn::Schedule::kCosine},
                          .seed = static_cast<std::uint64_t>(seed)}));
  }
  return found;
}

}  // namespace

Json manifolds(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kManifoldSeeds;
  return {{"seeds", seeds},
          {"sets",
           {{"sheet", measure(surface(false), false, 100, seeds)},
            {"roll", measure(surface(true), false, 200, seeds)},
            {"faces", measure(faces(setting), true, 60, seeds)},
            {"digits", measure(digits(setting), true, 12, seeds)}}}};
}

}  // namespace hourglass::bench
