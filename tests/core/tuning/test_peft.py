"""Our inserts beside those of `peft`, the usual library, on the same small random models of transformers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, PrefixTuningConfig, get_peft_model
from safetensors.torch import load
from torch import Tensor, nn

from core.checkpoints import TrainingState, copy_weights, load_model
from core.hub import Folder
from core.loading import model_settings
from core.models.build import Model
from core.models.imported import load_checkpoint, start_from
from core.spec import Experiment, ModelSpec, TuneSpec, from_json
from core.tuning import exported
from core.tuning.exported import adapter, export_tuned, read_snapshot
from core.tuning.inserts import blocks
from core.tuning.inserts_lora import add_lora, merge
from core.tuning.inserts_prefix import add_prefix
from tests.core.models.peers import VOCABULARY, peer, sentences, written
from tests.core.tuning.pretrained import tuned

CLOSE = {"rtol": 0.0, "atol": 1e-4}
CLASSES, ROWS, LENGTH = 3, 3, 9
LENGTHS = torch.tensor([LENGTH, 4, 7])
REAL = torch.arange(LENGTH) < LENGTHS[:, None]
HEADS = [  # their class, architecture, what is asked, the pool
    ("BertForTokenClassification", "bert", "tag", "mean"),
    ("BertForSequenceClassification", "bert", "classify", "pooler"),
    ("BertModel", "bert", "classify", "mean"),
    ("RobertaForTokenClassification", "roberta", "tag", "mean"),
    ("RobertaForSequenceClassification", "roberta", "classify", "pooler"),
    ("DistilBertForSequenceClassification", "distilbert", "classify", "pooler-relu"),
    ("GPT2ForTokenClassification", "gpt2", "tag", "mean"),
    ("GPT2Model", "gpt2", "classify", "last"),
]


def imported(folder: Folder, pool: str) -> Model:
    """Our model for CLASSES answers that starts from a checkpoint, with a head of its own."""
    settings = {**model_settings(folder), "read_out": "linear", "tied_words": False, "pool": pool}
    spec = ModelSpec(**settings)
    torch.manual_seed(0)
    model = Model(spec, VOCABULARY, CLASSES, 8, spec.token_types).eval()
    start_from(model, folder)
    return model


def with_lora(model: Model, where: str) -> Model:
    add_lora(model, 3, 5.0, where, torch.Generator().manual_seed(0))
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, one in model.named_parameters():
            if name.endswith((".down", ".up")) or name.startswith("read_out."):
                one.normal_(0, 0.2, generator=draw)
    return model.eval()


def experiment_of(model: Model, asked: str, where: str) -> Experiment:
    """What a run on the model would have been: enough to write its files."""
    plain = tuned("lora", "odd" if asked == "tag" else "xor")
    tune = TuneSpec(strategy="lora", start="checkpoint:theirs", rank=3, alpha=5.0, where=where)
    return replace(plain, model=replace(model.spec, checkpoint=""), tune=tune)


@pytest.mark.parametrize("where", ["attention", "all"])
@pytest.mark.parametrize(("kind", "architecture", "asked", "pool"), HEADS, ids=[head[0] for head in HEADS])
@torch.no_grad()
def test_our_lora_loads_in_peft_and_says_the_same(
    kind: str, architecture: str, asked: str, pool: str, where: str, tmp_path: Path
) -> None:
    more = {} if kind.endswith("Model") else {"num_labels": CLASSES}
    theirs, tokens = peer(architecture, kind, pad_token_id=0, **more), sentences(ROWS, LENGTH)
    folder = written(theirs, tmp_path / "base")
    ours = with_lora(imported(folder, pool), where)
    files = adapter(
        experiment_of(ours, asked, where), {n: one.numpy() for n, one in copy_weights(ours).items()}, folder
    )
    for name, one in files.items():
        (tmp_path / name).write_bytes(one)
    loaded = PeftModel.from_pretrained(theirs, tmp_path).eval()
    states = ours.encode(ours.embed(tokens), LENGTHS)
    result = loaded(input_ids=tokens, attention_mask=REAL.long())
    if kind.endswith("Model"):
        torch.testing.assert_close(states[REAL], result.last_hidden_state[REAL], **CLOSE)
        head = load(files["head.safetensors"])
        assert torch.equal(head["read_out.scores.weight"], ours.read_out.scores.weight)
    elif asked == "tag":
        torch.testing.assert_close(ours.read_out(states)[REAL], result.logits[REAL], **CLOSE)
    else:
        torch.testing.assert_close(ours.read_out(ours.pool(states, LENGTHS)), result.logits, **CLOSE)


@torch.no_grad()
def test_lora_on_a_model_of_our_own_loads_in_peft_too(tmp_path: Path) -> None:
    """Its layers have no name in transformers, so the adapter goes by ours."""
    spec = ModelSpec(width=16, layers=2, heads=2, feed_forward=16, direction="both")
    base = Model(spec, VOCABULARY, CLASSES, LENGTH).eval()
    for one in base.parameters():
        one.normal_(0, 0.3, generator=torch.Generator().manual_seed(one.numel()))
    ours, tokens = with_lora(deepcopy(base), "all"), sentences(ROWS, LENGTH)
    files = adapter(experiment_of(ours, "tag", "all"), {n: one.numpy() for n, one in copy_weights(ours).items()}, None)
    for name, one in files.items():
        (tmp_path / name).write_bytes(one)
    loaded = PeftModel.from_pretrained(base, tmp_path).eval()
    base.read_out.load_state_dict(ours.read_out.state_dict())
    torch.testing.assert_close(loaded(tokens).logits, ours(tokens).logits, **CLOSE)
    merge(ours)
    torch.testing.assert_close(loaded(tokens).logits, ours(tokens).logits, **CLOSE)


PREFIXED = [("BertModel", "bert", "FEATURE_EXTRACTION"), ("GPT2LMHeadModel", "gpt2", "CAUSAL_LM")]


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("kind", "architecture", "task"), PREFIXED)
@torch.no_grad()
def test_a_prefix_is_peft_s(kind: str, architecture: str, task: str, padded: bool, tmp_path: Path) -> None:
    """There the words' places are counted from the prefix on; ours keep their own, so ours are moved for once."""
    P, theirs, tokens = 4, peer(architecture, kind), sentences(ROWS, LENGTH)
    ours = load_checkpoint(written(theirs, tmp_path))
    prefixed: Any = get_peft_model(theirs, PrefixTuningConfig(num_virtual_tokens=P, task_type=task)).eval()
    learned = prefixed.prompt_encoder.default.embedding.weight.data.normal_(0, 0.7)
    add_prefix(ours, P, torch.Generator())
    _fill(ours, learned.view(P, 2 * ours.spec.sizes.layers, ours.spec.sizes.heads, -1))
    real = REAL if padded else torch.ones_like(REAL)
    result = prefixed(input_ids=tokens, attention_mask=real.long())
    states = ours.encode(ours.embed(tokens, first=P), LENGTHS if padded else None)
    found = states if kind == "BertModel" else ours.read_out(states)
    expected: Tensor = result[0]
    torch.testing.assert_close(found[real], expected[real], **CLOSE)


