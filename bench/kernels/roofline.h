#pragma once

#include <string>
#include <vector>

#include "bench/kernels/machine.h"
#include "bench/kernels/measure.h"

namespace hourglass::bench {

// Throws Error unless draw_roofline could write such a file: asked ahead of all measuring.
void check_picture(const std::string& path);

// The roofs of one thread in f32 and the rows under them that count operations, as a picture, .svg
// or .png, by gnuplot. Throws Error where gnuplot is not to be had or fails.
void draw_roofline(const Machine& machine, const std::vector<Figures>& rows,
                   const std::string& path);

}  // namespace hourglass::bench
