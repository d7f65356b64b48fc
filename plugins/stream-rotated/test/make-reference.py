"""Writes rotations.json: what Pillow's Image.rotate(angle) makes of a few images.

    pip install pillow
    python make-reference.py

An image's bytes are the high bytes of the generator x <- 1664525 x + 1013904223 mod 2^32, from its seed on.
"""

import base64
import hashlib
import json
import pathlib

import PIL
from PIL import Image

ANGLES = [0, 90, 180, 270, 4.5, 33.3, 45, 77.77, 123.456, 179.99, 200.5, 359]
IMAGES = [
    {"height": 28, "width": 28, "channels": 1, "seed": 1},
    {"height": 20, "width": 31, "channels": 1, "seed": 2},
    {"height": 9, "width": 7, "channels": 3, "seed": 3},
]
MANY = 1000  # angles 0.377 k
STEP = 0.377


def image(height, width, channels, seed):
    values = bytearray()
    for _ in range(height * width * channels):
        seed = (1664525 * seed + 1013904223) % 2**32
        values.append(seed >> 24)
    return Image.frombytes("L" if channels == 1 else "RGB", (width, height), bytes(values))


def reference(described):
    picture = image(**described)
    digest = hashlib.sha256()
    for k in range(MANY):
        digest.update(picture.rotate(k * STEP).tobytes())
    turned = {str(angle): base64.b64encode(picture.rotate(angle).tobytes()).decode() for angle in ANGLES}
    return {**described, "turned": turned, "sha256": digest.hexdigest()}


content = {"pillow": PIL.__version__, "many": MANY, "step": STEP, "images": [reference(i) for i in IMAGES]}
pathlib.Path(__file__).with_name("rotations.json").write_text(json.dumps(content, indent=2) + "\n")
