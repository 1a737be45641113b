"""A whole process in PyTorch: start, read an IDX file of images, train 784-36-784 for one epoch, exit.

torch_epoch.py FILE fused
"""

import os
import sys

import numpy as np
import torch
from torch import nn

BATCH = 128


def read_images(path):
    with open(path, "rb") as file:
        header = np.frombuffer(file.read(16), ">u4")
        data = bytearray(file.read())
    return torch.frombuffer(data, dtype=torch.uint8).reshape(int(header[1]), -1)


def main(path, _):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    images = read_images(path)
    pixels = images.shape[1]
    model = nn.Sequential(nn.Linear(pixels, 36), nn.Tanh(), nn.Linear(36, pixels), nn.Sigmoid())
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    losses = []
    for batch in torch.randperm(len(images)).split(BATCH):
        x = images[batch].float().mul_(1 / 255)
        adam.zero_grad(set_to_none=True)
        loss = nn.functional.mse_loss(model(x), x)
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    print(f"{len(images)} images, mean loss {torch.stack(losses).mean():.4f}")


main(*sys.argv[1:])
