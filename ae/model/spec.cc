#include "ae/model/spec.h"

namespace hourglass::ae {

std::vector<std::int64_t> Spec::decoder_widths() const {
  if (!decoder.empty()) return decoder;
  std::vector<std::int64_t> widths(encoder.rbegin(), encoder.rend());
  if (!conv.empty()) widths.back() = features();
  return widths;
}

Shape Spec::example_shape() const { return input.empty() ? Shape{input_width()} : Shape(input); }

std::int64_t Spec::features() const {
  return conv.empty() ? input_width() : map_sizes(input, conv).back().elements();
}

std::int64_t Spec::code_width() const { return encoder.size() == 1 ? features() : encoder.back(); }

bool Spec::per_image() const {
  return !penalties.empty() || name_of(rule).has_terms || traits_of(loss).per_image ||
         !discriminator.empty();
}

const EnumNames<Upsampling>& names_of(Upsampling) {
  static const EnumNames<Upsampling> names = {
      "upsampling", {{"transposed", Upsampling::kTransposed}, {"nearest", Upsampling::kNearest}}};
  return names;
}

const EnumNames<Binarize>& names_of(Binarize) {
  static const EnumNames<Binarize> names = {"binarize",
                                            {{"none", Binarize::kNone},
                                             {"threshold", Binarize::kThreshold},
                                             {"dynamic", Binarize::kDynamic},
                                             {"static", Binarize::kStatic}}};
  return names;
}

}  // namespace hourglass::ae
