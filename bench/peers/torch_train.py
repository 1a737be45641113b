"""The workloads of bench/train in PyTorch: eager, Adam(fused=True), torch.compile; convolutions with
channels_last, too, and inference with frozen weights."""

import torch

import torch_models
import worker

PARAMETER = "parameter:"
CHANNELS_LAST = " channels_last"


def weights_of(data, setting):
    """By name; of convolutions in the setting's layout."""
    found = {}
    for name, value in data.items():
        if name.startswith(PARAMETER):
            weight = torch.from_numpy(value).clone()
            found[name[len(PARAMETER) :]] = in_layout(weight, setting)
    return found


def batches_of(workload, data, setting):
    size = worker.batch_of(data)
    shape = (size, *worker.IMAGE.get(workload, (-1,)))
    batches = torch.from_numpy(data["images"]).split(size)
    return [in_layout(x.reshape(shape), setting) for x in batches]


def in_layout(x, setting):
    layout = torch.channels_last if setting.endswith(CHANNELS_LAST) and x.ndim == 4 else None
    return x.contiguous(memory_format=layout) if layout else x


def layouts(workload, settings):
    """With channels_last, too, where layers are convolutions."""
    last = tuple(setting + CHANNELS_LAST for setting in settings)
    return settings + (last if workload in worker.IMAGE else ())


class Training:
    def __init__(self, workload, setting, data):
        self.workload = workload
        self.x = batches_of(workload, data, setting)
        self.noise = torch.from_numpy(data["noise"]) if "noise" in data else None
        self.parameters = {
            name: weight.requires_grad_() for name, weight in weights_of(data, setting).items()
        }
        self.adam = torch.optim.Adam(
            list(self.parameters.values()),
            lr=worker.LEARNING_RATE,
            fused=not setting.startswith("eager"),
        )
        penalty = torch_models.whole_jacobian if "jacrev" in setting else None

        def loss(p, x, noise):
            return torch_models.output_and_loss(workload, p, x, noise, penalty)[1]

        self.loss = loss
        if "compile" in setting:
            torch.compiler.reset()  # else another workload's shapes would count as changes of this one's
            self.loss = torch.compile(loss, dynamic=False)
        self.count = 0

    def draw(self):
        if self.noise is None:
            return None
        shape = self.noise.shape[1:]
        if self.workload == "W6c":
            return torch.randint(0, 2, shape).mul_(2).sub_(1).float()
        return torch.randn(shape)

    def step(self, noise=None):
        x = self.x[self.count % worker.BATCHES]
        self.count += 1
        self.adam.zero_grad(set_to_none=True)
        loss = self.loss(self.parameters, x, self.draw() if noise is None else noise)
        loss.backward()
        self.adam.step()
        return loss

    def sample(self, seconds):
        return worker.median_ms(self.step, seconds)

    def losses(self, steps):
        noise = self.noise if self.noise is not None else [None] * steps
        return [self.step(noise[i]).item() for i in range(steps)]


class Net(torch.nn.Module):
    """A function of weights as a module that holds them, whose parameters the compiler may freeze."""

    def __init__(self, function, weights):
        super().__init__()
        self.function = function
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, weight in weights.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(weight, False))

    def forward(self, x):
        return self.function({name: getattr(self, field) for name, field in self.names.items()}, x)


def make_inference(workload, setting, data):
    net = Net(torch_models.inference(workload), weights_of(data, setting)).eval()
    function = net
    if "compile" in setting:
        torch.compiler.reset()
        function = torch.compile(net, dynamic=False, options={"freezing": "freeze" in setting})
    batches = batches_of(workload, data, setting)
    return worker.Inference(torch.inference_mode()(lambda x: function(x)), batches)


def make_laplacian(workload, setting, data):
    weights = weights_of(data, setting)
    return worker.Inference(
        lambda x: torch_models.laplacian(weights, x).detach(), batches_of(workload, data, setting)
    )


class Lane:
    def __init__(self, lane):
        x = 2 * torch.randn(worker.LANE_ELEMENTS)
        y = torch.empty_like(x)
        calls = {
            "tanh": lambda: torch.tanh(x, out=y),
            "sigmoid": lambda: torch.sigmoid(x, out=y),
            "normal": lambda: y.normal_(),
        }
        self.call = calls[lane]

    def sample(self, seconds):
        return worker.median_ms(self.call, seconds) * 1e6 / worker.LANE_ELEMENTS


class Product:
    def __init__(self):
        m, n, k = worker.PRODUCT
        a, b = torch.rand(m, k, dtype=torch.float64), torch.rand(n, k, dtype=torch.float64)
        c = torch.empty(m, n, dtype=torch.float64)
        self.call = lambda: torch.mm(a, b.T, out=c)

    def sample(self, seconds):
        return worker.median_ms(self.call, seconds)


class SparseLayer:
    """The product and its weight's gradient of 512 rows of 1 % of 20,000 columns to 256 units."""

    def __init__(self, setting):
        counts = torch.randint(1, 5, (512, 20000)) * (torch.rand(512, 20000) < 0.01)
        dense, weight, g = counts.float(), torch.rand(20000, 256), torch.rand(512, 256)
        self.x = dense.to_sparse_csr() if setting == "csr" else dense
        self.transposed = dense.T.to_sparse_csr() if setting == "csr" else dense.T
        self.call = lambda: (self.x @ weight, self.transposed @ g)

    def sample(self, seconds):
        return worker.median_ms(self.call, seconds)


class GradCheck:
    """Of the loss of 16-8-16 as a function of 4 rows and all weights, every element."""

    def __init__(self):
        uniform = lambda *shape: (2 * torch.rand(*shape, dtype=torch.float64) - 1).requires_grad_()
        self.inputs = uniform(4, 16), uniform(8, 16), uniform(8), uniform(16, 8), uniform(16)

    @staticmethod
    def loss(x, w1, b1, w2, b2):
        linear = torch.nn.functional.linear
        y = torch.sigmoid(linear(torch.tanh(linear(x, w1, b1)), w2, b2))
        return (y - x).square().mean()

    def sample(self, seconds):
        return worker.median_ms(lambda: torch.autograd.gradcheck(self.loss, self.inputs), seconds)


class Torch:
    def __init__(self, threads):
        torch.set_num_threads(threads)

    def settings(self, workload):
        if workload in worker.LANES or workload == "product_f64":
            return ("out=",)
        if workload == "gradcheck":
            return ("all elements",)
        if workload == "sparse":
            return ("csr", "dense")
        if workload == "W6b":
            return ("fused", "eager", "jacrev", "compile jacrev")
        if workload in worker.LAPLACIANS:
            return ("forward over reverse",)
        if workload in worker.INFERENCE:
            return layouts(workload, ("eager", "compile", "compile freeze"))
        # torch.compile refuses what is differentiated twice.
        compiled = ("compile",) if workload != "W6c" else ()
        return layouts(workload, ("eager", "fused") + compiled)

    def make(self, workload, setting, data):
        if workload in worker.LANES:
            return Lane(workload)
        if workload == "sparse":
            return SparseLayer(setting)
        if workload in worker.CALLS:
            return Product() if workload == "product_f64" else GradCheck()
        if workload in worker.LAPLACIANS:
            return make_laplacian(workload, setting, data)
        if workload in worker.INFERENCE:
            return make_inference(workload, setting, data)
        return Training(workload, setting, data)


if __name__ == "__main__":
    worker.main("torch", Torch)
