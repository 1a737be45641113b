"""Opens a model with the safetensors package, as a reader without Hourglass would."""
import sys

import numpy
from safetensors.numpy import load_file

tensors = load_file(sys.argv[1])
for name, tensor in sorted(tensors.items()):
    print(f"  {name} {tensor.dtype} {list(tensor.shape)}")
    assert tensor.dtype == numpy.float32, name
    assert numpy.isfinite(tensor).all(), name
assert any(name.endswith(".weight") and tensor.ndim == 2 for name, tensor in tensors.items())
