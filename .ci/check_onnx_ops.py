"""Has ONNX Runtime compute the functions of the certificate, each of which tests/onnx_cases wrote as ONNX.

check_onnx_ops.py PROGRAM FOLDER: PROGRAM is onnx_cases, what it writes goes into FOLDER. Ends with 1 where a
number differs.
"""

import glob
import os
import subprocess
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-5  # of the largest number


def difference(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    tensors = load_file(path.removesuffix("onnx") + "safetensors")
    y = tensors.pop("y")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    got = session.run(None, tensors)[0]
    if got.shape != y.shape or got.dtype != y.dtype:
        return float("inf")
    with numpy.errstate(invalid="ignore"):
        differs = numpy.where(got == y, 0, numpy.abs(got.astype("f8") - y))
    return differs.max(initial=0) / max(1, numpy.abs(y).max(initial=0))


def main(program, folder):
    os.makedirs(folder, exist_ok=True)
    for old in glob.glob(os.path.join(folder, "*")):
        os.remove(old)
    print(subprocess.run([program, folder], check=True, capture_output=True, text=True).stdout, end="")
    cases = sorted(glob.glob(os.path.join(folder, "*.onnx")))
    bad = 0
    worst = 0
    for path in cases:
        try:
            found = difference(path)
        except Exception as error:
            print(f"{os.path.basename(path)}: {error}")
            found = float("inf")
        if not found <= TOLERANCE:
            print(f"{os.path.basename(path)} DIFFERS: {found:.1e}")
            bad += 1
        else:
            worst = max(worst, found)
    print(f"{len(cases) - bad} of {len(cases)} graphs agree, to {worst:.1e} of the largest number")
    return 0 if cases and not bad else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
