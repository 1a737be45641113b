"""What NumPy computes of bench/bounds: a product in f64."""

import worker


class Product:
    def __init__(self):
        import numpy

        m, n, k = worker.PRODUCT
        random = numpy.random.default_rng(5)
        a, b, c = random.random((m, k)), random.random((n, k)), numpy.empty((m, n))
        self.call = lambda: numpy.matmul(a, b.T, out=c)

    def sample(self, seconds):
        return worker.median_ms(self.call, seconds)


class NumPy:
    def __init__(self, threads):
        """Its OpenBLAS takes as many threads as the process may use cores."""

    def settings(self, workload):
        return ("matmul",) if workload == "product_f64" else ()

    def make(self, workload, setting, data):
        return Product()


if __name__ == "__main__":
    worker.main("numpy", NumPy)
