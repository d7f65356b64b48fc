"""Writes reference.json: gradients of small networks by PyTorch, in double precision.

    pip install numpy torch
    python reference.py && npx biome format --write reference.json

Parameters, inputs and classes come from numbers that reference.test.ts draws as well. Each network has the first seed at
which no unit is near a kink, where the derivative would depend on the rounding.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

OUTPUTS = 3
BATCH = 4
KINK = 1e-4


def conv(filters, **more):
    return {"layer": "conv", "filters": filters, "kernel": 3, **more}


RELU = {"layer": "relu"}
BATCH_NORM = {"layer": "batch norm"}


def group_norm(groups):
    return {"layer": "group norm", "groups": groups}


NETWORKS = {
    "dense layers": ([5], [{"layer": "dense", "units": 7}, RELU, {"layer": "dense", "units": 4, "bias": False}, RELU]),
    "convolutions": (
        [7, 6, 3],
        [conv(5, padding=1, stride=2), RELU, conv(4, kernel=[2, 3], bias=False), RELU],
    ),
    "Winograd's convolutions": ([4, 6, 2], [conv(16, padding=1), RELU, conv(17, padding=1), RELU, {"layer": "global average"}]),
    "groups and depthwise": (
        [6, 5, 4],
        [
            conv(6, groups=2, padding=1),
            RELU,
            {"layer": "depthwise conv", "kernel": 3, "padding": 1, "stride": 2},
            RELU,
            conv(6, kernel=1, groups=6),
        ],
    ),
    "pools": (
        [9, 8, 2],
        [
            {"layer": "max pool", "size": 3, "stride": 2, "padding": 1},
            conv(4, padding=1),
            {"layer": "average pool", "size": [2, 3], "stride": 1, "padding": 1},
            RELU,
            {"layer": "max pool", "size": 2},
            {"layer": "flatten"},
            {"layer": "dense", "units": 6},
        ],
    ),
    "group norms": ([5, 5, 3], [conv(6), group_norm(3), RELU, conv(4, kernel=2, bias=False), group_norm(1)]),
    "batch norms": ([5, 5, 3], [conv(6, bias=False), BATCH_NORM, RELU, conv(3, kernel=2), {**BATCH_NORM, "momentum": 0.3}]),
    "residuals": (
        [6, 6, 3],
        [
            conv(4, padding=1, bias=False),
            BATCH_NORM,
            RELU,
            {"layer": "residual", "layers": [conv(4, padding=1), BATCH_NORM, RELU, conv(4, padding=1), BATCH_NORM]},
            RELU,
            {
                "layer": "residual",
                "layers": [conv(6, padding=1, stride=2), group_norm(2)],
                "shortcut": [conv(6, kernel=1, stride=2), BATCH_NORM],
            },
            {"layer": "residual", "layers": [{"layer": "residual", "layers": [group_norm(3)]}]},
            RELU,
            {"layer": "global average"},
        ],
    ),
}


def numbers(seed):
    """Multiples of 2^-16 in [-0.5, 0.5), from a linear congruential generator."""
    state = seed
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield (state >> 16) / 65536 - 0.5


class Network:
    """Layers with their parameters in the canonical order; images are [example, channel, row, column]."""

    def __init__(self, draw):
        self.draw, self.parameters, self.kink = draw, [], float("inf")

    def take(self, *shape):
        """A parameter of such a shape."""
        values = [next(self.draw) / 4 for _ in range(torch.Size(shape).numel())]
        parameter = torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()
        self.parameters.append(parameter)
        return parameter

    def build(self, layers, x):
        """The function that layers are, and what it makes of x, whose shape they need."""
        functions = []
        for layer in layers:
            function = self.one(layer, x)
            functions.append(function)
            x = function(x)
        return functions, x

    def one(self, layer, x):
        kind = layer["layer"]
        if kind in ("conv", "depthwise conv"):
            kernel = layer["kernel"] if isinstance(layer["kernel"], list) else [layer["kernel"]] * 2
            groups = x.shape[1] if kind == "depthwise conv" else layer.get("groups", 1)
            filters = layer.get("filters", x.shape[1])
            weight = self.take(*kernel, x.shape[1] // groups, filters)
            bias = self.take(filters) if layer.get("bias", True) else None
            sides = {"stride": layer.get("stride", 1), "padding": layer.get("padding", 0)}
            return lambda x: F.conv2d(x, weight.permute(3, 2, 0, 1), bias, groups=groups, **sides)
        if kind == "dense":
            weight = self.take(x.permute(0, 2, 3, 1)[0].numel(), layer["units"])
            bias = self.take(layer["units"]) if layer.get("bias", True) else torch.zeros(layer["units"], dtype=torch.float64)
            return lambda x: (x.permute(0, 2, 3, 1).flatten(1) @ weight + bias)[:, :, None, None]
        if kind == "flatten":
            return lambda x: x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]
        if kind == "group norm":
            slope, shift = self.take(x.shape[1]), self.take(x.shape[1])
            return lambda x: F.group_norm(x, layer["groups"], slope, shift)
        if kind == "batch norm":
            slope, shift, mean, variance = (self.take(x.shape[1]) for _ in range(4))
            moved = [mean.detach().clone(), variance.detach().clone()]
            mean.moved, variance.moved = moved
            momentum = layer.get("momentum", 0.1)
            F.batch_norm(x, *moved, training=True, momentum=momentum)
            return lambda x: F.batch_norm(x, None, None, slope, shift, training=True)
        if kind == "relu":
            return self.relu
        if kind == "max pool":
            return lambda x: self.max_pool(x, layer)
        if kind == "average pool":
            return lambda x: F.avg_pool2d(x, layer["size"], layer.get("stride"), layer.get("padding", 0))
        if kind == "global average":
            return lambda x: x.mean((2, 3), keepdim=True)
        layers, _ = self.build(layer["layers"], x)
        shortcut, _ = self.build(layer.get("shortcut", []), x)
        return lambda x: self.through(layers, x) + self.through(shortcut, x)

    def through(self, functions, x):
        for function in functions:
            x = function(x)
        return x

    def relu(self, x):
        self.kink = min(self.kink, x.abs().min().item())
        return F.relu(x)

    def max_pool(self, x, layer):
        sides = {"kernel_size": layer["size"], "stride": layer.get("stride"), "padding": layer.get("padding", 0)}
        y, places = F.max_pool2d(x, **sides, return_indices=True)
        padded = F.pad(x, [sides["padding"]] * 4, value=-torch.inf)
        windows = F.unfold(padded.nan_to_num(neginf=-1e9), sides["kernel_size"], stride=sides["stride"] or layer["size"])
        best = windows.reshape(len(x), x.shape[1], -1, windows.shape[-1]).topk(2, dim=2).values
        gaps = best[:, :, 0] - best[:, :, 1]
        self.kink = min(self.kink, gaps[gaps > 0].min().item())
        return y


def reference(name, shape, layers):
    for seed in range(1, 1000):
        draw = numbers(seed)
        sides = [1] * (3 - len(shape)) + shape
        x = torch.tensor([next(draw) for _ in range(BATCH * torch.Size(shape).numel())], dtype=torch.float64)
        x = x.reshape(BATCH, *sides).permute(0, 3, 1, 2)
        network = Network(draw)
        functions, _ = network.build([*layers, {"layer": "dense", "units": OUTPUTS}], x)
        network.kink = float("inf")
        logits = network.through(functions, x)[:, :, 0, 0]
        if network.kink < KINK:
            continue
        loss = F.cross_entropy(logits, torch.arange(BATCH) % OUTPUTS)
        loss.backward()
        gradient = [0 if p.grad is None else p.grad for p in network.parameters]
        gradient = torch.cat([(torch.zeros_like(p) + g).flatten() for p, g in zip(network.parameters, gradient)])
        moved = torch.cat([getattr(p, "moved", p.detach()).flatten() for p in network.parameters])
        statistics = [[i, moved[i].item()] for i in (moved != torch.cat([p.detach().flatten() for p in network.parameters])).nonzero().flatten().tolist()]
        return {
            "name": name,
            "shape": shape,
            "layers": layers,
            "seed": seed,
            "loss": loss.item(),
            "gradient": [float(f"{g:.6g}") for g in gradient.tolist()],
            "statistics": [[i, float(f"{value:.7g}")] for i, value in statistics],
        }
    raise RuntimeError(f"{name}: every seed has a unit near a kink")


found = [reference(name, *network) for name, network in NETWORKS.items()]
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(found))
