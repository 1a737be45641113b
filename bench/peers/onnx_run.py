"""Inference of bench/train in ONNX Runtime, of the ONNX files that build/bench/oracle writes: run, or
bound to arrays that stay."""

import worker


def make_session(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])


def bound(session, batches):
    import numpy
    from onnxruntime import OrtValue

    y = numpy.empty(session.get_outputs()[0].shape, numpy.float32)
    binding = session.io_binding()
    binding.bind_ortvalue_output("y", OrtValue.ortvalue_from_numpy(y))

    def run(x):
        binding.bind_ortvalue_input("x", x)
        session.run_with_iobinding(binding)
        return y

    return worker.Inference(run, [OrtValue.ortvalue_from_numpy(x) for x in batches])


class OnnxRuntime:
    def __init__(self, threads):
        self.threads = threads

    def settings(self, workload):
        return ("run", "bound") if workload in worker.INFERENCE else ()

    def make(self, workload, setting, data):
        session = make_session(data["onnx"], self.threads)
        images = data["images"]
        batches = list(images.reshape(worker.BATCHES, worker.batch_of(data), -1))
        if setting == "bound":
            return bound(session, batches)
        return worker.Inference(lambda x: session.run(None, {"x": x})[0], batches)


if __name__ == "__main__":
    worker.main("onnx", OnnxRuntime)
