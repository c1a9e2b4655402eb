"""The process that looks inside: keeps the last models loaded and answers over a pair of files.

A request is one line of JSON, {"run", "step", "text", "what", "options"}; one with a "decoder" asks an encoder–decoder
to translate, the text or held-out sentences from number "first" on. An answer is one line of JSON, {"error": words} or
{"tokens", "axes", "notes", "size"}, followed by `size` bytes of named arrays (safetensors): no pickle anywhere.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load, save

from core.data.batches import paired
from core.data.contract import Source, TextError
from core.decoding.trace import to_json
from core.fields import SpecError
from core.parts.objective import OF_PAIRS, ObjectiveSpec
from core.picture import LOOKS, WRITING, Picture
from core.retelling import opened
from core.runs.beginnings import runs_in
from core.runs.bounds import Bounds, keep_to_one_thread
from core.runs.failures import LookError, in_words
from core.runs.store import Store, open_store
from core.spec import Experiment
from core.starts import Runs

if TYPE_CHECKING:
    from core.models.build import Network

MOST_MODELS = 6  # kept loaded
EXAMPLES = 100  # held-out sentences that are translated by number


@dataclass(frozen=True)
class Eye:
    """A model with the source of its sentences."""

    model: Network
    source: Source
    memo: dict[Any, Any] = field(default_factory=dict)  # what looks keep that is the same for every sentence

    def look(self, text: str, what: str, **options: Any) -> Picture:
        """`text` "": the first held-out sentence. Raises TextError or LookError in words."""
        from core.looking.attention import NothingToSee
        from core.looking.continuation import continuation
        from core.looking.look import look
        from core.looking.pair import look_at_pair
        from core.models.seq2seq import Seq2Seq

        if what not in (*LOOKS, WRITING):
            raise LookError(f"There is no such look as “{what}”. Known: {', '.join((*LOOKS, WRITING))}.")
        try:
            if isinstance(self.model, Seq2Seq):
                return look_at_pair(self.model, self.source, self._read(text), what, self.memo, **options)
            ids = self.source.encode(text) if text.strip() else self._example()
            if what == WRITING:
                return continuation(self.model, self.source, ids)
            return look(self.model, self.source, ids, what, self.memo, **options)
        except NothingToSee as error:
            raise LookError(str(error)) from None

    def translate(self, text: str, first: int, count: int, decoder: str, options: dict[str, Any]) -> Picture:
        """What a decoder writes for `text`, or where that is empty for `count` held-out sentences from `first` on.

        notes["events"]: the trace of the first one; notes["written"]: the words of each. Raises LookError in words.
        """
        from core.decoding.registry import Options, decode

        sentences = [self._read(text, first + number) for number in range(count)]
        names = getattr(self.source, "source_words", self.source.words)
        try:
            traces = [list(decode(self.model, ids, decoder or None, Options(**options))) for ids in sentences]  # type: ignore[arg-type]
        except SpecError as error:
            raise LookError(error.reason) from None
        written = [[self.source.words[one] for one in trace[-1].tokens] for trace in traces]  # type: ignore[union-attr]
        notes = {"events": [to_json(event) for event in traces[0]], "written": written}
        return Picture(tuple(names[one] for one in sentences[0]), {}, {}, notes)

    def _read(self, text: str, number: int = 0) -> np.ndarray:
        """The ids of a source sentence: the text's, or those of a held-out sentence."""
        if text.strip():
            return self.source.encode(text)
        held_out = self.source.held_out(EXAMPLES)
        number %= len(held_out.tokens)
        batch = held_out.rows(slice(number, number + 1))
        read = batch.tokens if batch.source is None else batch.source
        return read[0, : None if batch.source_lengths is None else int(batch.source_lengths[0])]

    def _example(self) -> np.ndarray:
        """(T,) the first held-out sentence, or pair of them, as the model is asked about it."""
        batch = self.source.held_out(1)
        if self.model.objective in OF_PAIRS:
            batch = paired(
                ObjectiveSpec(str(self.model.objective)), batch, np.random.default_rng(0), len(self.source.words)
            )
        return batch.real(0)[: self.source.length]


def open_eye(experiment: Experiment, weights: Path, read_text: Callable[[str], str], runs: Runs | None = None) -> Eye:
    """The model of saved weights with its source; `read_text` where the experiment names a kept text.

    `runs`: where the run is that a fine-tuned model began from.
    """
    from core.checkpoints import load_model

    return Eye(load_model(weights), opened(experiment, runs, read_text)[0])


class Eyes:
    """The last few models that were looked into."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kept: OrderedDict[tuple[str, int, int], Eye] = OrderedDict()

    def eye(self, run: str, step: int) -> Eye:
        """The model of a snapshot. Raises in words what a learner can act on."""
        weights = self.store.snapshot(run, step)  # a deleted run's models are not shown any more
        key = (run, step, weights.stat().st_mtime_ns)  # a resumed run writes its later snapshots anew
        eye = self.kept.pop(key, None) or self._opened(run, weights)
        self.kept[key] = eye
        while len(self.kept) > MOST_MODELS:
            self.kept.popitem(last=False)
        return eye

    def _opened(self, run: str, weights: Path) -> Eye:
        return open_eye(self.store.existing(run).experiment, weights, self.store.read_text, runs_in(self.store))

    def answer(self, request: dict[str, Any]) -> Picture:
        """One look, or one translation."""
        eye = self.eye(request["run"], request["step"])
        if "decoder" in request:
            return eye.translate(*(request[name] for name in ("text", "first", "count", "decoder", "options")))
        options = dict(request.get("options", {}))
        if options.get("other"):
            options["other"] = self.eye(*options["other"])
        return eye.look(request["text"], request["what"], **options)


def packed(picture: Picture) -> tuple[dict[str, Any], bytes]:
    """A Picture as plain values and the bytes of its arrays."""
    body = save({name: np.ascontiguousarray(array) for name, array in picture.arrays.items()})
    return {"tokens": picture.tokens, "axes": picture.axes, "notes": picture.notes, "size": len(body)}, body


def unpacked(header: dict[str, Any], body: bytes) -> Picture:
    """What `packed` packed."""
    axes = {name: tuple(letters) for name, letters in header["axes"].items()}
    return Picture(tuple(header["tokens"]), load(body), axes, header["notes"])


def answer(eyes: Eyes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The answer to one request; what goes wrong becomes words, and a report in the server's log."""
    try:
        return packed(eyes.answer(request))
    except Exception as error:
        if not isinstance(error, TextError | LookError):
            traceback.print_exc()
        return {"error": in_words(error)}, b""


def serve(requests: IO[bytes], answers: IO[bytes]) -> int:
    """Answer until the server is gone."""
    keep_to_one_thread()
    import core.looking.look  # noqa: F401 (loaded before memory is limited)

    Bounds(Bounds.from_environment().megabytes).limit_memory()
    eyes = Eyes(open_store())
    for line in requests:
        header, body = answer(eyes, json.loads(line))
        try:
            answers.write(json.dumps(header).encode() + b"\n" + body)
            answers.flush()
        except BrokenPipeError:  # the server stopped waiting
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(serve(sys.stdin.buffer, sys.stdout.buffer))
