#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/autoencoder.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Principal components of rows [N, D], as stored, in the numbers of a scale (pixels / 255), in f64:
// the eigenvectors of the covariance matrix, largest variance first. Throws Error for another rank
// and for no rows.
struct Pca {
  Tensor mean;        // f64 [D]
  Tensor components;  // f64 [D, D], row i the i-th direction, of length 1
  Tensor variances;  // f64 [D], descending; their sum beyond k is the test error of k components on
                     // the data itself
};
Pca fit_pca(const nn::Rows& rows, const InputScale& scale = {});

// The first `code` components as a linear autoencoder: code = V (x - mean), y = V' code + mean.
// Among all linear autoencoders with this code it has the least squared error (Baldi & Hornik
// 1989). Throws Error unless 1 <= code <= D.
Autoencoder pca_autoencoder(const Pca& pca, std::int64_t code);
// The same as the weights of a model that has one linear layer each way.
void set_to_pca(Autoencoder& model, const Pca& pca);

// Principal angles, in degrees and ascending, between the spaces that the columns of a and of b
// span: a [D, k], b [D, l], f64, of full column rank (else Error).
std::vector<double> principal_angles(const Tensor& a, const Tensor& b);

}  // namespace hourglass::ae
