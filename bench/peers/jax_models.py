"""The workloads in JAX: losses as functions of a dictionary of weights."""

import functools

import jax
import jax.numpy as jnp

from worker import PENALTY_WEIGHT


def layer(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def bce(logits, x):
    return jax.nn.softplus(logits) - x * logits


def dense(p, x, _):
    y = jax.nn.sigmoid(layer(p, "decoder.0", jnp.tanh(layer(p, "encoder.0", x))))
    return jnp.mean((y - x) ** 2)


def deep_code(p, h):
    for name in ("encoder.0", "encoder.2", "encoder.4"):
        h = jax.nn.relu(layer(p, name, h))
    return layer(p, "encoder.6", h)


def deep_logits(p, x):
    h = deep_code(p, x)
    for name in ("decoder.0", "decoder.2", "decoder.4"):
        h = jax.nn.relu(layer(p, name, h))
    return layer(p, "decoder.6", h)


def deep(p, x, _):
    return jnp.mean(bce(deep_logits(p, x), x))


def vae(p, x, noise):
    h = jax.nn.relu(layer(p, "encoder.0", x))
    mean, log_variance = layer(p, "mean", h), layer(p, "log_variance", h)
    z = mean + jnp.exp(0.5 * log_variance) * noise
    logits = layer(p, "decoder.2", jax.nn.relu(layer(p, "decoder.0", z)))
    kl = 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance)
    return (jnp.sum(bce(logits, x)) + jnp.sum(kl)) / len(x)


def encode(p, x):
    return jax.nn.sigmoid(layer(p, "encoder.0", x))


def closed_form(p, x, h, _):
    v = h * (1 - h)
    return jnp.sum(jnp.sum(v**2, 0) * jnp.sum(p["encoder.0.weight"] ** 2, 1))


def whole_jacobian(p, x, h, _):
    return jnp.sum(jax.vmap(jax.jacrev(lambda row: encode(p, row)))(x) ** 2)


def hutchinson(p, x, h, signs):
    _, pull_back = jax.vjp(lambda x: encode(p, x), x)
    return jnp.sum(pull_back(signs)[0] ** 2)


def contractive(penalty, p, x, noise):
    h = encode(p, x)
    y = jax.nn.sigmoid(layer(p, "decoder.0", h))
    return jnp.mean((y - x) ** 2) + PENALTY_WEIGHT / len(x) * penalty(p, x, h, noise)


def inference(workload):
    """output(weights, x)."""
    return deep_code if workload.startswith("W7a") else deep_logits


def energy(p, x):
    """Of one example: the sum of softplus layers' last."""
    for name in energy_layers(p):
        x = jax.nn.softplus(layer(p, name, x))
    return jnp.sum(x)


def energy_layers(p):
    return sorted({name.rsplit(".", 1)[0] for name in p if name.startswith("encoder.")})


def forward_over_reverse(p, x):
    """The trace of the Hessian: a directional derivative of the gradient for each input."""
    return jax.vmap(lambda row: jnp.trace(jax.hessian(functools.partial(energy, p))(row)))(x)


def forward_laplacian(p, x):
    """By hand, what is known to be best: value, Jacobian and Laplacian are propagated together."""
    jacobian = laplacian = None
    for name in energy_layers(p):
        weight = p[name + ".weight"]
        z = layer(p, name, x)
        first = jax.nn.sigmoid(z)
        second = first * (1 - first)
        if jacobian is None:  # of the first layer it is the weight, the same for all examples
            squares, bent = jnp.sum(weight**2, 1), 0
            jacobian = first[:, :, None] * weight
        else:
            inner = jnp.einsum("kh,bhd->bkd", weight, jacobian)
            squares, bent = jnp.sum(inner**2, 2), laplacian @ weight.T
            jacobian = first[:, :, None] * inner
        laplacian = second * squares + first * bent
        x = jax.nn.softplus(z)
    return jnp.sum(laplacian, 1)


LAPLACIANS = {"forward over reverse": forward_over_reverse, "by hand": forward_laplacian}


def loss_of(workload):
    """loss(weights, x, noise)."""
    if workload.startswith("W6"):
        penalties = {"W6a": closed_form, "W6b": whole_jacobian, "W6c": hutchinson}
        return functools.partial(contractive, penalties[workload])
    return {"W1": dense, "W3": vae}.get(workload, deep)


def draw_noise(workload, key):
    if workload == "W3":
        return jax.random.normal(key, (128, 20))
    if workload == "W6c":
        return jax.random.rademacher(key, (128, 256), jnp.float32)
    return None
