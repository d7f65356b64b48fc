"""Serves a learner that is written in Python to everlearn. Python 3.9 or later; needs nothing else.

    class Learner:
        def __init__(self, start): ...        # start.options, .seed, .shape, .inputs, .outputs
        def observe(self, batch): ...         # a list of Example: .x, .y, .task, .outputs
        def predict(self, queries): ...       # a list of Query -> an output for each
        def end_task(self): ...               # may be left out
        def save(self): ...                   # bytes: all that later calls depend on
        def load(self, state): ...            # takes them back

    everlearn.serve(Learner)
"""

import array
import json
import os
import queue
import struct
import sys
import threading
from dataclasses import dataclass
from typing import Any, Optional, Sequence

PROTOCOL = 1


@dataclass(frozen=True)
class Start:
    """What a learner is made for."""

    options: dict
    seed: int
    shape: Sequence[int]
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Query:
    """An input to answer. x is a memoryview of bytes or of 32-bit floats, valid as long as it is held."""

    x: memoryview
    task: Optional[int]
    outputs: Optional[Sequence[int]]


@dataclass(frozen=True)
class Example(Query):
    """A query with its right output."""

    y: int


def serve(make: Any) -> None:
    """Answers everlearn's requests with make(start) until it has no more. Printing goes to standard error."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    frames: "queue.Queue" = queue.Queue()
    threading.Thread(target=_read, args=(source, frames), daemon=True).start()
    learner = None
    while True:
        header, body = frames.get()
        try:
            if header["type"] == "start":
                if header["protocol"] != PROTOCOL:
                    raise ValueError(f"it speaks version {PROTOCOL} of the protocol, not {header['protocol']}")
                learner = make(Start(**{name: header[name] for name in Start.__dataclass_fields__}))
                reply = b""
            else:
                reply = _answer(learner, header, body)
            _write(target, {"type": "reply", "gradients": 0}, reply)
        except Exception as error:  # the run is told, and ends it
            import traceback

            traceback.print_exc()
            sent = {"name": type(error).__name__, "message": str(error)}
            _write(target, {"type": "reply", "gradients": 0, "error": sent}, b"")


def _answer(learner: Any, header: dict, body: bytes) -> bytes:
    kind = header["type"]
    if kind == "train":
        items, at = _items(header, body), 0
        for size in header["sizes"]:
            learner.observe(items[at : at + size])
            at += size
        return b""
    if kind == "answer":
        answers = array.array("H", (int(one) for one in learner.predict(_items(header, body))))
        if len(answers) != header["count"]:
            raise ValueError(f"predict answered {len(answers)} of {header['count']} queries")
        if sys.byteorder == "big":
            answers.byteswap()
        return answers.tobytes()
    if kind == "endTask":
        if hasattr(learner, "end_task"):
            learner.end_task()
        return b""
    if kind == "save":
        return bytes(learner.save())
    if kind == "load":
        learner.load(body)
        return b""
    raise ValueError(f'there is no request "{kind}" in this version of the protocol')


def _items(header: dict, body: bytes) -> list:
    count, size, floats = header["count"], header["size"], header["values"] == "float32"
    if floats and sys.byteorder == "big":
        swapped = array.array("f", body)
        swapped.byteswap()
        body = swapped.tobytes()
    values = memoryview(body).cast("f") if floats else memoryview(body)
    tasks, among, labels = header.get("task"), header.get("outputs"), header.get("y")
    items = []
    for i in range(count):
        place = among["of"][i] if among else None
        told = (
            values[i * size : (i + 1) * size],
            tasks[i] if tasks else None,
            among["lists"][place] if among and place is not None else None,
        )
        items.append(Query(*told) if labels is None else Example(*told, labels[i]))
    return items


def _read(source: Any, frames: "queue.Queue") -> None:
    while True:
        head = source.read(8)
        if len(head) < 8:
            os._exit(0)  # whoever asked has ended, however busy the learner is
        lengths = struct.unpack("<II", head)
        header, body = source.read(lengths[0]), source.read(lengths[1])
        frames.put((json.loads(header), body))


def _write(target: Any, header: dict, body: bytes) -> None:
    text = json.dumps(header).encode()
    target.write(struct.pack("<II", len(text), len(body)) + text)
    target.write(body)
    target.flush()
