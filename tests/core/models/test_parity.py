"""Our layers against those of `transformers`, with the same random weights: the same numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from transformers import BertConfig, GPT2Config, LlamaConfig, MistralConfig
from transformers.models.bert.modeling_bert import BertModel
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.gpt2.modeling_gpt2 import GPT2Model
from transformers.models.llama.modeling_llama import LlamaModel
from transformers.models.mistral.modeling_mistral import MistralModel

from core.models.positions import slopes
from core.models.tap import QUIET, tapped
from core.models.transformer import Block, Transformer
from core.spec import ModelSpec

D, H, F, L, T, B = 24, 4, 40, 2, 11, 3
SIZES = {"width": D, "heads": H, "feed_forward": F, "layers": L}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def words() -> Tensor:
    return torch.randn(B, T, D, generator=torch.Generator().manual_seed(3))


def blocks(ours: Transformer) -> Iterator[Block]:
    for block in ours.blocks:
        assert isinstance(block, Block)
        yield block


@torch.no_grad()
def fill(layer: nn.Module, weights: list[Tensor], biases: list[Tensor] | None = None) -> None:
    """Weights of several maps, one below the other; no biases are zeros."""
    layer.weight.copy_(torch.cat(weights))
    if hasattr(layer, "bias") and layer.bias is not None:
        layer.bias.copy_(torch.cat(biases)) if biases else layer.bias.zero_()


def shake(peer: nn.Module) -> nn.Module:
    """Every weight moved from its start, norms and biases included, so that nothing is hidden by ones and zeros."""
    torch.manual_seed(7)
    with torch.no_grad():
        for one in peer.parameters():
            one.add_(0.2 * torch.randn_like(one))
    return peer.eval()


def like_llama(ours: Transformer, peer: nn.Module) -> None:
    for block, theirs in zip(blocks(ours), peer.layers, strict=True):
        a, m = theirs.self_attn, theirs.mlp
        fill(block.attention.query_key_value, [a.q_proj.weight, a.k_proj.weight, a.v_proj.weight])
        fill(block.attention.output, [a.o_proj.weight])
        fill(block.feed_forward.inner, [m.gate_proj.weight, m.up_proj.weight])
        fill(block.feed_forward.outer, [m.down_proj.weight])
        fill(block.attention_norm, [theirs.input_layernorm.weight])
        fill(block.feed_forward_norm, [theirs.post_attention_layernorm.weight])
    fill(ours.norm, [peer.norm.weight])


LLAMA = {"hidden_size": D, "num_attention_heads": H, "num_key_value_heads": 2, "intermediate_size": F}
LLAMA |= {"num_hidden_layers": L, "vocab_size": 5, "rms_norm_eps": 1e-5, "max_position_embeddings": 64}


@pytest.mark.parametrize("window", [None, 4])
def test_rotary_grouped_gated_layers_are_llamas_and_with_a_window_mistrals(window: int | None) -> None:
    if window is None:
        peer = shake(LlamaModel(LlamaConfig(**LLAMA)))
    else:  # theirs counts the word itself
        peer = shake(MistralModel(MistralConfig(**LLAMA, head_dim=D // H, sliding_window=window + 1)))
    spec = ModelSpec(**SIZES, positions="rotary", norm="rms", activation="swiglu", key_heads=2, window=window)  # type: ignore[arg-type]
    ours = Transformer(spec).eval()
    like_llama(ours, peer)
    x = words()
    expected = peer(inputs_embeds=x).last_hidden_state
    torch.testing.assert_close(ours(x, "left-to-right", QUIET), expected, **CLOSE)
    assert not torch.allclose(ours(x, "both", QUIET), expected, atol=1e-2)


def test_post_norm_layers_are_berts() -> None:
    config = BertConfig(
        hidden_size=D, num_attention_heads=H, intermediate_size=F, num_hidden_layers=L, vocab_size=5,
        layer_norm_eps=1e-5,
    )  # fmt: skip
    peer = shake(BertModel(config).encoder)
    ours = Transformer(ModelSpec(**SIZES, direction="both", norm_place="post")).eval()  # type: ignore[arg-type]
    for block, theirs in zip(blocks(ours), peer.layer, strict=True):
        a = theirs.attention.self
        maps = [a.query, a.key, a.value]
        fill(block.attention.query_key_value, [m.weight for m in maps], [m.bias for m in maps])
        for mine, other in (
            (block.attention.output, theirs.attention.output.dense),
            (block.attention_norm, theirs.attention.output.LayerNorm),
            (block.feed_forward.inner, theirs.intermediate.dense),
            (block.feed_forward.outer, theirs.output.dense),
            (block.feed_forward_norm, theirs.output.LayerNorm),
        ):
            fill(mine, [other.weight], [other.bias])
    x = words()
    torch.testing.assert_close(ours(x, "both", QUIET), peer(x).last_hidden_state, **CLOSE)


def test_pre_norm_layers_with_the_tanh_gelu_are_gpt_2s() -> None:
    peer = shake(GPT2Model(GPT2Config(n_embd=D, n_head=H, n_inner=F, n_layer=L, vocab_size=5, n_positions=T)))
    ours = Transformer(ModelSpec(**SIZES, activation="gelu-tanh")).eval()  # type: ignore[arg-type]
    for block, theirs in zip(blocks(ours), peer.h, strict=True):
        for mine, other in (
            (block.attention.query_key_value, theirs.attn.c_attn),
            (block.attention.output, theirs.attn.c_proj),
            (block.feed_forward.inner, theirs.mlp.c_fc),
            (block.feed_forward.outer, theirs.mlp.c_proj),
        ):
            fill(mine, [other.weight.T], [other.bias])  # theirs are transposed
        fill(block.attention_norm, [theirs.ln_1.weight], [theirs.ln_1.bias])
        fill(block.feed_forward_norm, [theirs.ln_2.weight], [theirs.ln_2.bias])
    fill(ours.norm, [peer.ln_f.weight], [peer.ln_f.bias])
    x = words()
    expected = peer(inputs_embeds=x - peer.wpe.weight).last_hidden_state  # positions are added before the layers
    torch.testing.assert_close(ours(x, "left-to-right", QUIET), expected, **CLOSE)


@pytest.mark.parametrize("heads", [2, 4, 8])
def test_alibis_slopes_are_blooms(heads: int) -> None:
    theirs = build_alibi_tensor(torch.ones(1, 2), heads, torch.float32)  # (heads, 1, 2): slope times position
    torch.testing.assert_close(slopes(heads), theirs[:, 0, 1])


@pytest.mark.parametrize("direction", ["left-to-right", "right-to-left", "both"])
@pytest.mark.parametrize("positions", ["alibi", "rotary", "learned"])
@pytest.mark.parametrize("window", [None, 2])
def test_the_fast_path_is_the_readable_one(direction: str, positions: str, window: int | None) -> None:
    spec = ModelSpec(**SIZES, direction=direction, positions=positions, window=window, key_heads=2)  # type: ignore[arg-type]
    ours, x = Transformer(spec).eval(), words()
    holder = nn.Module()
    holder.tap = QUIET
    with tapped(holder):  # type: ignore[arg-type]
        readable = ours(x, direction, holder.tap)
    torch.testing.assert_close(ours(x, direction, QUIET), readable, **CLOSE)
