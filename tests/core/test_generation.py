import numpy as np
import pytest
import torch

from core.data.batches import frame
from core.data.contract import Batch
from core.data.corpora import Text
from core.decoding.trace import Decoded, Step
from core.generation import continue_text, fill_blanks, sample, search_text
from core.models.build import Model, build
from core.spec import DataSpec, Experiment, ModelSpec, ObjectiveSpec, from_json
from core.text import MASK, SPECIAL

V, T = 9, 12
CLOCK = len(SPECIAL) + np.arange(T + 1) % (V - len(SPECIAL))  # 3 4 5 6 7 8 3 4 …


class Words:
    words = tuple(map(str, range(V)))


def model(direction: str, family: str = "transformer", length: int = T) -> Model:
    one = ModelSpec(family=family, direction=direction, width=16, layers=2, heads=2, feed_forward=24)
    return build(Experiment(DataSpec("text", Text(length=length)), one), V, V).eval()


def trained(direction: str) -> Model:
    """A model that has learned to count round the clock."""
    made, objective = model(direction), {"left-to-right": "next-word", "right-to-left": "previous-word"}.get(direction)
    rng = np.random.default_rng(0)
    optimiser = torch.optim.Adam(made.parameters(), lr=0.01)
    for _ in range(150):
        starts = rng.integers(0, V - len(SPECIAL), 16)
        tokens = len(SPECIAL) + (starts[:, None] + np.arange(T + 1)) % (V - len(SPECIAL))
        batch = frame(ObjectiveSpec(objective or "masked-word"), Batch(tokens, tokens), rng, V)
        logits = made(torch.from_numpy(np.ascontiguousarray(batch.tokens))).logits.flatten(0, 1)
        labels = torch.from_numpy(np.ascontiguousarray(batch.labels)).flatten()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimiser.step()
        optimiser.zero_grad()
    return made.eval()


def test_left_to_right_counts_on_and_right_to_left_counts_back() -> None:
    rng = np.random.default_rng(0)
    onward = [word.token for word in continue_text(trained("left-to-right"), CLOCK[:3], 8, rng, 0.0)]
    assert onward == CLOCK[3:11].tolist()
    back = [word.token for word in continue_text(trained("right-to-left"), CLOCK[8:11], 8, rng, 0.0)]
    assert back == CLOCK[:8][::-1].tolist()


def test_blanks_are_filled_from_both_sides() -> None:
    text = CLOCK[:T].copy()
    text[[0, 5, 11]] = MASK
    filled = fill_blanks(trained("both"), text)
    assert [word.token for word in filled] == CLOCK[[0, 5, 11]].tolist()
    assert all(0.5 < word.probability <= 1 for word in filled)


def test_text_without_blanks_stays_as_it_is() -> None:
    assert fill_blanks(model("both"), CLOCK[:T]) == []


@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_writing_goes_on_past_the_context_and_never_writes_a_special_token(family: str) -> None:
    written = list(continue_text(model("left-to-right", family), CLOCK[:2], 200, np.random.default_rng(0), 2.0))
    assert len(written) == 200
    assert {word.token for word in written} == set(range(len(SPECIAL), V))
    assert all(0 < word.probability < 1 for word in written)


def test_same_draws_same_text_and_temperature_zero_needs_none() -> None:
    def text(seed: int, temperature: float) -> list[int]:
        rng = np.random.default_rng(seed)
        return [word.token for word in continue_text(model("left-to-right"), CLOCK[:2], 30, rng, temperature)]

    assert text(1, 1.0) == text(1, 1.0) != text(2, 1.0)
    assert text(1, 0.0) == text(2, 0.0)


def test_a_model_that_fills_blanks_refuses_to_write_on() -> None:
    with pytest.raises(ValueError, match="not written yet"):
        next(continue_text(model("both"), CLOCK[:2], 1, np.random.default_rng(0)))


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
@pytest.mark.parametrize("objective", ["next-word", "previous-word"])
def test_whatever_it_reads_a_model_writes_where_its_objective_says(direction: str, objective: str) -> None:
    """Also one that could copy its answer while it learned: each new word is chosen at the edge of what is written."""
    made, text = model(direction), list(CLOCK[:4])
    for word in continue_text(made, CLOCK[:4], 3, np.random.default_rng(0), 0.0, objective):
        edge = -1 if objective == "next-word" else 0
        with torch.no_grad():
            chances = made(torch.tensor(text)[None]).logits[0, edge, len(SPECIAL) :].double().softmax(-1)
        assert word.token == int(chances.argmax()) + len(SPECIAL)
        assert word.probability == pytest.approx(float(chances.max()), rel=1e-5)
        text = [*text, word.token] if objective == "next-word" else [word.token, *text]
    raw = CLOCK[None]
    framed = frame(ObjectiveSpec(objective), Batch(raw, raw), np.random.default_rng(0), V)
    found = sample(0, made, Words(), framed, np.random.default_rng(0), objective)
    parts = [*found.given, *found.truth] if objective == "next-word" else [*found.truth, *found.given]
    true = [str(token) for token in CLOCK]
    assert parts == (true[: len(parts)] if objective == "next-word" else true[-len(parts) :])
    assert len(found.written) == len(found.truth)


