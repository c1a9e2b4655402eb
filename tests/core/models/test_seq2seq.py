"""Encoder–decoders: equal to a trusted library, the same word by word as all at once, deaf to padding and future."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.build import initialise
from core.models.cross import Alignment, CrossAttention, Encoded
from core.models.seq2seq import Seq2Seq
from core.models.tap import QUIET, Tap
from core.spec import ModelSpec
from core.text import START

SOURCE_WORDS, WORDS, B, S, T = 9, 12, 3, 6, 5


def spec(**changes: object) -> ModelSpec:
    small = {"family": "encoder-decoder", "width": 8, "layers": 2, "heads": 2, "feed_forward": 12}
    return ModelSpec(**{**small, **changes})  # type: ignore[arg-type]


def _kinds() -> dict[str, ModelSpec]:
    read = [{"reads": one} for one in ("left-to-right", "right-to-left", "both")]
    crossed = [*read, {"crossing": "two-way"}]
    directions = [{"direction": one} for one in ("left-to-right", "right-to-left", "both")]
    every = [dict(**one, **two) for one in directions for two in crossed]
    cells = [{"cells": "transformer"}, *({"cells": "lstm", "scoring": kind} for kind in ("additive", "multiplicative"))]
    made = [{**one, **two} for one in cells for two in every]
    layers = [{"positions": kind} for kind in ("sinusoidal", "rotary", "alibi", "none")]
    layers += [{"norm_place": "post", "norm": "rms", "activation": "swiglu", "key_heads": 1, "window": 2}]
    naive = [{"direction": "both", "writing": "unmasked"}]
    return {" ".join(map(str, one.values())): spec(**one) for one in [*made, *layers, *naive]}


KINDS = _kinds()
HONEST = {name: one for name, one in KINDS.items() if one.writes != "unmasked"}


def grown(one: ModelSpec) -> Seq2Seq:
    """In float64, every weight moved away from its start, so that no path is closed by a zero."""
    model = Seq2Seq(one, SOURCE_WORDS, WORDS, S, T)
    initialise(model, 0)
    model = model.double().eval()
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            draw = torch.Generator().manual_seed(number)
            parameter += 0.3 * torch.randn(parameter.shape, generator=draw, dtype=parameter.dtype)
    return model


def sentences() -> tuple[Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(3)
    source = torch.randint(5, SOURCE_WORDS, (B, S), generator=draw)
    tokens = torch.randint(5, WORDS, (B, T), generator=draw)
    tokens[:, 0] = START
    return source, torch.tensor([S, 4, 2]), tokens


@pytest.mark.parametrize("name", KINDS)
def test_word_by_word_equals_all_at_once(name: str) -> None:
    model = grown(KINDS[name])
    source, lengths, tokens = sentences()
    for direction in model.directions:
        encoded = model.read(source, lengths)
        memory = model.begin(encoded, direction)
        for t in range(T):
            written = model.step(tokens[:, t], memory)
            at_once = model.read_out(model.write(encoded, tokens[:, : t + 1], direction))[:, -1]
            torch.testing.assert_close(written, at_once)


@pytest.mark.parametrize("name", KINDS)
def test_padding_of_source_and_target_changes_nothing(name: str) -> None:
    model = grown(KINDS[name])
    source, lengths, tokens = sentences()
    targets = torch.tensor([3, 5, 4])
    for direction in model.directions:
        together = model.write(model.read(source, lengths), tokens, direction, targets)
        for row in range(B):
            n, t = int(lengths[row]), int(targets[row])
            alone = model.write(model.read(source[row : row + 1, :n]), tokens[row : row + 1, :t], direction)
            torch.testing.assert_close(together[row, :t], alone[0])


@pytest.mark.parametrize("name", HONEST)
def test_no_word_depends_on_those_that_are_written_after_it(name: str) -> None:
    model = grown(HONEST[name])
    source, lengths, tokens = sentences()
    for direction in model.directions:
        encoded = model.read(source, lengths)
        before = model.write(encoded, tokens, direction)
        for t in range(1, T):
            changed = tokens.clone()
            changed[:, t] = 5 + (changed[:, t] - 4) % (WORDS - 5)
            moved = (model.write(encoded, changed, direction) - before).abs().amax((0, 2))
            assert (moved[:t] == 0).all()
            assert moved[t] > 1e-6


def test_without_a_mask_the_answer_is_in_sight() -> None:
    model = grown(KINDS["both unmasked"])
    source, lengths, tokens = sentences()
    encoded = model.read(source, lengths)
    changed = tokens.clone()
    changed[:, 1] = 5 + (changed[:, 1] - 4) % (WORDS - 5)
    moved = (model.write(encoded, changed) - model.write(encoded, tokens)).abs().amax((0, 2))
    assert moved[0] > 1e-6  # state 0 answers with word 1


@pytest.mark.parametrize("name", KINDS)
def test_the_tapped_way_gives_the_same_numbers_and_its_weights_sum_to_one(name: str) -> None:
    model = grown(KINDS[name])
    source, lengths, tokens = sentences()
    for direction in model.directions:
        fast = model.write(model.read(source, lengths), tokens, direction)
        model.tap = Tap(seen := {})
        torch.testing.assert_close(model.write(model.read(source, lengths), tokens, direction), fast)
        model.tap = QUIET
        decoder = "decoder" if direction == "left-to-right" else "decoder_back"
        heads = (2 if KINDS[name].crossing == "two-way" else 1) * (2 if KINDS[name].cells == "transformer" else 1)
        cross = seen[f"{decoder}.0.cross"]
        assert cross.shape == (B, heads, T, S)
        torch.testing.assert_close(cross.sum(-1), torch.ones_like(cross[..., 0]))
        assert cross[2, :, :, 2:].abs().max() == 0  # padding
        assert any(key.startswith("encoder.") for key in seen)


def test_rows_of_a_memory_can_be_reordered_and_repeated() -> None:
    for name in ("transformer left-to-right both", "lstm additive left-to-right both", "both unmasked"):
        model = grown(KINDS[name])
        source, lengths, tokens = sentences()
        memory, rows = model.begin(model.read(source, lengths)), torch.tensor([2, 0, 0, 1])
        model.step(tokens[:, 0], memory)
        memory.select(rows)
        chosen = model.step(tokens[rows, 1], memory)
        again = model.begin(model.read(source, lengths).rows(rows))
        model.step(tokens[rows, 0], again)
        torch.testing.assert_close(chosen, model.step(tokens[rows, 1], again))


def test_cross_attention_equals_the_library() -> None:
    cross = CrossAttention(spec(), (8,)).double()
    for parameter in cross.parameters():
        nn.init.normal_(parameter)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([cross.query.weight, cross.key_value[0].weight]))  # type: ignore[list-item]
        theirs.in_proj_bias.copy_(torch.cat([cross.query.bias, cross.key_value[0].bias]))  # type: ignore[list-item]
        theirs.out_proj.load_state_dict(cross.output.state_dict())
    x, states = torch.randn(B, T, 8).double(), torch.randn(B, S, 8).double()
    encoded = Encoded((states,), torch.tensor([S, 4, 2]))
    assert encoded.real is not None
    expected, weights = theirs(x, states, states, key_padding_mask=~encoded.real, average_attn_weights=False)
    tap = Tap(seen := {})
    for way in (QUIET, tap):
        torch.testing.assert_close(cross(x, cross.read(encoded), encoded.real, way), expected)
    torch.testing.assert_close(seen["cross"], weights)


def test_the_decoder_equals_the_library() -> None:
    model = grown(spec(direction="left-to-right", activation="relu", positions="none"))
    theirs = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(8, 2, 12, 0.0, batch_first=True, norm_first=True), 2, nn.LayerNorm(8)
    ).double()
    assert model.decoder is not None
    ours = model.decoder.state_dict()
    names = {"self_attn.": "attention.", "norm1.": "attention_norm.", "norm2.": "cross_norm.", "norm3.": "feed_forward_norm.", "linear1.": "feed_forward.inner.", "linear2.": "feed_forward.outer.", "out_proj.": "output.", "multihead_attn.": "cross.", "layers.": "blocks."}  # fmt: skip  # noqa: E501
    weights = {}
    for name in theirs.state_dict():
        mine = name
        for there, here in names.items():
            mine = mine.replace(there, here)
        for kind in ("weight", "bias"):
            if mine.endswith(f"cross.in_proj_{kind}"):
                stem = mine.removesuffix(f"in_proj_{kind}")
                weights[name] = torch.cat([ours[f"{stem}query.{kind}"], ours[f"{stem}key_value.0.{kind}"]])
            elif mine.endswith(f"in_proj_{kind}"):
                weights[name] = ours[mine.replace("in_proj_", "query_key_value.")]
        weights.setdefault(name, ours.get(mine))
    theirs.load_state_dict(weights)
    source, lengths, tokens = sentences()
    encoded = model.read(source, lengths)
    assert encoded.real is not None
    mask = nn.Transformer.generate_square_subsequent_mask(T, dtype=torch.float64)
    hidden = torch.zeros(B, S).double().masked_fill(~encoded.real, -torch.inf)
    expected = theirs(model.embed(tokens), encoded.states[0], tgt_mask=mask, memory_key_padding_mask=hidden)
    torch.testing.assert_close(model.write(encoded, tokens), expected)


@pytest.mark.parametrize("scoring", ["additive", "multiplicative"])
def test_alignment_equals_its_formula_word_by_word(scoring: str) -> None:
    one = Alignment(scoring, 4, 6).double()
    for parameter in one.parameters():
        nn.init.normal_(parameter)
    s, h = torch.randn(2, 3, 4).double(), torch.randn(2, 5, 6).double()
    context, weights = one(s, one.read(h), None)
    u, b = (x.detach().numpy() for x in (one.key.weight, one.key.bias))
    for row, t in np.ndindex(2, 3):
        scores = []
        for word in range(5):
            key = u @ h[row, word].numpy() + b
            if one.query is None or one.fit is None:
                scores.append(s[row, t].numpy() @ key)
            else:
                w, c, v = (x.detach().numpy() for x in (one.query.weight, one.query.bias, one.fit[0]))
                scores.append(v @ np.tanh(w @ s[row, t].numpy() + c + key))
        shares = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(weights[row, t].detach().numpy(), shares)
        np.testing.assert_allclose(context[row, t].detach().numpy(), shares @ h[row].numpy())


def test_the_lstm_decoder_equals_cells_and_its_formula() -> None:
    model = grown(spec(cells="lstm", layers=1, scoring="multiplicative", direction="left-to-right"))
    source, _, tokens = sentences()
    encoded, decoder = model.read(source), model.decoder
    state_dict = decoder.cells.state_dict()  # type: ignore[union-attr]
    cell = nn.LSTMCell(8, 8).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in state_dict.items()})
    h, c = decoder.start(encoded.states[0].mean(1)).tanh().chunk(2, dim=-1)  # type: ignore[union-attr, operator]
    expected = []
    for t in range(T):
        h, c = cell(model.words(tokens[:, t]), (h, c))
        keys = decoder.alignments[0].key(encoded.states[0])  # type: ignore[union-attr, index]
        weights = F.softmax((h[:, None] * keys).sum(-1), dim=-1)
        context = (weights[..., None] * encoded.states[0]).sum(1)
        expected.append(decoder.output(torch.cat([context, h], -1)).tanh())  # type: ignore[union-attr, operator]
    torch.testing.assert_close(model.write(encoded, tokens), torch.stack(expected, 1))
