// A library that stands before OpenBLAS, as another BLAS would: only the names matter.

extern "C" {
void cblas_sgemm() {}
void cblas_dgemm() {}
}