def _fill(model: nn.Module, learned: Tensor) -> None:
    """(P, 2L, H, d): key and value of each layer in turn."""
    for number, block in enumerate(blocks(model)):
        block.attention.prefix_keys.copy_(learned[:, 2 * number].transpose(0, 1))
        block.attention.prefix_values.copy_(learned[:, 2 * number + 1].transpose(0, 1))


def test_a_tuned_run_is_handed_out_as_files_that_open_again(tmp_path: Path) -> None:
    from tests.core.tuning.test_loop import Snapshot, carried_out, the

    state = the(Snapshot, carried_out(tuned("lora", steps=2))).state
    state.save(tmp_path / "snapshot")
    files = export_tuned(tmp_path / "snapshot")
    assert {"adapter/adapter_config.json", "adapter/adapter_model.safetensors"} < set(files)
    assert from_json(files["experiment.json"].decode()) == state.experiment
    step = f"step-{state.step:08d}.safetensors"
    (tmp_path / step).write_bytes(files[step])
    again, first = load_model(tmp_path / step), load_model(tmp_path / "snapshot")
    assert all(torch.equal(one, first.state_dict()[name]) for name, one in again.state_dict().items())
    assert not TrainingState.load(tmp_path / step).optimiser
    assert "PeftModel" in files["README.md"].decode()
    assert exported.zipped(files)[:2] == b"PK"
    assert read_snapshot(tmp_path / step)[0]["step"] == state.step
