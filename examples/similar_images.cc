// Images like an image: `similar_images [PICTURE.png]`. Unseen digits query 3000 others by the codes of a
// denoising autoencoder and by pixels: how many of the ten nearest are the same digit; a page of six
// queries and what they find.
#include <algorithm>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main(int argc, char** argv) {
  const nn::DataSet items = nn::digits(3000, 1), queries = nn::digits(300, 2);
  ae::Spec spec{.encoder = {784, 200, 32}, .loss = ae::Loss::kBce};
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(
      model, {items.rows()},
      {.epochs = 20, .batch = 50, .learning_rate = 2e-3, .schedule = {nn::Schedule::kCosine}}));
  const auto codes = [&](const nn::DataSet& data) {
    return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                        {data.rows()});
  };
  const ae::Neighbours near = ae::k_nearest(codes(queries), codes(items), 10, ae::Metric::kCosine);
  std::printf(
      "of the ten nearest are the same digit: by codes %.3f, by pixels %.3f\n",
      ae::precision(near, queries.labels, items.labels),
      ae::precision(ae::k_nearest(queries.rows(), items.rows(), 10), queries.labels, items.labels));
  if (argc < 2) return 0;
  Tensor page(Shape{6 * 11, 28, 28}, DType::kU8);
  std::uint8_t* to = page.data<std::uint8_t>();
  for (std::int64_t query = 0; query < 6; ++query) {
    const Tensor own = queries.rows().rows(query, query + 1);
    const Tensor others = items.rows().gather(near.indices.data<std::int32_t>() + 10 * query, 10);
    to = std::copy_n(own.data<std::uint8_t>(), own.elements(), to);
    to = std::copy_n(others.data<std::uint8_t>(), others.elements(), to);
  }
  write_png(argv[1], image_grid(page, {.columns = 11}));
}
