"""The workloads in PyTorch: functions of a dictionary of weights, in any dtype."""

import functools

import torch
from torch.func import hessian, jacrev, vmap
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    conv2d,
    conv_transpose2d,
    linear,
    mse_loss,
    softplus,
)

from worker import LAPLACIANS, PENALTY_WEIGHT


def layer(p, name, x):
    return linear(x, p[name + ".weight"], p[name + ".bias"])


def dense(p, x):
    """W1: the reconstruction of 784-36-784."""
    return torch.sigmoid(layer(p, "decoder.0", torch.tanh(layer(p, "encoder.0", x))))


def deep_code(p, x):
    for name in ("encoder.0", "encoder.2", "encoder.4"):
        x = torch.relu(layer(p, name, x))
    return layer(p, "encoder.6", x)


def deep(p, x):
    """W2: the logits of 784-1000-500-250-30 and back."""
    x = deep_code(p, x)
    for name in ("decoder.0", "decoder.2", "decoder.4"):
        x = torch.relu(layer(p, name, x))
    return layer(p, "decoder.6", x)


# Stride, padding, and what the transposed one adds, of the encoder's layers; the decoder's are
# mirrored.
CONV = ((2, 1, 1), (2, 1, 1), (1, 0, 0))
COLOUR_CONV = ((2, 1, 0),) * 3
VAE_CONV = ((2, 1, 0),) * 4


def conv_code(layers, p, x):
    for i, (stride, padding, _) in enumerate(layers):
        name = f"encoder.{2 * i}"
        x = conv2d(x, p[name + ".weight"], p[name + ".bias"], stride, padding)
        x = torch.relu(x) if i + 1 < len(layers) else x
    return x


def conv_pixels(layers, p, x, first=0):
    """Before the last layer's activation; `first` numbers the first one."""
    for i, (stride, padding, added) in enumerate(reversed(layers)):
        name = f"decoder.{first + 2 * i}"
        weight, bias = p[name + ".weight"], p[name + ".bias"]
        x = conv_transpose2d(x, weight, bias, stride, padding, added)
        x = torch.relu(x) if i + 1 < len(layers) else x
    return x


def conv(layers, p, x):
    return torch.sigmoid(conv_pixels(layers, p, conv_code(layers, p, x)))


def draw(p, h, noise):
    """A code, and its KL divergence of an image."""
    mean, log_variance = layer(p, "mean", h), layer(p, "log_variance", h)
    z = mean + torch.exp(0.5 * log_variance) * noise
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    return z, kl / len(h)


def vae(p, x, noise):
    """W3: logits, and the KL divergence of an image."""
    z, kl = draw(p, torch.relu(layer(p, "encoder.0", x)), noise)
    return layer(p, "decoder.2", torch.relu(layer(p, "decoder.0", z))), kl


def conv_vae(p, x, noise):
    """W8: the same of convolutions."""
    maps = torch.relu(conv_code(VAE_CONV, p, x))
    z, kl = draw(p, maps.flatten(1), noise)
    h = torch.relu(layer(p, "decoder.0", z)).reshape(maps.shape)
    return conv_pixels(VAE_CONV, p, h, first=3), kl


def encode(p, x):
    return torch.sigmoid(layer(p, "encoder.0", x))


def closed_form(p, x, h, _):
    v = h * (1 - h)
    return (v.square().sum(0) * p["encoder.0.weight"].square().sum(1)).sum()


def double_backward(p, x, h, _):
    """The exact penalty row by row of the Jacobian."""
    total = 0
    for k in range(h.shape[1]):
        (row,) = torch.autograd.grad(h[:, k].sum(), x, create_graph=True)
        total = total + row.square().sum()
    return total


def whole_jacobian(p, x, h, _):
    return vmap(jacrev(lambda row: encode(p, row)))(x).square().sum()


def hutchinson(p, x, h, signs):
    (row,) = torch.autograd.grad(h, x, signs, create_graph=True)
    return row.square().sum()


def energy(p, x):
    for name in sorted({name.rsplit(".", 1)[0] for name in p if name.startswith("encoder.")}):
        x = softplus(layer(p, name, x))
    return x.sum()


def laplacian(p, x):
    return vmap(lambda row: hessian(functools.partial(energy, p))(row).trace())(x)


INFERENCE = {"W7a": deep_code, "W7b": deep, "W7c": functools.partial(conv, CONV)}


def inference(workload):
    """output(weights, x)."""
    return laplacian if workload in LAPLACIANS else INFERENCE[workload.split("-")[0]]


PENALTIES = {"W6a": closed_form, "W6b": double_backward, "W6c": hutchinson}


def output_and_loss(workload, p, x, noise=None, penalty=None):
    if workload.startswith("W1"):
        y = dense(p, x)
        return y, mse_loss(y, x)
    if workload.startswith("W2"):
        y = deep(p, x)
        return y, binary_cross_entropy_with_logits(y, x)
    if workload in ("W4", "W5"):
        y = conv(CONV if workload == "W4" else COLOUR_CONV, p, x)
        return y, mse_loss(y, x)
    if workload in ("W3", "W8"):
        y, kl = (vae if workload == "W3" else conv_vae)(p, x, noise)
        return y, binary_cross_entropy_with_logits(y, x, reduction="sum") / len(x) + kl
    if workload in ("W6b", "W6c"):
        x = x.detach().requires_grad_()
    h = encode(p, x)
    y = torch.sigmoid(layer(p, "decoder.0", h))
    penalty = penalty or PENALTIES[workload]
    return y, mse_loss(y, x) + PENALTY_WEIGHT / len(x) * penalty(p, x, h, noise)
