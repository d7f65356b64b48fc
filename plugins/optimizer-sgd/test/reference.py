"""Writes pytorch.json: what torch.optim.SGD makes of parameters and gradients that are written as formulas.

python3 reference.py > pytorch.json  (PyTorch 2.10.0, on the processor)
"""

import json

import torch

SIZE, STEPS = 8, 40
SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "weight_decay": 0.01},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.001},
    {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1, "nesterov": True},
    {"lr": 0.02, "momentum": 0.9, "nesterov": True},
]


def run(setting):
    theta = torch.nn.Parameter(torch.tensor([(i * 5 % 7) / 4 - 0.75 for i in range(SIZE)]))
    optimizer = torch.optim.SGD([theta], **setting)
    for t in range(STEPS):
        theta.grad = torch.tensor([((t * 31 + i * 17) % 23) / 8 - 1.375 for i in range(SIZE)])
        optimizer.step()
    return theta.tolist()


print(json.dumps([{"setting": setting, "theta": run(setting)} for setting in SETTINGS], indent=2))
