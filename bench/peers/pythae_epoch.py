"""A whole process in pythae, as its users have it: start, read an IDX file of images, train its VAE
(784-512-10) for one epoch, exit.

pythae_epoch.py FILE pipeline
"""

import os
import sys
import tempfile

import numpy as np
import torch
from pythae.models import VAE, VAEConfig
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig

BATCH, CODE = 64, 10  # its defaults


def read_images(path):
    with open(path, "rb") as file:
        header = np.frombuffer(file.read(16), ">u4")
        pixels = np.frombuffer(file.read(), np.uint8)
    return pixels.reshape(header[1], 1, header[2], header[3]).astype(np.float32) / 255


def main(path, _):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    images = read_images(path)
    model = VAE(VAEConfig(input_dim=images.shape[1:], latent_dim=CODE))
    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=1,
            per_device_train_batch_size=BATCH,
            no_cuda=True,
        )
        TrainingPipeline(training_config=config, model=model)(train_data=images)
    print(f"{len(images)} images")


main(*sys.argv[1:])
