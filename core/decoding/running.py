"""One decoder on one sentence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from core.decoding.agreement import agree
from core.decoding.beam import search
from core.decoding.choosing import Choice
from core.decoding.greedy import write
from core.decoding.mask_predict import fill
from core.decoding.registry import Options
from core.decoding.synchronous import meet
from core.decoding.trace import Event
from core.decoding.translating import Blanks, Ends, Translator
from core.models.seq2seq import Seq2Seq


def run(model: Seq2Seq, ids: np.ndarray, decoder: str, options: Options) -> Iterator[Event]:
    """Events of one decoder of `registry.DECODERS` that fits the model, which is in evaluation mode."""
    source = torch.from_numpy(np.asarray(ids, dtype=np.int64)[None]).to(model.words.weight.device)
    with torch.no_grad():
        encoded = model.read(source)
    rng, longest, width, alpha = np.random.default_rng(options.seed), model.length, options.width, options.alpha
    drawn = Choice(options.temperature, options.top_k, options.top_p)
    if decoder == "agreement":
        onward, backward = (Translator(model, encoded, way) for way in model.directions)
        return agree(onward, backward, longest, width, alpha)
    if decoder == "synchronous":
        return meet(Ends(model, encoded), longest, width, alpha)
    if decoder == "mask-predict":
        return fill(Blanks(model, encoded), options.rounds, Choice(options.temperature), rng, options.lengths)
    way = options.direction if len(model.directions) > 1 else model.directions[0]
    writer = Translator(model, encoded, way)
    if decoder == "beam":
        return search(writer, longest, width, alpha)
    return write(writer, longest, drawn if decoder == "sampling" else Choice(), rng)
