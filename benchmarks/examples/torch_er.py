"""Experience replay (Chaudhry et al. 2019) with a multilayer perceptron of PyTorch, for everlearn."""

import io
import random

import torch

import everlearn

torch.set_num_threads(1)  # sums come in one order
torch.use_deterministic_algorithms(True)


class ExperienceReplay:
    def __init__(self, start):
        self.k, self.capacity = start.options["k"], start.options["capacity"]
        self.outputs = start.outputs
        hidden = start.options["hidden"]
        torch.manual_seed(start.seed)
        self.model = torch.nn.Sequential(
            torch.nn.Linear(start.inputs, hidden),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, hidden),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, start.outputs),
        )
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=start.options["alpha"])
        self.random = random.Random(start.seed)
        self.memory = []  # of (x, y, outputs)
        self.seen = 0

    def observe(self, batch):
        current = [(tensor(example.x), example.y, example.outputs) for example in batch]
        replayed = self.random.sample(self.memory, min(self.k - 1, len(self.memory)))
        together = replayed + current
        logits = self.masked(torch.stack([x for x, _, _ in together]), [outputs for _, _, outputs in together])
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor([y for _, y, _ in together]))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        for one in current:  # reservoir sampling
            self.seen += 1
            if len(self.memory) < self.capacity:
                self.memory.append(one)
            else:
                place = self.random.randrange(self.seen)
                if place < self.capacity:
                    self.memory[place] = one

    def masked(self, x, among):
        """Logits, of which those that are not asked for are out of the question."""
        logits = self.model(x)
        if all(outputs is None for outputs in among):
            return logits
        mask = torch.full_like(logits, float("-inf"))
        for row, outputs in zip(mask, among):
            row[list(outputs if outputs is not None else range(self.outputs))] = 0
        return logits + mask

    def predict(self, queries):
        # One by one: in a larger product the last bits, and so an answer, could depend on the other queries.
        with torch.no_grad():
            return [int(self.masked(tensor(query.x)[None], [query.outputs]).argmax()) for query in queries]

    def save(self):
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": self.random.getstate(),
            "memory": self.memory,
            "seen": self.seen,
        }
        file = io.BytesIO()
        torch.save(state, file)
        return file.getvalue()

    def load(self, state):
        state = torch.load(io.BytesIO(state), weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        version, numbers, gauss = state["random"]
        self.random.setstate((version, tuple(numbers), gauss))
        self.memory = [tuple(one) for one in state["memory"]]
        self.seen = state["seen"]


def tensor(x):
    """Bytes stand for fractions of 255."""
    if x.format == "B":
        return torch.frombuffer(bytearray(x), dtype=torch.uint8).float() / 255
    return torch.frombuffer(bytearray(x), dtype=torch.float32)


everlearn.serve(ExperienceReplay)
