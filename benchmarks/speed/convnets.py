"""Steps and evaluations of PyTorch's own layers on one thread, timed on request: the yardstick of convnets.mjs.

Reads lines "PRESET BATCH REPETITIONS" (a negative batch: evaluation of so many images) and answers each with milliseconds.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
torch.manual_seed(0)


def la_maml():
    layers = []
    for channels in (3, 160, 160):
        layers += [nn.Conv2d(channels, 160, 3, 2, 1), nn.ReLU()]
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(2560, 320), nn.ReLU(), nn.Linear(320, 320), nn.ReLU(), nn.Linear(320, 100)
    )


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return functional.relu(self.layers(x) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 20, 3, 1, 1, bias=False), nn.BatchNorm2d(20), nn.ReLU()]
    channels = 20
    for filters, stride in ((20, 1), (40, 2), (80, 2), (160, 2)):
        layers += [Block(channels, filters, stride), Block(filters, filters, 1)]
        channels = filters
    return nn.Sequential(*layers, nn.AvgPool2d(4), nn.Flatten(), nn.Linear(160, 100))


networks = {"la-maml": la_maml(), "resnet18": resnet18()}
x = torch.rand(128, 3, 32, 32)
y = torch.randint(0, 100, (128,))
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, batch, repetitions = line.split()
    network, batch = networks[name], int(batch)
    optimizer = torch.optim.SGD(network.parameters(), 1e-4)
    times = []
    for _ in range(int(repetitions)):
        start = time.perf_counter()
        if batch > 0:
            network.train()
            optimizer.zero_grad()
            functional.cross_entropy(network(x[:batch]), y[:batch]).backward()
            optimizer.step()
        else:
            network.eval()
            with torch.no_grad():
                network(x[:-batch]).argmax(1)
        times.append((time.perf_counter() - start) * 1000)
    print(*times, flush=True)
