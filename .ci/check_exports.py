"""Trains small models, exports them, and has others compute what Hourglass computes.

check_exports.py PROGRAM FOLDER [NAME...]: PROGRAM is hourglass; what it makes goes below FOLDER. Every name
that `hourglass models` lists, on images, and some on other data. Ends with 1 where something differs.
"""

import csv
import importlib.util
import json
import os
import subprocess
import sys

import numpy
import onnx
import onnxruntime

try:
    import torch
except ImportError:
    torch = None

TOLERANCE = 1e-5  # of the output's range
COUNT = 7  # examples that are compared
WINDOW = 31
SERIES = ["--kind", "series", "--window", str(WINDOW), "--stride", str(WINDOW), "--epochs", "2"]
LABELLED = ["--epochs", "20", "--batch", "32", "--label", "colour"]
ROWS = LABELLED[:4] + ["--category", "colour"]
COUNTS = ["--kind", "counts", "--epochs", "2"]
DIGITS = ["--images", "200", "--epochs", "1"]

OTHERS = [  # run, model, data, options: each scale, loss with an output of its own, and what is missing
    ("row", "dense", "whole.csv", ROWS),
    ("row-mask", "vae", "table.csv", ROWS + ["--missing", "mask"]),
    ("row-minmax", "contractive", "table.csv", ROWS + ["--scale", "minmax", "--missing", "mean"]),
    ("row-labels", "cvae", "whole.csv", LABELLED),
    ("row-quantised", "vq-vae", "whole.csv", ROWS),
    ("series", "conv", "series.csv", SERIES),
    ("series-pool", "conv-pool", "series.csv", SERIES),
    ("counts", "vae", "counts.csv", COUNTS),
    ("counts-poisson", "dense", "counts.csv", COUNTS + ["--loss", "poisson"]),
    ("counts-zinb", "vae", "counts.csv", COUNTS + ["--loss", "zinb"]),
    ("activations", "k-sparse", "activations.npy", ["--kind", "activations", "--epochs", "2"]),
    ("nearest", "conv-vae", None, DIGITS + ["--upsampling", "nearest"]),
    ("pool-nearest", "conv-pool", None, DIGITS + ["--upsampling", "nearest"]),
    ("pool-tied", "conv-pool", None, DIGITS + ["--tied"]),
    ("pool-labels", "conv-pool", None, DIGITS + ["--classes", "10"]),
    ("tanh", "deep", None, DIGITS + ["--activation", "tanh", "--code-activation", "softplus"]),
]


def run(*words):
    result = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(" ".join(map(str, words)) + ": " + result.stderr)
    return result.stdout


def write_table(path, rng, rows, missing):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["size", "colour", "constant", "weight"])
        for _ in range(rows):
            size = rng.normal(1e6, 2e5)
            gap = missing and rng.random() < 0.2
            colour = rng.choice(["red", "green", "blue"])
            out.writerow([f"{size:.3f}", colour, 4, "" if gap else f"{size / 1e5 + rng.normal():.4f}"])


def make_data(folder):
    """What is learnt from, and under few/ what is compared."""
    rng = numpy.random.default_rng(1)
    os.makedirs(os.path.join(folder, "few"), exist_ok=True)
    for part, n in (("", 200), ("few", COUNT)):
        at = lambda name: os.path.join(folder, part, name)
        write_table(at("whole.csv"), rng, n, False)
        write_table(at("table.csv"), rng, n, True)
        time = numpy.arange(n * WINDOW)
        wave = numpy.stack([3 * numpy.sin(time / 5), 100 + numpy.cos(time / 7)], 1)
        wave += rng.normal(size=wave.shape) / 10
        numpy.savetxt(at("series.csv"), wave, delimiter=",", header="left,right", comments="")
        counts = rng.poisson(rng.gamma(0.5, 4, (n, 20)))
        counts[:, 0] += 1
        numpy.savetxt(at("counts.csv"), counts, fmt="%d", delimiter=",",
                      header=",".join(f"w{i}" for i in range(20)), comments="")
        numpy.save(at("activations.npy"), rng.normal(size=(n, 24)).astype("f4"))
    numpy.save(os.path.join(folder, "few", "images.npy"),
               rng.integers(0, 256, (COUNT, 28, 28)).astype("u1"))
    numpy.save(os.path.join(folder, "few", "labels.npy"), (numpy.arange(COUNT) % 3).astype("i4"))


