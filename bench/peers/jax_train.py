"""The workloads of bench/train in JAX: one jitted, donated step, waited for or dispatched without
waiting, and a block of steps in one lax.scan; inference with weights that are given, or constants.
No convolutions: XLA's take several times as long as PyTorch's on a CPU. No f64, which is a switch of
the whole process."""

import math

import jax
import jax.numpy as jnp
from jax import lax

import jax_models
import worker

PARAMETER = "parameter:"
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def adam(parameters, first, second, gradients, t):
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
    # 1 - beta^t, without the digits that the subtraction would lose at the first steps.
    c1, c2 = -jnp.expm1(t * math.log(BETA1)), -jnp.expm1(t * math.log(BETA2))
    parameters = jax.tree.map(
        lambda p, m, v: p - worker.LEARNING_RATE * (m / c1) / (jnp.sqrt(v / c2) + EPSILON),
        parameters,
        first,
        second,
    )
    return parameters, first, second


def weights_of(data):
    return {
        name[len(PARAMETER) :]: jnp.asarray(value)
        for name, value in data.items()
        if name.startswith(PARAMETER)
    }


def batches_of(data):
    return jnp.asarray(data["images"]).reshape(worker.BATCHES, worker.batch_of(data), -1)


class Training:
    def __init__(self, workload, setting, data):
        self.workload, self.setting = workload, setting
        self.x = batches_of(data)
        self.noise = jnp.asarray(data["noise"]) if "noise" in data else None
        parameters = weights_of(data)
        zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
        self.state = (parameters, zeros(), zeros(), jnp.zeros((), jnp.int32), jax.random.key(5))
        self.step = jax.jit(self.advance, donate_argnums=0)
        self.block = jax.jit(self.advance_all, donate_argnums=0)
        self.batches = list(self.x)
        self.count = 0
        self.chunk = 0

    def advance(self, state, x, noise=None):
        parameters, first, second, t, key = state
        if noise is None:
            noise = jax_models.draw_noise(self.workload, jax.random.fold_in(key, t))
        loss, gradients = jax.value_and_grad(jax_models.loss_of(self.workload))(parameters, x, noise)
        t = t + 1
        parameters, first, second = adam(parameters, first, second, gradients, t.astype(jnp.float32))
        return (parameters, first, second, t, key), loss

    def advance_all(self, state, x, which):
        return lax.scan(lambda s, i: self.advance(s, x[i]), state, which)

    def next_step(self, noise=None):
        x = self.batches[self.count % worker.BATCHES]
        self.count += 1
        self.state, loss = self.step(self.state, x, noise)
        return loss

    def waited_step(self):
        self.next_step().block_until_ready()

    def dispatched_steps(self):
        for _ in range(self.chunk):
            loss = self.next_step()
        loss.block_until_ready()

    def scanned_steps(self):
        which = jnp.arange(self.chunk) % worker.BATCHES
        self.state, losses = self.block(self.state, self.x, which)
        losses.block_until_ready()

    def sample(self, seconds):
        if self.setting == "step":
            return worker.median_ms(self.waited_step, seconds)
        self.chunk = self.chunk or worker.steps_in(0.1, self.waited_step)
        call = self.dispatched_steps if self.setting == "no waiting" else self.scanned_steps
        return worker.median_ms(call, seconds, self.chunk)

    def losses(self, steps):
        noise = self.noise if self.noise is not None else [None] * steps
        return [self.next_step(noise[i]).item() for i in range(steps)]


def make_inference(workload, setting, data):
    laplacian = workload in worker.LAPLACIANS
    model = jax_models.LAPLACIANS[setting] if laplacian else jax_models.inference(workload)
    weights = weights_of(data)
    given = jax.jit(model)
    held = jax.jit(lambda x: model(weights, x))
    function = held if setting == "constants" else lambda x: given(weights, x)
    return worker.Inference(lambda x: function(x).block_until_ready(), list(batches_of(data)))


class Lane:
    def __init__(self, lane, setting):
        key = jax.random.key(5)
        x = 2 * jax.random.normal(key, (worker.LANE_ELEMENTS,))
        functions = {
            "tanh": jnp.tanh,
            "sigmoid": jax.nn.sigmoid,
            "normal": lambda key: jax.random.normal(key, (worker.LANE_ELEMENTS,)),
        }
        function = jax.jit(functions[lane])
        argument = key if lane == "normal" else x
        self.calls = 1 if setting == "step" else 16
        self.call = lambda: [function(argument) for _ in range(self.calls)][-1].block_until_ready()

    def sample(self, seconds):
        return worker.median_ms(self.call, seconds, self.calls) * 1e6 / worker.LANE_ELEMENTS


class Jax:
    def __init__(self, threads):
        """XLA takes its threads from the cores that the process may use."""

    def settings(self, workload):
        if workload in worker.IMAGE or workload in worker.CALLS or workload == "W1f64":
            return ()
        if workload in worker.INFERENCE:
            return ("given", "constants")
        if workload in worker.LAPLACIANS:
            return tuple(jax_models.LAPLACIANS)
        return ("step", "no waiting") + (("scan",) if workload not in worker.LANES else ())

    def make(self, workload, setting, data):
        if workload in worker.LANES:
            return Lane(workload, setting)
        if workload in worker.INFERENCE + worker.LAPLACIANS:
            return make_inference(workload, setting, data)
        return Training(workload, setting, data)


if __name__ == "__main__":
    worker.main("jax", Jax)
