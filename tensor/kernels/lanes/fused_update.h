#pragma once

#include "tensor/kernels.h"

namespace hourglass::kernels {

// A fused update is defined in a file of its own (adam.cc) by a struct F: how many arrays and
// scalars it reads, and a static update(arrays..., scalars...) that gives its results, over any
// type of number. The formula is written once and read twice: over vectors (fused_update-inl.h) it
// is the kernel, over symbols it is the lanes that the kernel stands for, so the two cannot differ.
// Internal to tensor/kernels.

// A number of which is known only how it is made.
struct Symbol {
  FusedUpdate* update = nullptr;
  int r = 0;  // its register
};
Symbol operator+(Symbol a, Symbol b);
Symbol operator-(Symbol a, Symbol b);
Symbol operator*(Symbol a, Symbol b);
Symbol operator/(Symbol a, Symbol b);
Symbol square(Symbol a);
Symbol sqrt(Symbol a);

// Adds to fused_updates(). For the start of the program, before the first call of that: true.
bool define_update(std::string_view name, void (*trace)(FusedUpdate&),
                   FusedUpdate::Function (*function)(DType));

}  // namespace hourglass::kernels
