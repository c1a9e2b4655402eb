"""Checkpoints of transformers in our modules: the same logits, attention and text, or words that say what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from core.hub import CheckpointError, Folder, from_folder
from core.loading import model_settings
from core.models.build import Model
from core.models.imported import load_checkpoint, start_from
from core.models.tap import tapped
from core.parts import ModelSpec
from tests.core.models.peers import VOCABULARY, peer, sentences, written

CLOSE = {"rtol": 0.0, "atol": 1e-4}
WORDED = {  # classes with scores for words
    "BertForMaskedLM": "bert",
    "BertForPreTraining": "bert",
    "RobertaForMaskedLM": "roberta",
    "DistilBertForMaskedLM": "distilbert",
    "GPT2LMHeadModel": "gpt2",
}
BARE = {"BertModel": "bert", "RobertaModel": "roberta", "DistilBertModel": "distilbert", "GPT2Model": "gpt2"}
FOR_ROWS = {
    "BertForSequenceClassification": ("bert", "pooler"),
    "RobertaForSequenceClassification": ("roberta", "pooler"),
    "DistilBertForSequenceClassification": ("distilbert", "pooler-relu"),
    "GPT2ForSequenceClassification": ("gpt2", "last"),
}
FOR_TOKENS = {
    "BertForTokenClassification": "bert",
    "RobertaForTokenClassification": "roberta",
    "DistilBertForTokenClassification": "distilbert",
    "GPT2ForTokenClassification": "gpt2",
}


def scores(model: nn.Module, tokens: torch.Tensor, **more: Any) -> torch.Tensor:
    """The logits that transformers gives, for words where it has several."""
    told = model(input_ids=tokens, **more)
    found: torch.Tensor = told.prediction_logits if hasattr(told, "prediction_logits") else told.logits
    return found


def classifier(folder: Folder, pool: str = "mean", classes: int = 3, words: int = VOCABULARY) -> Model:
    """Our model for `classes` answers, started from a checkpoint."""
    settings = {**model_settings(folder), "read_out": "linear", "tied_words": False, "pool": pool}
    spec = ModelSpec(**settings)
    torch.manual_seed(0)
    return Model(spec, words, classes, 8, spec.token_types).eval()


@torch.no_grad()
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", WORDED)
def test_words_get_the_same_scores(kind: str, tied: bool, tmp_path: Path) -> None:
    theirs = peer(WORDED[kind], kind, tie_word_embeddings=tied)
    ours = load_checkpoint(written(theirs, tmp_path))
    assert ours.spec.tied_words is tied
    for rows, length in ((1, 1), (2, 7), (3, 20)):
        tokens = sentences(rows, length)
        torch.testing.assert_close(ours(tokens).logits, scores(theirs, tokens), **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize("kind", WORDED)
def test_padding_changes_no_word(kind: str, tmp_path: Path) -> None:
    theirs, tokens = peer(WORDED[kind], kind), sentences(3, 9)
    ours = load_checkpoint(written(theirs, tmp_path))
    lengths = torch.tensor([9, 4, 1])
    real = torch.arange(9) < lengths[:, None]
    tokens = tokens.where(real, torch.tensor(1))  # RoBERTa's padding; it counts places by it
    got, expected = ours(tokens, lengths=lengths).logits, scores(theirs, tokens, attention_mask=real.long())
    torch.testing.assert_close(got[real], expected[real], **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["BertForMaskedLM", "RobertaForMaskedLM"])
def test_token_types_are_told_apart(kind: str, tmp_path: Path) -> None:
    theirs, tokens = peer(WORDED[kind], kind, type_vocab_size=2), sentences(2, 7)
    ours = load_checkpoint(written(theirs, tmp_path))
    kinds = torch.tensor([[0, 0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 1, 1, 1]])
    got = ours(tokens, kinds=kinds).logits
    torch.testing.assert_close(got, scores(theirs, tokens, token_type_ids=kinds), **CLOSE)
    assert not torch.allclose(got, ours(tokens).logits, atol=1e-2)


@torch.no_grad()
@pytest.mark.parametrize("kind", BARE)
def test_a_body_without_head_gives_the_same_states_and_a_fresh_head(kind: str, tmp_path: Path) -> None:
    theirs, tokens = peer(BARE[kind], kind, tie_word_embeddings=False), sentences(2, 7)
    folder = written(theirs, tmp_path)
    spec = ModelSpec(**model_settings(folder))
    ours = Model(spec, VOCABULARY, VOCABULARY, 8, spec.token_types).eval()
    fresh = start_from(ours, folder)
    assert "read_out.scores.weight" in fresh
    torch.testing.assert_close(ours(tokens).states, theirs(tokens).last_hidden_state, **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize("kind", FOR_ROWS)
def test_classes_of_whole_rows_get_the_same_scores(kind: str, tmp_path: Path) -> None:
    architecture, pool = FOR_ROWS[kind]
    theirs, tokens = peer(architecture, kind, num_labels=3, pad_token_id=1), sentences(3, 7)
    tokens[:, -1] = 5
    folder = written(theirs, tmp_path)
    ours = classifier(folder, pool)
    assert start_from(ours, folder) == []
    got = ours.read_out(ours.pool(ours.encode(ours.embed(tokens))))
    torch.testing.assert_close(got, scores(theirs, tokens), **CLOSE)
    other = classifier(folder, pool, classes=4)
    assert "read_out.scores.weight" in start_from(other, folder)


@torch.no_grad()
@pytest.mark.parametrize("kind", FOR_TOKENS)
def test_classes_of_tokens_get_the_same_scores(kind: str, tmp_path: Path) -> None:
    theirs, tokens = peer(FOR_TOKENS[kind], kind, num_labels=3), sentences(2, 7)
    folder = written(theirs, tmp_path)
    ours = classifier(folder)
    assert start_from(ours, folder) == []
    torch.testing.assert_close(ours(tokens).logits, scores(theirs, tokens), **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["BertForMaskedLM", "DistilBertForMaskedLM", "GPT2LMHeadModel"])
def test_attention_is_theirs(kind: str, tmp_path: Path) -> None:
    theirs, tokens = peer(WORDED[kind], kind), sentences(2, 7)
    ours = load_checkpoint(written(theirs, tmp_path))
    with tapped(ours) as seen:
        ours(tokens)
    for layer, weights in enumerate(theirs(tokens, output_attentions=True).attentions):
        torch.testing.assert_close(seen[f"stack.{layer}.attention"], weights, rtol=0.0, atol=1e-5)


@torch.no_grad()
def test_half_precision_becomes_float32_and_old_names_are_understood(tmp_path: Path) -> None:
    theirs, tokens = peer("bert", "BertForMaskedLM"), sentences(2, 5)
    written(theirs, tmp_path)
    arrays = {name: array.bfloat16() for name, array in load_file(tmp_path / "model.safetensors").items()}
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): array
        for name, array in arrays.items()
    }
    save_file({**old, "bert.embeddings.position_ids": torch.arange(20)[None]}, tmp_path / "model.safetensors")
    ours = load_checkpoint(from_folder(tmp_path))
    assert {one.dtype for one in ours.parameters()} == {torch.float32}
    for name, one in theirs.named_parameters():
        one.copy_(arrays[name].float())
    torch.testing.assert_close(ours(tokens).logits, scores(theirs, tokens), **CLOSE)


def refusal(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        load_checkpoint(from_folder(folder))
    return str(refused.value)


NAME = "bert.encoder.layer.1.output.dense.weight"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop(NAME), "lack “encoder.layer.1.output.dense.weight”"),
        (lambda a: a.update({NAME: torch.zeros(24, 39)}), "“encoder.layer.1.output.dense.weight” is 24 × 39"),
        (lambda a: a.update({"bert.encoder.extra.weight": torch.zeros(2)}), "hold “encoder.extra.weight”"),
        (lambda a: a.update({NAME: torch.zeros(24, 40, dtype=torch.int8)}), "is kept as I8"),
        (lambda a: a.pop("cls.predictions.bias"), "lack “cls.predictions.bias”"),
    ],
)
def test_weights_that_do_not_fit_are_named(change: Any, words: str, tmp_path: Path) -> None:
    written(peer("bert", "BertForMaskedLM"), tmp_path)
    arrays = load_file(tmp_path / "model.safetensors")
    change(arrays)
    save_file(arrays, tmp_path / "model.safetensors")
    assert words in refusal(tmp_path)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"hidden_act": "silu"}, "“silu”. Bothways knows gelu"),
        ({"is_decoder": True}, "wired otherwise (is_decoder = True)"),
        ({"position_embedding_type": "relative_key"}, "wired otherwise (position_embedding_type = relative_key)"),
        ({"num_attention_heads": 5}, "Heads share the width"),
        ({"num_hidden_layers": 3}, "lack “encoder.layer.2.attention.self.query.weight”"),
        ({"num_hidden_layers": 1}, "hold “encoder.layer.1."),
        ({"max_position_embeddings": 19}, "“embeddings.position_embeddings.weight” is 20 × 24"),
    ],
)
def test_settings_that_do_not_fit_are_named(config: dict[str, Any], words: str, tmp_path: Path) -> None:
    written(peer("bert", "BertForMaskedLM"), tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    assert words in refusal(tmp_path)
