"""Small random models as `transformers` builds them, each with every weight moved from its start, and their folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor, nn

from core.hub import Folder, from_folder

VOCABULARY, PLACES = 43, 20
BERT = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40}
DISTILBERT = {"dim": 24, "n_layers": 2, "n_heads": 4, "hidden_dim": 40}
GPT2 = {"n_embd": 24, "n_layer": 2, "n_head": 4, "n_positions": PLACES, "bos_token_id": 0, "eos_token_id": 0}
SIZES: dict[str, dict[str, Any]] = {
    "bert": {**BERT, "max_position_embeddings": PLACES},
    "roberta": {**BERT, "max_position_embeddings": PLACES + 2, "layer_norm_eps": 1e-5, "type_vocab_size": 1},
    "distilbert": {**DISTILBERT, "max_position_embeddings": PLACES},
    "gpt2": GPT2,
}
CONFIGS = {"bert": "BertConfig", "roberta": "RobertaConfig", "distilbert": "DistilBertConfig", "gpt2": "GPT2Config"}


def peer(architecture: str, kind: str, **more: Any) -> nn.Module:
    """A model of this class, such as "BertForMaskedLM", dropout off, attention computed readably."""
    made = {"vocab_size": VOCABULARY, **SIZES[architecture], "attn_implementation": "eager", **more}
    model = getattr(transformers, kind)(getattr(transformers, CONFIGS[architecture])(**made))
    torch.manual_seed(7)
    with torch.no_grad():
        for one in model.parameters():
            one.add_(0.3 * torch.randn_like(one))
    eval_: nn.Module = model.eval()
    return eval_


def written(model: nn.Module, folder: Path, **changed: Tensor) -> Folder:
    """The model's folder as transformers writes it; `changed` weights by name in place of its own."""
    model.save_pretrained(folder, state_dict={**model.state_dict(), **changed} if changed else None)  # type: ignore[operator]
    return from_folder(folder)


def sentences(rows: int, length: int) -> Tensor:
    """(B, T) random tokens."""
    return torch.from_numpy(np.random.default_rng(rows + length).integers(3, VOCABULARY, (rows, length)))
