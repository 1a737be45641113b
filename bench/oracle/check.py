"""Computes in PyTorch, in f64, what build/bench/oracle wrote: output, loss and every gradient; of
inference the output.

check.py ORACLE [WORKLOAD...]: ORACLE is the program. Ends with 1 where a number differs.
"""

import os
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../peers"))
import torch_models
from worker import FILED, IMAGE, INFERENCE, LAPLACIANS, batch_of

TOLERANCE = 1e-10
PARAMETER = "parameter:"


def difference(a, b):
    """The largest difference relative to the largest number."""
    if a.numel() != b.numel() or not a.isfinite().all():
        return float("inf")
    return ((a - b.reshape(a.shape)).abs().max() / b.abs().max()).item()


def results(workload, data, x):
    names = [name[len(PARAMETER) :] for name in data if name.startswith(PARAMETER)]
    weights = {name: data[PARAMETER + name].double().requires_grad_() for name in names}
    if workload in INFERENCE + LAPLACIANS:
        return {"output": torch_models.inference(workload)(weights, x)}
    noise = data["noise"][0].double() if "noise" in data else None
    output, loss = torch_models.output_and_loss(workload, weights, x, noise)
    gradients = torch.autograd.grad(loss, [weights[name] for name in names])
    return {"output": output, "loss": loss} | {
        "gradient:" + name: g for name, g in zip(names, gradients)
    }


def differences(workload, data):
    size = batch_of(data)
    x = data["images"][:size].double().reshape(size, *IMAGE.get(workload, (-1,)))
    theirs = results(workload, data, x)
    return {name: difference(data[name], value.detach()) for name, value in theirs.items()}


def check(program, workload, folder):
    path = os.path.join(folder, "oracle.safetensors")
    subprocess.run([program, workload, "-o", path], check=True)
    found = differences(workload, load_file(path))
    worst = max(found, key=found.get)
    good = found[worst] <= TOLERANCE
    verdict = "agrees" if good else "DIFFERS"
    print(f"{workload:<9} {verdict}: {len(found)} arrays, at most {found[worst]:.1e} in {worst}")
    return good


def main(program, workloads):
    with tempfile.TemporaryDirectory() as folder:
        good = [check(program, w, folder) for w in workloads or FILED]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
