"""A whole process in JAX: start, read an IDX file of images, train 784-36-784 for one epoch, exit.

jax_epoch.py FILE step|scan: single steps dispatched without waiting, or one lax.scan.
"""

import math
import sys

import jax
import jax.numpy as jnp
import numpy as np

BATCH, RATE, BETA1, BETA2, EPSILON = 128, 1e-3, 0.9, 0.999, 1e-8


def read_images(path):
    with open(path, "rb") as file:
        header = np.frombuffer(file.read(16), ">u4")
        return np.frombuffer(file.read(), np.uint8).reshape(header[1], -1)


def loss_of(p, x):
    h = jnp.tanh(x @ p["w1"].T + p["b1"])
    y = jax.nn.sigmoid(h @ p["w2"].T + p["b2"])
    return jnp.mean((y - x) ** 2)


def step(state, stored):
    p, m, v, t = state
    loss, g = jax.value_and_grad(loss_of)(p, stored.astype(jnp.float32) * (1 / 255))
    t = t + 1
    c1, c2 = -jnp.expm1(t * math.log(BETA1)), -jnp.expm1(t * math.log(BETA2))
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
    update = lambda p, m, v: p - RATE * (m / c1) / (jnp.sqrt(v / c2) + EPSILON)
    return (jax.tree.map(update, p, m, v), m, v, t), loss


def first_state(pixels):
    keys = jax.random.split(jax.random.key(5), 4)
    uniform = lambda key, shape, width: jax.random.uniform(key, shape, minval=-1) / math.sqrt(width)
    p = {
        "w1": uniform(keys[0], (36, pixels), pixels),
        "b1": uniform(keys[1], (36,), pixels),
        "w2": uniform(keys[2], (pixels, 36), 36),
        "b2": uniform(keys[3], (pixels,), 36),
    }
    zeros = lambda: jax.tree.map(jnp.zeros_like, p)
    return p, zeros(), zeros(), jnp.zeros(())


def main(path, setting):
    images = read_images(path)
    order = np.random.default_rng(5).permutation(len(images))
    order = order[: len(order) // BATCH * BATCH].reshape(-1, BATCH)
    state = first_state(images.shape[1])
    if setting == "scan":
        data = jnp.asarray(images)
        block = jax.jit(lambda s, d, o: jax.lax.scan(lambda s, i: step(s, d[i]), s, o))
        state, losses = block(state, data, jnp.asarray(order))
    else:
        jitted = jax.jit(step, donate_argnums=0)
        losses = []
        for batch in order:
            state, loss = jitted(state, images[batch])
            losses.append(loss)
        losses = jnp.stack(losses)
    print(f"{len(images)} images, mean loss {losses.mean():.4f}")


main(*sys.argv[1:])
