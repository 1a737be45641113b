#include "bench/applied/images.h"

#include <algorithm>
#include <numeric>

#include "ae/measure/image_metrics.h"
#include "ae/model/autoencoder.h"
#include "bench/applied/strokes.h"
#include "nn/train/evaluation.h"

namespace hourglass::bench {

Tensor grey(const nn::DataSet& data) {
  const Tensor x = nn::map_rows([](const nn::Batch& b) { return ae::pixels(b[0]); }, {data.rows()});
  return x.reshape({data.count(), 28, 28});
}

Tensor held(const Tensor& images) {
  Tensor x = images.clone();
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    x.data<float>()[i] = std::clamp(x.data<float>()[i], 0.0F, 1.0F);
  }
  return x;
}

Quality quality(const Tensor& images, const Tensor& clean) {
  const Tensor x = held(images);
  const auto mean = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  return {mean(ae::psnr(x, clean)), mean(ae::ssim(x, clean))};
}

Tensor characters(const RowSetting& setting, const char* part) {
  const std::string name = std::string("omniglot/omniglot.") + part + ".stroke3.bin.gz";
  return drawn(read_strokes(data_path(setting, name)));
}

}  // namespace hourglass::bench
