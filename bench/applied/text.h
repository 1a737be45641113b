#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "bench/applied/rows.h"
#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::bench {

// Documents as counts of words and as TF-IDF, with their groups.
struct Documents {
  nn::Rows counts;
  Tensor tf_idf;  // f32 [N, words]
  Tensor labels;  // i32 [N]

  std::int64_t count() const { return labels.elements(); }
  Documents select(const std::vector<std::int32_t>& ids) const;
};

// 20 Newsgroups: what is learnt from, which is 9 in 10 of the training part where something is chosen,
// what is chosen by, and what is judged. The document frequencies are those of the training part.
struct News {
  Documents train, fitting, validation, test;
};
News read_news(const RowSetting& setting);

constexpr std::int64_t kGroups = 20;

// An autoencoder of words: TF-IDF weights in place of counts, masked, and a multinomial loss.
ae::Spec word_spec(const Documents& learnt_from, std::int64_t code);
nn::TrainOptions word_training(std::uint64_t seed, int epochs);
Tensor codes_of(const ae::Autoencoder& model, const Documents& documents);

// Rows of length 1, f32 [N, D]; of zeros alone they stay.
Tensor unit_rows(const Tensor& rows);

}  // namespace hourglass::bench