@pytest.mark.parametrize("length", [4, 12, 40])
@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
def test_a_sample_stands_beside_the_truth_in_reading_order(direction: str, length: int) -> None:
    objective = {"left-to-right": "next-word", "right-to-left": "previous-word", "both": "masked-word"}[direction]
    raw = (len(SPECIAL) + np.arange(length + 1) % (V - len(SPECIAL)))[None]
    framed = frame(ObjectiveSpec(objective), Batch(raw, raw), np.random.default_rng(0), V)
    made = model(direction, length=length).train()
    found = sample(7, made, Words(), framed, np.random.default_rng(0))
    assert found.step == 7
    assert made.training
    assert len(found.written) == len(found.probabilities) == len(found.truth) > 0
    text = [str(token) for token in raw[0]]
    if direction == "left-to-right":
        assert text[: len(found.given) + len(found.truth)] == [*found.given, *found.truth]
    elif direction == "right-to-left":
        assert text[-len(found.given) - len(found.truth) :] == [*found.truth, *found.given]
    else:
        truth = iter(found.truth)
        assert [next(truth) if word == str(MASK) else word for word in found.given] == text[:-1]


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left"])
def test_a_model_that_knows_the_text_writes_the_truth(direction: str) -> None:
    objective = {"left-to-right": "next-word", "right-to-left": "previous-word"}[direction]
    framed = frame(ObjectiveSpec(objective), Batch(CLOCK[None], CLOCK[None]), np.random.default_rng(0), V)
    found = sample(0, trained(direction), Words(), framed, np.random.default_rng(1))
    assert found.written == found.truth
    assert min(found.probabilities) > 0.8


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"family": "lstm"},
        {"positions": "rotary", "key_heads": 1, "window": 3},
        {"positions": "alibi", "key_heads": 1},
        {"positions": "sinusoidal", "window": 2, "norm_place": "post"},
    ],
    ids=str,
)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_memory_writes_the_same_words_past_the_end_of_the_context(model: dict[str, object], temperature: float) -> None:
    experiment = from_json({"data": {"task": "text", "length": 16}, "model": {"size": "tiny", "heads": 2, **model}})
    grown = build(experiment, 40, 40).eval()
    once, again = (
        list(continue_text(grown, np.arange(3, 8), 30, np.random.default_rng(1), temperature, remembers=remembers))
        for remembers in (True, False)
    )
    assert [one.token for one in once] == [one.token for one in again]
    assert [one.probability for one in once] == pytest.approx([one.probability for one in again], rel=1e-4)


@pytest.mark.parametrize("family", ["transformer", "lstm"])
@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left"])
def test_a_wide_beam_finds_the_likeliest_text(family: str, direction: str) -> None:
    """Every text of two tokens scored by the model without a beam; memory and re-reading find the same."""
    made, given, backwards = model(direction, family), list(CLOCK[:4]), direction == "right-to-left"
    edge = 0 if backwards else -1

    def chances(texts: list[list[int]]) -> np.ndarray:
        with torch.no_grad():
            logits = made(torch.tensor(texts)).logits[:, edge, len(SPECIAL) :].double()
        return logits.log_softmax(-1).numpy()

    words = range(len(SPECIAL), V)
    first, second = chances([given])[0], chances([[a, *given] if backwards else [*given, a] for a in words])
    score = {(a, b): first[i] + second[i, j] for i, a in enumerate(words) for j, b in enumerate(words)}
    best = max(score, key=score.__getitem__)
    for remembers in (True, False):
        *told, last = list(search_text(made, CLOCK[:4], 2, len(score), remembers=remembers))
        assert isinstance(last, Decoded)
        assert all(isinstance(one, Step) for one in told)
        assert last.tokens == (best[::-1] if backwards else best)
        assert last.log_probability == pytest.approx(score[best], abs=1e-4)


def test_beams_keep_their_own_memories_past_the_end_of_the_context() -> None:
    found = [list(search_text(model("left-to-right"), CLOCK[:3], 20, 4, remembers=one))[-1] for one in (True, False)]
    assert found[0].tokens == found[1].tokens  # type: ignore[union-attr]
    assert len(found[0].tokens) == 20  # type: ignore[union-attr]
