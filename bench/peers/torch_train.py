"""The workloads of bench/train in PyTorch: eager, Adam(fused=True), torch.compile."""

import torch

import torch_models
import worker

PARAMETER = "parameter:"


class Training:
    def __init__(self, workload, setting, data):
        self.workload = workload
        self.x = torch.from_numpy(data["images"]).split(worker.batch_of(workload))
        self.noise = torch.from_numpy(data["noise"]) if "noise" in data else None
        self.parameters = {
            name[len(PARAMETER) :]: torch.from_numpy(value).clone().requires_grad_()
            for name, value in data.items()
            if name.startswith(PARAMETER)
        }
        self.adam = torch.optim.Adam(
            list(self.parameters.values()), lr=worker.LEARNING_RATE, fused=setting != "eager"
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
        if self.workload == "W3":
            return torch.randn(128, 20)
        if self.workload == "W6c":
            return torch.randint(0, 2, (128, 256)).mul_(2).sub_(1).float()
        return None

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


class Torch:
    def __init__(self, threads):
        torch.set_num_threads(threads)

    def settings(self, workload):
        if workload in worker.LANES:
            return ("out=",)
        if workload == "W6b":
            return ("fused", "eager", "jacrev", "compile jacrev")
        # torch.compile refuses what is differentiated twice.
        return ("eager", "fused") + (("compile",) if workload != "W6c" else ())

    def make(self, workload, setting, data):
        if workload in worker.LANES:
            return Lane(workload)
        return Training(workload, setting, data)


if __name__ == "__main__":
    worker.main("torch", Torch)
