#pragma once

#include <string>
#include <vector>

#include "ae/model/autoencoder.h"

namespace hourglass::internal {

// Parts of a PyTorch module's source, a line or a module an entry.

// What goes into self.encoder and self.decoder, in the order and number by which weights are named;
// the decoder ends ahead of the output's activation.
std::vector<std::string> torch_encoder(const ae::Spec& spec, const ae::Autoencoder& model);
std::vector<std::string> torch_decoder(const ae::Spec& spec, const ae::Autoencoder& model);
std::vector<std::string> torch_mlp(const nn::Mlp& mlp);

// Whether the decoder needs to know where the encoder pooled from; and the method that hands it on.
bool torch_unpools(const ae::Spec& spec);
std::vector<std::string> torch_through();

// Classes and functions that the module uses.
std::vector<std::string> torch_helpers(const ae::Spec& spec, const ae::Autoencoder& model);

}  // namespace hourglass::internal
