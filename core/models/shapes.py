"""Every learned array of a model by name, by arithmetic on its spec: nothing is built and torch is not needed."""

from __future__ import annotations

from collections.abc import Iterator

from core.spec import Experiment, ModelSpec

Shape = tuple[int, ...]
Shapes = dict[str, Shape]


def shapes(experiment: Experiment, words: int, classes: int) -> Shapes:
    """name -> shape of all that `core.models.build.build` makes, in its order. V `words`, K `classes`.

    Raises ValueError for an encoder–decoder.
    """
    if experiment.model.family == "encoder-decoder":
        raise ValueError("The shapes are those of models that read; an encoder–decoder writes, too.")
    return dict(_model(experiment, words, classes))


def size(shape: Shape) -> int:
    """How many numbers an array of this shape holds."""
    count = 1
    for side in shape:
        count *= side
    return count


def _model(experiment: Experiment, words: int, classes: int) -> Iterator[tuple[str, Shape]]:
    spec, settings, objective = experiment.model, experiment.data.settings, experiment.objective_name
    D = states = spec.sizes.width
    if spec.family == "transformer" and spec.positions == "learned":
        yield "positions", (max(settings.length, spec.places or 0), D)
    yield "words.weight", (words, D)
    if kinds := max(settings.kinds, spec.token_types):
        yield "kinds.weight", (kinds, D)
    if spec.embedding_norm and spec.family == "transformer":
        yield from _norm(spec, "norm")
    if spec.late:
        for name in ("forward_stack",) if spec.tied else ("forward_stack", "backward_stack"):
            yield from _stack(spec, name)
        yield from _join(spec.join, D)
        states = 2 * D if spec.join == "concat" else D
    else:
        yield from _stack(spec, "stack")
        states = 2 * D if spec.family == "lstm" and spec.two_way else D
    if spec.pools:
        yield from _linear("pooler", states, states)
    if objective == "masked-and-next":
        yield from _read_out(spec, "filler", states, words, shared=False)
    yield from _read_out(spec, "read_out", D if objective == "two-way-lm" else states, classes, spec.tied_words)


def _stack(spec: ModelSpec, name: str) -> Iterator[tuple[str, Shape]]:
    if spec.family == "lstm":
        yield from _lstm(spec, f"{name}.cells")
        return
    for layer in range(spec.sizes.layers):
        yield from _block(spec, f"{name}.blocks.{layer}")
    if spec.norm_place == "pre":
        yield from _norm(spec, f"{name}.norm")


def _block(spec: ModelSpec, name: str) -> Iterator[tuple[str, Shape]]:
    s = spec.sizes
    shared = 2 * s.width * (spec.key_heads or s.heads) // s.heads  # keys and values; heads may share them
    yield from _norm(spec, f"{name}.attention_norm")
    yield from _linear(f"{name}.attention.query_key_value", s.width, s.width + shared)
    yield from _linear(f"{name}.attention.output", s.width, s.width)
    yield from _norm(spec, f"{name}.feed_forward_norm")
    gated = 2 if spec.activation == "swiglu" else 1
    yield from _linear(f"{name}.feed_forward.inner", s.width, gated * s.feed_forward)
    yield from _linear(f"{name}.feed_forward.outer", s.feed_forward, s.width)


def _lstm(spec: ModelSpec, name: str) -> Iterator[tuple[str, Shape]]:
    """Four gates, each with a map of the word, a map of the state, and two biases, in each layer and pass."""
    D, passes = spec.sizes.width, ("", "_reverse") if spec.two_way and not spec.late else ("",)
    for layer in range(spec.sizes.layers):
        for one in (f"l{layer}{which}" for which in passes):
            yield f"{name}.weight_ih_{one}", (4 * D, len(passes) * D if layer else D)
            yield f"{name}.weight_hh_{one}", (4 * D, D)
            yield f"{name}.bias_ih_{one}", (4 * D,)
            yield f"{name}.bias_hh_{one}", (4 * D,)


def _join(kind: str, D: int) -> Iterator[tuple[str, Shape]]:
    if kind == "scalar":
        yield "join.share", ()
    if kind in ("gated", "learned"):
        yield from _linear("join.both", 2 * D, D)


def _read_out(spec: ModelSpec, name: str, states: int, classes: int, shared: bool) -> Iterator[tuple[str, Shape]]:
    """`shared`: the word vectors give the scores, with a bias for each word behind a hidden layer, or none."""
    inner = states if spec.read_out == "linear" else spec.sizes.width
    if spec.read_out != "linear":
        yield from _linear(f"{name}.hidden", states, inner)
    if spec.read_out == "transform":
        yield from _norm(spec, f"{name}.norm")
    if not shared:
        yield from _linear(f"{name}.scores", inner, classes)
    elif spec.read_out != "linear":
        yield f"{name}.scores.bias", (classes,)


def _linear(name: str, given: int, made: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (made, given)
    yield f"{name}.bias", (made,)


def _norm(spec: ModelSpec, name: str) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (spec.sizes.width,)
    if spec.norm == "layer":
        yield f"{name}.bias", (spec.sizes.width,)
