"""What the peers share: the command line, the data, timing, and serving samples to bench/compare.

A peer is a module with `settings(workload)`, a tuple of names, and `make(workload, setting, data)`,
an object with `sample(seconds)`: the ms of a step or a call (for lanes: ns an element), measured for so long;
for training, `losses(steps)`: those of the first steps, with the noise that `data` holds; for
inference and Laplacians, `output()`: what it makes of the first images, as a NumPy array.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TRAINING = ("W1", "W2b128", "W2b512", "W3", "W4", "W5", "W6a", "W6b", "W6c", "W8", "W1f64")
INFERENCE = ("W7a-b1", "W7a-b256", "W7b-b1", "W7b-b256", "W7c-b1", "W7c-b256")
LAPLACIANS = ("W9a", "W9b", "W9c")
LANES = ("tanh", "sigmoid", "normal")  # ns an element
CALLS = ("product_f64", "gradcheck", "sparse")  # ms
FILED = TRAINING + INFERENCE + LAPLACIANS  # by build/bench/oracle
LANE_ELEMENTS = 100_000
PRODUCT = (512, 1000, 784)  # rows, columns, what is summed over
LEARNING_RATE = 1e-3
PENALTY_WEIGHT = 0.01
BATCHES = 8


# Of one image, where layers are convolutions.
IMAGE = {
    "W4": (1, 28, 28),
    "W5": (3, 32, 32),
    "W7c-b1": (1, 28, 28),
    "W7c-b256": (1, 28, 28),
    "W8": (3, 64, 64),
}


def batch_of(data):
    return len(data["images"]) // BATCHES


class Inference:
    """A function of a batch, timed on different ones in turn, each given and waited for."""

    def __init__(self, function, batches):
        self.function, self.batches, self.count = function, batches, 0

    def next_output(self):
        self.count += 1
        return self.function(self.batches[self.count % BATCHES])

    def sample(self, seconds):
        return median_ms(self.next_output, seconds)

    def output(self):
        import numpy

        return numpy.asarray(self.function(self.batches[0]))


def difference(a, b):
    """The largest of two arrays of one size, relative to the largest number."""
    return float(abs(a.reshape(-1) - b.reshape(-1)).max() / abs(b).max())


def time_calls(f, seconds, at_least=3):
    """The seconds of each call: first some that do not count, as bench/train does. A call that takes
    longer than all the time there is is made once more, and that counts."""
    start = time.perf_counter()
    f()
    slow = time.perf_counter() - start > seconds
    warm = 1
    while not slow and (warm < 2 or time.perf_counter() - start < 0.2 * seconds):
        f()
        warm += 1
    at_least = 1 if slow else at_least
    times = []
    start = before = time.perf_counter()
    while len(times) < at_least or before - start < seconds:
        f()
        after = time.perf_counter()
        times.append(after - before)
        before = after
    return times


def median_ms(f, seconds, steps=1, at_least=3):
    """The median ms a step of a call that makes several."""
    return statistics.median(time_calls(f, seconds, at_least)) / steps * 1e3


def steps_in(seconds, f):
    """How many calls of f fill so much time, from 2 to 256."""
    f()
    start = time.perf_counter()
    f()
    return max(2, min(256, int(seconds / (time.perf_counter() - start))))


class Files:
    """The workloads as build/bench/oracle writes them: weights, images, noise."""

    def __init__(self, folder, program):
        self.folder = folder or tempfile.mkdtemp()
        self.program = program

    def load(self, workload):
        """The arrays by name; of inference the path of the ONNX file, too, as "onnx"."""
        from safetensors.numpy import load_file

        path = os.path.join(self.folder, workload + ".safetensors")
        if not os.path.exists(path):
            subprocess.run([self.program, workload, "-o", path], check=True)
        onnx = {"onnx": path.removesuffix("safetensors") + "onnx"}
        return load_file(path) | (onnx if workload in INFERENCE else {})


def parse(name):
    parser = argparse.ArgumentParser(description=f"Times the workloads of bench/train in {name}.")
    known = FILED + LANES + CALLS
    parser.add_argument("workload", nargs="*", metavar="WORKLOAD", help=", ".join(known))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2, help="how long each is timed")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--files", help="a folder of what build/bench/oracle wrote")
    parser.add_argument("--oracle", default=os.path.join(ROOT, "build/bench/oracle"))
    parser.add_argument("--serve", action="store_true", help="answer the requests of bench/compare")
    arguments = parser.parse_args()
    unknown = [w for w in arguments.workload if w not in known]
    if unknown:
        parser.error(f"there is no workload {unknown[0]}: expected one of {', '.join(known)}")
    return arguments


def print_all(name, peer, arguments, files):
    for workload in arguments.workload or FILED:
        data = files.load(workload) if workload in FILED else None
        for setting in peer.settings(workload):
            figure = peer.make(workload, setting, data).sample(arguments.seconds)
            unit = "ns an element" if workload in LANES else "ms"
            line = {"peer": name, "workload": workload, "setting": setting}
            line |= {"threads": arguments.threads, unit: figure}
            text = f"{name:<6} {workload:<9} {setting:<16} {figure:10.4g} {unit}"
            print(json.dumps(line) if arguments.json else text, flush=True)


def serve(peer, files):
    """A request a line, an answer a line, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints must not look like an answer
    made = {}
    for line in sys.stdin:
        request = json.loads(line)
        workload = request["workload"]
        if request["ask"] == "settings":
            answer = peer.settings(workload)
        else:
            data = files.load(workload) if workload in FILED else None
            key = workload, request["setting"]
            if key not in made or request["ask"] == "losses":
                made[key] = peer.make(*key, data)
            if request["ask"] == "losses":
                answer = made.pop(key).losses(request["steps"])
            elif request["ask"] == "difference":
                answer = difference(made[key].output(), data["output"])
            else:
                answer = made[key].sample(request["seconds"])
        print(json.dumps(answer), file=answers)


def main(name, make_peer):
    arguments = parse(name)
    files = Files(arguments.files, arguments.oracle)
    peer = make_peer(arguments.threads)
    serve(peer, files) if arguments.serve else print_all(name, peer, arguments, files)
