"""One message to the browser: plain values as JSON, then arrays as raw bytes, each beginning at a multiple of four."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

KINDS = {"float32": "f", "uint8": "u", "int32": "i"}


def packed(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Header length (4 bytes, little-endian), JSON, arrays; the header tells each array's name, kind and count."""
    listed = [(name, KINDS[str(array.dtype)], array.size) for name, array in arrays.items()]
    header = json.dumps({**about, "arrays": listed}, ensure_ascii=False).encode()
    parts = [len(header).to_bytes(4, "little"), header]
    for array in arrays.values():
        data = np.ascontiguousarray(array).tobytes()
        parts += [data, bytes(-len(data) % 4)]
    return b"".join(parts)
