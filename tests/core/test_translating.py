"""Encoder–decoders as runs: they learn, the cheat doesn't, counts are right, and one can go on and look inside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.cheating import honest, leak
from core.checkpoints import TrainingState, load_model
from core.data.contract import Batch
from core.data.writing import taught
from core.decoding.registry import decode, fitting
from core.decoding.trace import Decoded
from core.describe import describe
from core.events import Evaluated, Finished, Sampled, Snapshot
from core.looking.attention import NothingToSee
from core.looking.pair import look_at_pair
from core.models.build import build_network
from core.models.seq2seq import Seq2Seq
from core.objectives import answer, ask
from core.spec import Experiment, SpecError, from_json
from core.training import train

CPU = torch.device("cpu")
WAYS: dict[str, dict[str, object]] = {
    "left-to-right": {"direction": "left-to-right"},
    "right-to-left": {"direction": "right-to-left"},
    "agreement": {"direction": "both"},
    "synchronous": {"direction": "both", "writing": "synchronous"},
    "mask-predict": {"direction": "both", "writing": "mask-predict"},
    "unmasked": {"direction": "both", "writing": "unmasked"},
    "lstm": {"direction": "left-to-right", "cells": "lstm"},
    "lstm product": {"direction": "both", "cells": "lstm", "scoring": "multiplicative"},
    "two-way": {"direction": "left-to-right", "crossing": "two-way"},
    "lstm two-way": {"direction": "left-to-right", "cells": "lstm", "crossing": "two-way"},
}


def experiment(way: str, **train: object) -> Experiment:
    few = {"steps": 240, "batch": 32, "evaluate_every": 240, "held_out": 64, "snapshots": 1, **train}
    data = {"task": "backwards", "most": 3, "V": 6}
    return from_json({"data": data, "model": {"size": "tiny", **WAYS[way]}, "train": few})


@pytest.fixture(scope="module", params=WAYS)
def trained(request: pytest.FixtureRequest) -> tuple[str, list[object]]:
    one = experiment(request.param, learning_rate=1e-2)
    return request.param, list(train(one, one.data.settings))


def test_it_translates_on_its_own_and_the_cheat_only_copies(trained: tuple[str, list[object]]) -> None:
    way, events = trained
    told = [one for one in events if isinstance(one, Evaluated)][-1].held_out
    assert told["accuracy"] > 0.97
    if way == "unmasked":
        assert told["exact"] < 0.3
    else:
        assert told["exact"] > 0.95
    assert isinstance(events[-1], Finished)


def test_samples_show_source_translation_and_truth(trained: tuple[str, list[object]]) -> None:
    way, events = trained
    last = [one for one in events if isinstance(one, Sampled)][-1]
    assert len(last.given) == len(last.truth)
    assert "[end]" not in last.truth
    assert "[pad]" not in last.given
    if way != "unmasked":
        assert last.written == last.truth
        assert min(last.probabilities) > 0.5


def test_every_decoder_that_fits_translates(trained: tuple[str, list[object]]) -> None:
    """Drawn words may be wrong here and there; where no mask hid the answer, nothing helps."""
    way, events = trained
    state = [one for one in events if isinstance(one, Snapshot)][-1].state
    model, game = built(state), state.experiment.data.settings
    pairs = game.held_out(40)
    for decoder in fitting(model.spec):
        right = 0
        for row in range(len(pairs.tokens)):
            *_, last = decode(model, pairs.source[row, : pairs.source_lengths[row]], decoder)
            assert isinstance(last, Decoded)
            right += list(last.tokens) == pairs.tokens[row, : pairs.lengths[row] - 1].tolist()
        assert right <= 14 if way == "unmasked" else right >= (30 if decoder == "sampling" else 38), decoder


def built(state: TrainingState) -> Seq2Seq:
    model = build_network(state.experiment, state.words, state.classes, state.source_words)
    assert isinstance(model, Seq2Seq)
    model.load_state_dict(state.weights)
    return model.eval()


def test_what_was_saved_translates_alike_and_can_be_looked_into(
    trained: tuple[str, list[object]], tmp_path: Path
) -> None:
    way, events = trained
    state = [one for one in events if isinstance(one, Snapshot)][-1].state
    state.save(tmp_path / "state")
    model, game = load_model(tmp_path / "state"), state.experiment.data.settings
    assert isinstance(model, Seq2Seq)
    seen = look_at_pair(model, game, game.encode("cat dog bird"), "attention")
    cross = seen.arrays["cross"]  # (L, H, T, S)
    assert cross.shape[2:] == (len(seen.tokens), 3)
    np.testing.assert_allclose(cross.sum(-1), 1, atol=1e-5)
    assert len(seen.notes["cross layers"]) == len(cross)
    assert ("encoder" in seen.arrays) == (model.spec.cells == "transformer")
    if way == "lstm":  # one head, which must look where the word stands
        assert cross[0, 0].argmax(-1).tolist() == [2, 1, 0]
    with pytest.raises(NothingToSee, match="Attention"):
        look_at_pair(model, game, game.encode("cat"), "cells")


@pytest.mark.parametrize("way", WAYS)
def test_counts_equal_the_built_model(way: str) -> None:
    for more in ({}, {"model.read_out": "mlp", "model.norm": "rms", "model.reads": "both"}):
        one = experiment(way).with_(more).resolved()
        game = one.data.settings
        model = build_network(one, len(game.words), len(game.words), len(game.source_words))
        told = describe(one)
        assert told.total_parameters == sum(parameter.numel() for parameter in model.parameters())
        assert min(told.flops.values()) >= 0
        assert told.memory_bytes > 16 * told.total_parameters


def test_a_resumed_run_gives_the_same_numbers() -> None:
    one = experiment("agreement", steps=6, snapshots=3, evaluate_every=3)
    events = list(train(one, one.data.settings))
    halfway = next(one.state for one in events if isinstance(one, Snapshot) and 0 < one.step < 6)
    again = list(train(one, one.data.settings, state=halfway))
    assert isinstance(events[-1], Finished)
    assert isinstance(again[-1], Finished)
    assert events[-1].metrics == again[-1].metrics


def test_the_joint_loss_is_the_mean_of_its_two_directions() -> None:
    one = experiment("agreement").resolved()
    game = one.data.settings
    model = build_network(one, len(game.words), len(game.words), len(game.source_words))
    assert isinstance(model, Seq2Seq)
    pairs, rng = game.sample(np.random.default_rng(0), 16), np.random.default_rng(0)
    both, hits = answer(model, ask(taught(pairs, "agreement", rng), CPU))
    parts = []
    for direction in model.directions:
        asked = ask(taught(pairs, direction, rng), CPU)
        assert asked.source is not None
        states = model.write(model.read(asked.source, asked.source_lengths), asked.tokens, direction)
        logits = model.read_out(states).flatten(0, 1)
        chosen = logits if asked.scored is None else logits[asked.scored]
        parts.append((F.cross_entropy(chosen, asked.targets), (chosen.argmax(-1) == asked.targets).sum()))
    torch.testing.assert_close(2 * both, parts[0][0] + parts[1][0])
    assert hits == parts[0][1] + parts[1][1]


def test_synchronous_halves_never_see_the_word_that_they_are_asked_for() -> None:
    one = experiment("synchronous").resolved()
    game = one.data.settings
    model = build_network(one, len(game.words), len(game.words), len(game.source_words)).eval()
    assert isinstance(model, Seq2Seq)
    pairs = game.sample(np.random.default_rng(0), 8)
    assert pairs.lengths is not None
    assert pairs.source is not None
    encoded = model.read(torch.from_numpy(pairs.source), torch.from_numpy(pairs.source_lengths))

    def states(batch: Batch) -> torch.Tensor:
        framed = taught(batch, "synchronous", np.random.default_rng(0))
        return model.teach(encoded, torch.from_numpy(framed.tokens), None)

    before, half = states(pairs), states(pairs).shape[1] // 2
    for word in range(int(pairs.lengths.max()) - 1):
        changed = pairs.tokens.copy()
        changed[:, word] = np.where(changed[:, word] > 4, 5 + (changed[:, word] - 4) % 6, changed[:, word])
        moved = (states(Batch(changed, pairs.labels, lengths=pairs.lengths)) - before).abs().amax(-1)  # (B, 2T)
        for row, length in enumerate(pairs.lengths):
            words = int(length) - 1
            if word >= words:
                continue
            first = (words + 1) // 2
            asked = word if word < first else half + (words - 1 - word)  # the state that answers with this word
            assert moved[row, asked] == 0


def test_the_naive_decoder_is_caught_by_the_exact_way() -> None:
    found = leak(experiment("unmasked"))
    assert found is not None
    assert found.sentence == (
        "To write word 3, the decoder reads word 3 itself: word 3 → self-attention of the decoder’s layer 1 → "
        "the state that word 3 is written from."
    )
    for changes in honest(experiment("unmasked")):
        assert leak(experiment("unmasked").with_(changes)) is None
    assert all(leak(experiment(way)) is None for way in WAYS if way != "unmasked")


@pytest.mark.parametrize(
    ("plain", "name"),
    [
        ({"data": {"task": "backwards"}, "model": {"family": "lstm"}}, "model.family"),
        ({"data": {"task": "sense"}, "model": {"family": "encoder-decoder"}}, "model.family"),
        ({"data": {"task": "backwards"}, "model": {"crossing": "two-way", "reads": "left-to-right"}}, "model.crossing"),
        (
            {"data": {"task": "backwards"}, "model": {"cells": "lstm", "direction": "both", "writing": "synchronous"}},
            "model.writing",
        ),
    ],
)
def test_what_does_not_fit_is_said_and_repaired(plain: dict[str, dict[str, object]], name: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_json(plain)
    assert caught.value.name == name
    for setting, value in caught.value.works.items():
        part, _, one = setting.partition(".")
        plain.setdefault(part, {})[one] = value
    from_json(plain)
