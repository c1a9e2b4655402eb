"""Our layers against those of `transformers`, with the same random weights: the same numbers."""

from __future__ import annotations

import math
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

from core.models.attention import Attention, attend
from core.models.direction import visible
from core.models.positions import sinusoids, slopes
from core.models.recurrent import LSTM
from core.models.tap import QUIET, Tap, tapped
from core.models.transformer import Block, Transformer
from core.spec import DIRECTIONS, ModelSpec

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


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("window", [None, 2])
def test_readable_attention_is_pytorchs(direction: str, window: int | None) -> None:
    query, key, value = (words().unflatten(-1, (H, -1)).transpose(1, 2) + n for n in range(3))  # (B, H, T, d)
    may_see = torch.from_numpy(visible(direction, T, window))
    theirs = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=may_see)
    found, weights = attend(query, key, value, direction, window)
    torch.testing.assert_close(found, theirs, **CLOSE)
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, H, T))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("looks", [False, True])
def test_attention_is_pytorchs_multi_head_attention(direction: str, looks: bool) -> None:
    theirs = shake(nn.MultiheadAttention(D, H, batch_first=True))
    ours = Attention(ModelSpec(**SIZES)).eval()  # type: ignore[arg-type]
    fill(ours.query_key_value, [theirs.in_proj_weight], [theirs.in_proj_bias])
    fill(ours.output, [theirs.out_proj.weight], [theirs.out_proj.bias])
    hidden, x = ~torch.from_numpy(visible(direction, T)), words()
    wanted, weights = theirs(x, x, x, attn_mask=hidden, need_weights=True, average_attn_weights=False)
    seen: dict[str, Tensor] = {}
    torch.testing.assert_close(ours(x, direction, Tap(seen) if looks else QUIET), wanted, **CLOSE)
    if looks:
        torch.testing.assert_close(seen["attention"], weights, **CLOSE)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("looks", [False, True])
def test_an_lstm_is_pytorchs(direction: str, looks: bool) -> None:
    """The gates by hand, as they are looked at, and the fast path; right to left is it on the turned sentence."""
    both = direction == "both"
    theirs = shake(nn.LSTM(D, D, L, batch_first=True, bidirectional=both))
    ours, x = LSTM(D, L, 0.0, interleaved=both).eval(), words()
    ours.cells.load_state_dict(theirs.state_dict())
    wanted = theirs(x.flip(1))[0].flip(1) if direction == "right-to-left" else theirs(x)[0]
    torch.testing.assert_close(ours(x, direction, Tap({}) if looks else QUIET), wanted, **CLOSE)


def test_rms_norm_is_its_formula() -> None:
    ours, x = Transformer(ModelSpec(**SIZES, norm="rms")), words()  # type: ignore[arg-type]
    norm = shake(ours.norm)
    by_hand = x / (x.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt() * norm.weight  # Zhang and Sennrich 2019, eq. 4
    torch.testing.assert_close(norm(x), by_hand, **CLOSE)


def test_fixed_positions_are_the_waves_of_the_paper() -> None:
    """Vaswani et al. 2017, section 3.5, number by number."""
    found = sinusoids(T, D)
    for position in range(T):
        for i in range(D // 2):
            angle = position / 10_000 ** (2 * i / D)
            assert float(found[position, 2 * i]) == pytest.approx(math.sin(angle), abs=1e-5)
            assert float(found[position, 2 * i + 1]) == pytest.approx(math.cos(angle), abs=1e-5)
