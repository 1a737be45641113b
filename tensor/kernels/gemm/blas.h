#pragma once

namespace hourglass::kernels::internal {

// While it lives, BLAS and LAPACK calls of this thread run on this thread alone, under either build
// of OpenBLAS and on any kind of thread. The pthread build is told so once, for the whole process.
// Throws Error, which names what was found, if the library that was loaded is no OpenBLAS.
class SingleThreadBlas {
 public:
  SingleThreadBlas();
  ~SingleThreadBlas();
  SingleThreadBlas(const SingleThreadBlas&) = delete;
  SingleThreadBlas& operator=(const SingleThreadBlas&) = delete;

 private:
  int before_ = 0;  // the thread count to put back; 0: nothing was changed
};

}  // namespace hourglass::kernels::internal
