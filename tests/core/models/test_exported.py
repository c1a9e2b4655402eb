"""Our models in the format of transformers: loaded there, they give the same logits; and back here, the same bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file
from torch import nn

from core.borrowed import borrow
from core.data.corpora import TextSource
from core.data.registry import open_source
from core.hub import CheckpointError, from_folder
from core.models.build import Model, build
from core.models.exported import save_checkpoint
from core.models.imported import load_checkpoint, start_from
from core.spec import from_json
from tests.core.models.peers import peer, written
from tests.core.models.test_imported import CLOSE, FOR_ROWS, FOR_TOKENS, WORDED, classifier, scores
from tests.core.vocabularies import ROBERTA_MARKS, TRICKY, byte_pairs, size_of, word_pieces

LIKE_BERT = {
    "direction": "both", "norm_place": "post", "embedding_norm": True, "read_out": "transform", "positions": "learned",
}  # fmt: skip
STORY = "The river bank was steep, and the bank by the river closed. " * 30


def vocabulary(folder: Path, architecture: str) -> None:
    if architecture in ("gpt2", "roberta"):
        byte_pairs(folder, ROBERTA_MARKS if architecture == "roberta" else ["<|endoftext|>"])
    else:
        word_pieces(folder, lower=True)


def loaded(folder: Path, name: str) -> nn.Module:
    """What transformers makes of a folder; every weight must be there and no other."""
    cls = getattr(transformers, name)
    model, told = cls.from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
    assert not told["missing_keys"], told
    assert not told["unexpected_keys"], told
    eval_: nn.Module = model.eval()
    return eval_


def moved(model: Model) -> Model:
    """Every weight changed, as by training; padding's position in RoBERTa's table is nobody's."""
    with torch.no_grad():
        for number, one in enumerate(model.parameters()):
            one.add_(0.1 * torch.randn(one.shape, generator=torch.Generator().manual_seed(number)))
    return model.eval()


@torch.no_grad()
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", [one for one in WORDED if one != "BertForPreTraining"])
def test_a_fine_tuned_checkpoint_goes_back(kind: str, tied: bool, tmp_path: Path) -> None:
    architecture, source = WORDED[kind], tmp_path / "theirs"
    vocabulary(source, architecture)
    origin = written(peer(architecture, kind, vocab_size=size_of(source), tie_word_embeddings=tied), source)
    cut = borrow(origin)
    ours = moved(load_checkpoint(origin, cut.order))
    if not tied and architecture == "gpt2":
        ours.read_out.scores.bias.zero_()  # which GPT-2 has none of
    assert save_checkpoint(ours, tmp_path / "ours", cut, origin) == kind
    ids = cut.encode_sentence("The river bank, steep")
    tokens = torch.from_numpy(ids)[None]
    theirs = loaded(tmp_path / "ours", kind)
    expected = ours(tokens).logits[..., torch.from_numpy(cut.ours)]
    torch.testing.assert_close(scores(theirs, torch.from_numpy(cut.order[ids])[None]), expected, **CLOSE)
    auto = transformers.AutoModel.from_pretrained(tmp_path / "ours")
    states = auto.eval()(input_ids=torch.from_numpy(cut.order[ids])[None]).last_hidden_state
    torch.testing.assert_close(states, ours(tokens).states, **CLOSE)
    cuts = transformers.AutoTokenizer.from_pretrained(tmp_path / "ours")
    assert cuts(TRICKY[0])["input_ids"] == cut.order[cut.encode_sentence(TRICKY[0])].tolist()
    again = load_checkpoint(from_folder(tmp_path / "ours"), borrow(from_folder(tmp_path / "ours")).order)
    assert all(torch.equal(one, ours.state_dict()[name]) for name, one in again.state_dict().items())


@torch.no_grad()
@pytest.mark.parametrize("kind", WORDED)
def test_what_was_not_touched_is_saved_bit_for_bit(kind: str, tmp_path: Path) -> None:
    architecture, source = WORDED[kind], tmp_path / "theirs"
    vocabulary(source, architecture)
    origin = written(peer(architecture, kind, vocab_size=size_of(source)), source)
    cut = borrow(origin)
    save_checkpoint(load_checkpoint(origin, cut.order), tmp_path / "ours", cut, origin)
    before, after = (load_file(folder / "model.safetensors") for folder in (source, tmp_path / "ours"))
    for name, array in after.items():
        if name == "roberta.embeddings.position_embeddings.weight":  # the first two rows are no word's
            array[:2] = before[name][:2]
        if name in before:
            assert torch.equal(array, before[name]), name
    lost = {name for name in before if name not in after}
    assert all("pooler" in name or "seq_relationship" in name for name in lost)