def as_numbers(path, columns):
    """A table as the model sees it: of words the columns name=word."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    def number(row, column):
        name, _, word = column.partition("=")
        return float(row[name] == word) if word else float(row[name] or "nan")
    return numpy.array([[number(r, c) for c in columns] for r in rows], "f4")


def examples(path, model):
    """What Hourglass reads from a file, as an array for others."""
    info = {p.key: p.value for p in model.metadata_props}
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    if path.endswith(".npy"):
        return numpy.load(path).reshape([-1] + shape)
    x = as_numbers(path, json.loads(info["columns"]))
    if len(shape) == 1:
        return x
    return numpy.ascontiguousarray(x.reshape(-1, WINDOW, x.shape[1]).transpose(0, 2, 1))


def range_of(numbers, axis=None):
    low, high = numpy.nanmin(numbers, axis), numpy.nanmax(numbers, axis)
    return numpy.where(high > low, high - low, numpy.maximum(numpy.abs(high), 1))


def difference(ours, theirs, scale):
    """The largest, of the range. Theirs may be the first only."""
    if ours[: len(theirs)].shape != theirs.shape or not numpy.isfinite(theirs).all():
        return float("inf")
    return (numpy.abs(ours[: len(theirs)].astype("f8") - theirs) / scale).max()


class Exported:
    """A run, what Hourglass makes of a few examples, and its files for others."""

    def __init__(self, program, folder, data, name, model, options):
        self.program, self.name = program, name
        self.run = os.path.join(folder, "runs", name)
        source = [] if data is None else ["--data", os.path.join(folder, data)]
        run(program, "train", model, "--out", self.run, "--force", *source, *options)
        self.table = data in ("table.csv", "whole.csv")  # each column in a unit of its own
        self.few = os.path.join(folder, "few", data or "images.npy")
        with open(os.path.join(self.run, "config.json")) as file:
            self.classes = json.load(file)["spec"].get("classes", 0)
        label = ["--labels", os.path.join(folder, "few", "labels.npy")] if self.classes else []
        self.labels = numpy.load(label[1]) if self.classes else None
        files = [os.path.join(self.run, f) for f in ("r.npy", "c.npy", "d.npy")]
        run(program, "reconstruct", self.run, self.few, "-o", files[0], *label)
        run(program, "encode", self.run, self.few, "-o", files[1], *label)
        run(program, "decode", self.run, files[1], "-o", files[2], *label)
        self.reconstruction, self.code, self.decoded = map(numpy.load, files)

    def onnx(self, part):
        path = os.path.join(self.run, part + ".onnx")
        run(self.program, "export", self.run, "--onnx", "--part", part, "-o", path)
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        return model, onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def check(self, what, ours, theirs):
        ours = self.as_examples(ours, theirs.shape)
        columns = self.table and not ("code" in what or "encoder" in what)
        found = difference(ours, theirs, range_of(self.x, 0) if columns else range_of(ours))
        if found > TOLERANCE:
            print(f"{self.name}: {what} DIFFERS: {found:.1e} of the range")
        return found

    @staticmethod
    def as_examples(x, shape):
        if len(shape) == 3 and x.ndim == 2:  # windows, laid one after the other
            x = x.reshape(-1, WINDOW, x.shape[1]).transpose(0, 2, 1)
        return x.reshape((-1,) + shape[1:])

    def in_torch(self):
        path = os.path.join(self.run, "model.py")
        run(self.program, "export", self.run, "--torch", "-o", path)
        spec = importlib.util.spec_from_file_location("exported", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.load(os.path.join(self.run, "model.safetensors"))

    def torch_differences(self):
        model = self.in_torch()
        labels = [torch.from_numpy(self.labels)] if self.classes else []
        x = torch.from_numpy(self.x)
        with torch.no_grad():
            yield self.check("PyTorch's reconstruction", self.reconstruction, model(x, *labels).numpy())
            yield self.check("PyTorch's code", self.code, model.encode(x, *labels).numpy())
            code = torch.from_numpy(self.code.astype("f4"))
            yield self.check("PyTorch's decoder", self.decoded, model.decode(code, *labels).numpy())

    def onnx_differences(self):
        wholes, whole = self.onnx("all")
        encoder, decoder = self.onnx("encoder")[1], self.onnx("decoder")[1]
        self.x = x = examples(self.few, wholes)
        for count in (COUNT, 1):
            labels = {"labels": self.labels[:count]} if self.classes else {}
            y, code = whole.run(None, {"x": x[:count]} | labels)
            yield self.check("reconstruction", self.reconstruction, y)
            yield self.check("code", self.code, code)
            yield self.check("encoder", self.code, encoder.run(None, {"x": x[:count]} | labels)[0])
            given = {"code": self.code[:count].astype("f4")}
            yield self.check("decoder", self.decoded, decoder.run(None, given | labels)[0])


def theirs_as_ours(program, folder):
    """Weights of PyTorch's own modules, under its names, as runs of ours."""
    nn, save = torch.nn, importlib.import_module("safetensors.torch").save_file
    torch.manual_seed(1)

    class Vae(nn.Module):  # as PyTorch's example has it
        def __init__(self):
            super().__init__()
            self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
            self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

        def forward(self, x):
            mean = self.fc21(torch.relu(self.fc1(x.flatten(1))))
            return torch.sigmoid(self.fc4(torch.relu(self.fc3(mean))))

    conv = nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 8, 3, 2, 1),
        nn.ConvTranspose2d(8, 32, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 3, 2, 1, 1), nn.Sigmoid())
    few = os.path.join(folder, "few", "images.npy")
    images = torch.from_numpy(numpy.load(few)).float().unsqueeze(1) / 255
    for like, model in (("vae", Vae()), ("conv", conv)):
        path, out = os.path.join(folder, like + ".safetensors"), os.path.join(folder, "runs", "import-" + like)
        save(model.state_dict(), path)
        run(program, "import", path, "--like", like, "--out", out, "--force")
        run(program, "reconstruct", out, few, "-o", os.path.join(out, "r.npy"))
        ours = numpy.load(os.path.join(out, "r.npy"))
        with torch.no_grad():
            theirs = model(images).numpy().reshape(ours.shape)
        found = difference(ours, theirs, range_of(ours))
        print(f"{like:<15} from PyTorch: at most {found:.1e} of the range", flush=True)
        yield found


def main(program, folder, wanted):
    make_data(folder)
    models = [m["name"] for m in json.loads(run(program, "models", "--json"))]
    # Principal components are solved, in no epochs.
    cases = [(m, m, None, DIGITS[:2] if m == "pca" else DIGITS) for m in models] + OTHERS
    good = True
    for name, model, data, options in cases:
        if wanted and name not in wanted:
            continue
        exported = Exported(program, folder, data, name, model, options)
        worst = max(exported.onnx_differences())
        text = f"{name:<15} at most {worst:.1e} of the range in ONNX Runtime"
        if torch:
            there = max(exported.torch_differences())
            text += f", {there:.1e} in PyTorch"
            worst = max(worst, there)
        print(text, flush=True)
        good = good and worst <= TOLERANCE
    if torch and not wanted:
        good = all([found <= TOLERANCE for found in theirs_as_ours(program, folder)]) and good
    if not torch:
        print("Skipped: PyTorch is not there.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
