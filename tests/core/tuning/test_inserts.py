"""What is put into a model is read by it, keeps to its direction, and leaves no trace when it is taken out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from core.looking.attention import attention
from core.looking.influence import influence, leaks
from core.models.kernels import HALF, Linear
from core.models.memory import Memory
from core.models.tap import tapped
from core.spec import ModelSpec
from core.tuning.inserts import remove
from core.tuning.inserts_adapters import add_adapters
from core.tuning.inserts_lora import add_lora, merge
from core.tuning.inserts_prefix import add_prefix
from core.tuning.inserts_prompt import add_prompt
from tests.core.models.zoo import ZOO, T, sentence, spec
from tests.core.tuning.inserted import INSERTS, PAIRS, PLACED, UNCHANGED, base, grown, put

LENGTHS = torch.tensor([T, 4, 1, 6])
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def names(pairs: list[tuple[str, str]]) -> list[str]:
    return [" · ".join(pair) for pair in pairs]


@pytest.mark.parametrize(("name", "kind"), PAIRS, ids=names(PAIRS))
@torch.no_grad()
def test_taken_out_it_is_the_same_model_bit_for_bit(name: str, kind: str) -> None:
    plain, tokens = base(ZOO[name]), sentence()
    before = plain(tokens).logits
    classes, weights = [type(part) for part in plain.modules()], dict(plain.state_dict())
    model = put(kind, plain)
    assert set(model.state_dict()) > set(weights)
    assert torch.equal(model(tokens).logits, before) is (kind in UNCHANGED)
    remove(model)
    assert [type(part) for part in model.modules()] == classes
    assert model.state_dict().keys() == weights.keys()
    assert torch.equal(model(tokens).logits, before)


@pytest.mark.parametrize(("name", "kind"), PAIRS, ids=names(PAIRS))
def test_looking_inside_changes_nothing_and_every_number_counts(name: str, kind: str) -> None:
    model, tokens = grown(ZOO[name], kind), sentence()
    plain = model(tokens)
    with tapped(model) as seen:
        looked = model(tokens)
    torch.testing.assert_close(looked.states, plain.states)
    inserted = model.state_dict().keys() - base(ZOO[name]).state_dict().keys()
    plain.logits.square().sum().backward()
    for one, parameter in model.named_parameters():
        if one in inserted:
            assert parameter.grad is not None, one
            assert (parameter.grad != 0).any(), one
    for path, value in seen.items():
        if path.endswith("attention"):
            rest = seen[path.replace("attention", "prefix")].sum(-1) if kind in ("prefix", "prompt") else 0
            assert value.shape[-2:] == (T, T)
            torch.testing.assert_close(value.sum(-1) + rest, torch.ones_like(value[..., 0]))


@pytest.mark.parametrize(("name", "kind"), PAIRS, ids=names(PAIRS))
def test_no_word_sees_more_than_its_direction_allows(name: str, kind: str) -> None:
    model, tokens = grown(ZOO[name], kind), sentence(1)[0].numpy()
    assert leaks(model, tokens) == []
    picture = influence(model, tokens)  # products of many gradients at once
    forbidden = ~picture.arrays["allowed"]
    assert (picture.arrays["influence"][forbidden] == 0).all()
    assert (picture.arrays["influence"].diagonal() > 0).all()


@pytest.mark.parametrize(("name", "kind"), PLACED, ids=names(PLACED))
@pytest.mark.parametrize("looks", [False, True], ids=["fast", "tapped"])
@torch.no_grad()
def test_a_padded_row_gives_what_it_gives_alone(name: str, kind: str, looks: bool) -> None:
    model, tokens = grown(ZOO[name], kind), sentence(rows=len(LENGTHS))
    if looks:
        with tapped(model):
            states = model(tokens, lengths=LENGTHS).states
    else:
        states = model(tokens, lengths=LENGTHS).states
    assert states.shape[1] == T
    for row, length in enumerate(LENGTHS):
        alone = model(tokens[row : row + 1, :length]).states[0]
        torch.testing.assert_close(states[row, :length], alone, **CLOSE)


@pytest.mark.parametrize("kind", ["prefix", "prompt"])
def test_heads_are_described_by_the_words_that_they_attend_to(kind: str) -> None:
    """However much of a row is on what stands before the words."""
    model = grown(spec(direction="both"), kind)
    for name, one in model.named_parameters():
        if name.endswith(("query_key_value.weight", "query_key_value.bias")):
            one.data.zero_()  # words are all alike, so that a head spreads evenly over them
    entropy = attention(model, sentence(1)[0].numpy()).arrays["entropy"]
    assert (abs(entropy - 1) < 1e-6).all()


ONWARD = [(name, kind) for name, kind in PAIRS if ZOO[name].direction == "left-to-right"]


@pytest.mark.parametrize(("name", "kind"), ONWARD, ids=names(ONWARD))
@pytest.mark.parametrize("first", [1, 3])
@torch.no_grad()
def test_memory_changes_no_number(name: str, kind: str, first: int) -> None:
    model, tokens, memory = grown(ZOO[name], kind), sentence(), Memory()
    whole = model(tokens).logits  # (B, T, K)
    found = [model.read_on(tokens[:, :first], memory)]
    found += [model.read_on(tokens[:, t : t + 1], memory) for t in range(first, T)]
    torch.testing.assert_close(torch.stack(found, dim=1), whole[:, first - 1 :])


@pytest.mark.parametrize("kind", INSERTS)
@pytest.mark.parametrize("positions", ["alibi", "none"])
@torch.no_grad()
def test_a_reader_from_the_right_mirrors_one_from_the_left(positions: str, kind: str) -> None:
    """Its prompt stands behind the last word, and in mirrored order."""
    left, right = (grown(spec(direction=one, positions=positions), kind) for one in ("left-to-right", "right-to-left"))
    if kind == "prompt":
        right.stack.prompt.copy_(left.stack.prompt.flip(0))
    rows, place = sentence(rows=len(LENGTHS)), torch.arange(T)
    turned = rows.gather(1, torch.where(place < LENGTHS[:, None], LENGTHS[:, None] - 1 - place, place))
    there, back = left(rows, lengths=LENGTHS).states, right(turned, lengths=LENGTHS).states
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(back[row, :length].flip(0), there[row, :length], **CLOSE)


@pytest.mark.parametrize(("name", "kind"), PLACED, ids=names(PLACED))
@torch.no_grad()
def test_what_stands_before_the_words_is_in_no_answer_of_a_whole_sentence(name: str, kind: str) -> None:
    """Pools read the T words: of the mean, the sum over words divided by their number."""
    model, tokens = grown(ZOO[name], kind), sentence(rows=len(LENGTHS))
    states = model.encode(model.embed(tokens), LENGTHS)
    assert states.shape[:2] == tokens.shape
    real = torch.arange(T) < LENGTHS[:, None]
    mean = (states * real[..., None]).sum(1) / LENGTHS[:, None]
    torch.testing.assert_close(model.pool(states, LENGTHS), mean)


def test_no_later_word_is_read_by_way_of_the_prompt() -> None:
    """Where rows of a mask say who sees whom, no word gets through the prompt what it may not see."""
    model, tokens = grown(spec(direction="both"), "prompt"), sentence(1)
    sees = torch.ones(1, T, T, dtype=torch.bool).tril()
    changed = tokens.clone()
    changed[:, -1] = (changed[:, -1] + 1) % 11
    before, after = (model(one, sees=sees).states for one in (tokens, changed))
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.equal(before[:, -1], after[:, -1])


@pytest.mark.parametrize("half", [False, True])
def test_gradients_of_lora_are_those_of_the_sum_of_both_products(half: bool) -> None:
    draw = torch.Generator().manual_seed(1)
    x, along = torch.randn(3, 5, 8, generator=draw), torch.randn(3, 5, 12, generator=draw)
    one = grown(spec(), "lora all").float().stack.blocks[0].feed_forward.inner
    one.rounded = one.weight.detach().to(HALF) if half else None
    given = x.clone().requires_grad_()
    y = one(given)
    y.backward(along.to(y.dtype))
    found = [y, given.grad, *(p.grad for p in one.parameters())]
    one.zero_grad()
    wanted = x.clone().requires_grad_()
    expected = F.linear(wanted, one.weight, one.bias) + one.share * (wanted @ one.down.T @ one.up.T)
    expected.backward(along)
    for ours, theirs in zip(found, [expected, wanted.grad, *(p.grad for p in one.parameters())], strict=True):
        assert (ours.float() - theirs).norm() / theirs.norm() < (0.02 if half else 1e-5)


def test_a_frozen_map_takes_no_gradient_of_its_own_with_lora() -> None:
    one = grown(spec(), "lora all").float().stack.blocks[0].feed_forward.inner.requires_grad_(False)
    one.down.requires_grad_()
    one.up.requires_grad_()
    one(torch.randn(2, 8)).sum().backward()
    assert one.weight.grad is None
    assert one.bias.grad is None
    assert one.up.grad is not None


@pytest.mark.parametrize("where", ["attention", "all"])
@pytest.mark.parametrize("name", [name for name, one in ZOO.items() if one.family == "transformer"][::5])
@torch.no_grad()
def test_merged_it_is_a_plain_model_that_says_the_same(name: str, where: str) -> None:
    model, tokens = grown(ZOO[name], f"lora {where}").float(), sentence()
    before = model(tokens).logits
    merge(model)
    assert model.state_dict().keys() == base(ZOO[name]).state_dict().keys()
    torch.testing.assert_close(model(tokens).logits, before, rtol=0, atol=1e-5)
    remove(model)  # nothing is left to take out


def test_lora_is_the_same_for_the_same_draw_and_starts_at_nothing() -> None:
    found = []
    for _ in range(2):
        model = put("lora attention", base(spec()))
        found.append({name: one for name, one in model.state_dict().items() if name.endswith((".down", ".up"))})
    assert len(found[0]) == 2 * 2 * 2  # two maps in each of two layers
    assert all(torch.equal(one, found[1][name]) for name, one in found[0].items())
    assert all(one.any() == name.endswith(".down") for name, one in found[0].items())


ADD = (
    lambda model, draw: add_lora(model, 2, 4.0, "all", draw),
    lambda model, draw: add_adapters(model, 3, draw),
    lambda model, draw: add_prefix(model, 3, draw),
    lambda model, draw: add_prompt(model, 3, draw),
)


@pytest.mark.parametrize("add", ADD)
def test_rounded_products_read_what_was_put_in(add: Callable[..., None]) -> None:
    """bfloat16 says the same as float32 but for rounding, with the insert moved away from its start."""
    model = base(ModelSpec(width=32, heads=2, layers=2, feed_forward=64, direction="both"))
    add(model, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for name, one in model.named_parameters():
            if ".up" in name:
                one.normal_(0, 0.1, generator=torch.Generator().manual_seed(0))
    before = model(sentence()).logits
    for one in model.modules():
        if isinstance(one, Linear):
            one.rounded = one.weight.detach().to(HALF)
    after = model(sentence()).logits
    assert 0 < (after - before).norm() / before.norm() < 0.02