@torch.no_grad()
@pytest.mark.parametrize("kind", [*FOR_ROWS, *FOR_TOKENS])
def test_classes_go_back(kind: str, tmp_path: Path) -> None:
    architecture, pool = FOR_ROWS.get(kind, (FOR_TOKENS.get(kind, ""), "mean"))
    source = tmp_path / "theirs"
    vocabulary(source, architecture)
    origin = written(peer(architecture, kind, vocab_size=size_of(source), num_labels=3, pad_token_id=1), source)
    cut = borrow(origin)
    ours = classifier(origin, pool, words=size_of(source))
    start_from(ours, origin, cut.order)
    name = save_checkpoint(ours, tmp_path / "ours", cut, origin, ("good", "bad", "neither"))
    assert name == kind
    theirs = loaded(tmp_path / "ours", kind)
    assert theirs.config.id2label[1] == "bad"
    ids = cut.encode_sentence("The river bank, steep")
    expected = scores(theirs, torch.from_numpy(cut.order[ids])[None])
    states = ours(torch.from_numpy(ids)[None]).states
    got = ours.read_out(ours.pool(states) if kind in FOR_ROWS else states)
    torch.testing.assert_close(got, expected, **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize(
    ("model", "name"),
    [
        ({**LIKE_BERT}, "BertForMaskedLM"),
        ({**LIKE_BERT, "tied_words": True, "token_types": 2, "norm_epsilon": 1e-12}, "BertForMaskedLM"),
        ({**LIKE_BERT, "activation": "relu", "places": 64}, "BertForMaskedLM"),
        ({"tied_words": True}, "GPT2LMHeadModel"),
        ({"tied_words": True, "activation": "gelu-tanh", "feed_forward": 100}, "GPT2LMHeadModel"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["word", "bpe"])
def test_our_own_models_are_loaded_by_transformers(
    model: dict[str, Any], name: str, tokenizer: str, tmp_path: Path
) -> None:
    settings = {"task": "text", "text": "own", "tokenizer": tokenizer, "length": 16}
    one = from_json({"data": settings, "model": {"size": "tiny", **model}})
    source = open_source(one.data.settings, lambda _: STORY)
    assert isinstance(source, TextSource)
    ours = moved(build(one, len(source.words), len(source.words)))
    assert save_checkpoint(ours, tmp_path, source.tokenizer) == name
    tokens = torch.from_numpy(source.held_out(3).tokens[:, :13])
    torch.testing.assert_close(scores(loaded(tmp_path, name), tokens), ours(tokens).logits, **CLOSE)
    cuts = transformers.AutoTokenizer.from_pretrained(tmp_path)
    text = "the bank was steep [mask]"
    assert cuts(text)["input_ids"] == source.tokenizer.encode_sentence(text).tolist()
    back = from_folder(tmp_path)
    cut = borrow(back)
    assert cut.order.tolist() == list(range(len(source.words)))
    torch.testing.assert_close(load_checkpoint(back, cut.order)(tokens).logits, ours(tokens).logits, **CLOSE)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"direction": "both"}, ['model.norm_place = "post"', "model.embedding_norm = true", 'read_out = "transform"']),
        ({}, ["GPT2’s format", "model.tied_words = true"]),
        ({"tied_words": True, "positions": "rotary"}, ['model.positions = "learned"']),
        ({"tied_words": True, "norm": "rms"}, ['model.norm = "layer"']),
        ({"tied_words": True, "activation": "swiglu", "key_heads": 1}, ['activation = "gelu"', "key_heads = 2"]),
        ({"tied_words": True, "window": 3}, ["model.window = null"]),
        ({"direction": "right-to-left"}, ["reads from right to left"]),
        ({"family": "lstm"}, ['model.family = "transformer"']),
        ({**LIKE_BERT, "join": "sum"}, ['model.join = "deep"']),
    ],
)
def test_what_can_not_be_said_is_refused_and_repaired_by_its_words(
    model: dict[str, Any], words: list[str], tmp_path: Path
) -> None:
    one = from_json({"data": {"task": "text", "text": "own"}, "model": {"size": "tiny", **model}})
    source = open_source(one.data.settings, lambda _: STORY)
    assert isinstance(source, TextSource)
    with pytest.raises(CheckpointError) as refused:
        save_checkpoint(build(one, 9, 9), tmp_path, source.tokenizer)
    for part in words:
        assert part in str(refused.value)
    assert not list(tmp_path.iterdir())
    if "It would need " in str(refused.value):
        needed = str(refused.value).split("It would need ")[1].removesuffix(".").split(" and ")
        changes = {name: json.loads(value) for name, value in (each.split(" = ") for each in needed)}
        repaired = one.with_(changes)
        save_checkpoint(build(repaired, 9, 9), tmp_path, source.tokenizer)
