"""The claims on trial, one entry each: what is compared, and what we found."""

from __future__ import annotations

from typing import Any

from core.spec import Experiment, from_json
from lessons.claims.claim import Claim, Comparison
from lessons.lesson import Record

TWO_LSTMS = {"model.direction": "both", "model.join": "concat"}


def accuracy(record: Record) -> float:
    return record.accuracy


def speed(record: Record) -> float:
    """Tokens per second, in thousands."""
    return record.tokens_per_second / 1000


def exact(record: Record) -> float:
    """The share of sentences that it writes on its own without a fault."""
    return record.held_out["exact"]


def surprise(record: Record) -> float:
    """The loss on sentences that it never trained on, in nats."""
    return record.loss


def later(record: Record) -> float:
    """The largest influence of a later word on an earlier one's state."""
    return max(value for t, row in enumerate(record.influence) for s, value in enumerate(row) if s > t)


def forgotten(record: Record) -> float:
    """How much the loss of the old objective rose, in nats."""
    return record.extra["after"] - record.extra["before"]


def known_to_the_pretrained(record: Record) -> float:
    """What a probe tells of the task on the pretrained model's states, which may have learned along."""
    return record.extra.get("partner.task", record.extra["start.task"])


def paid_by_the_pretrained(record: Record) -> float:
    """How much the pretrained model's own loss rose, in nats."""
    return record.extra.get("partner", record.extra["before"]) - record.extra["before"]


def game(task: str, steps: int, model: dict[str, Any], **settings: Any) -> Experiment:
    train = {"steps": steps, "evaluate_every": steps}
    return from_json({"data": {"task": task, **settings}, "model": model, "train": train})


LEFT, LSTM = {"direction": "left-to-right"}, {"family": "lstm", "direction": "left-to-right"}
SENSE = game("sense", 200, LSTM, p=0.5)
ALL_LEFT = game("sense", 200, LSTM, p=0.0)
FAR = game("gap", 120, LSTM, g=20)
FORGETS = FAR.with_({"model.forget_bias": 0.0})
NEGATE = game("negate", 200, {"family": "lstm", "direction": "both", "join": "sum"})
RECALL = game("recall", 300, {"direction": "both"}).with_({"train.schedule": "constant"})
SEES = game("sense", 50, {**LSTM, "size": "tiny"}, T=7)
WRITES = game("backwards", 250, {"direction": "left-to-right"})
FULL = from_json({"data": {"task": "transfer", "question": "xor"}, "tune": {"strategy": "full"}})
HEAD, LORA = FULL.with_({"tune.strategy": "head"}), FULL.with_({"tune.strategy": "lora"})
ALIGNED = FULL.with_({"tune.strategy": "alignment"})
ONE_WAY = ALIGNED.with_({"tune.flow": "to fine-tuned"})
PROMPT = from_json({"data": {"task": "transfer", "question": "slot"}, "tune": {"strategy": "zero-shot"}})
FEW_LABELS = PROMPT.with_({"tune.strategy": "full", "tune.labels": 8})
FEW = FULL.with_({"tune.labels": 64})  # so few that it knows each by heart
FOLLOWS = game("two-sentences", 600, {"direction": "both"}, cue=0.5).with_(
    {"objective.name": "next-sentence", "train.batch": 128}
)
SWAPPED = FOLLOWS.with_({"objective.name": "sentence-order"})

DOCKET: tuple[Claim, ...] = (
    Claim(
        "knows-more",
        "true",
        (Comparison("both-sides", SENSE.with_(TWO_LSTMS), SENSE, accuracy, "first"),),
        ("Schuster & Paliwal (1997)", "Devlin et al. (2019), §3"),
        lesson="both-ways",
    ),
    Claim(
        "generalises",
        "depends",
        (
            Comparison("both-sides", SENSE.with_(TWO_LSTMS), SENSE, accuracy, "first"),
            Comparison("left-only", ALL_LEFT.with_(TWO_LSTMS), ALL_LEFT, accuracy, "same"),
        ),
        ("Devlin et al. (2019), §5.1",),
        lesson="both-ways",
    ),
    Claim(
        "efficient",
        "false",
        (Comparison("speed", SENSE, SENSE.with_(TWO_LSTMS), speed, "first", "number", least=1.0),),
        ("Schuster & Paliwal (1997), §III",),
        lesson="both-ways",
    ),
    Claim(
        "gradients",
        "false",
        (
            Comparison("direction", FORGETS.with_(TWO_LSTMS), FORGETS, accuracy, "same", least=0.05),
            Comparison("bias", FAR.with_(TWO_LSTMS), FORGETS.with_(TWO_LSTMS), accuracy, "first"),
        ),
        ("Gers et al. (2000)", "Jozefowicz et al. (2015), §3"),
        lesson="long-gaps",
    ),
    Claim(
        "taste",
        "false",
        (Comparison("product", NEGATE.with_({"model.join": "product"}), NEGATE, accuracy, "first"),),
        ("Minsky & Papert (1969)", "Arevalo et al. (2017)"),
        lesson="joining",
    ),
    Claim(
        "glued",
        "false",
        (Comparison("deep", RECALL, RECALL.with_({"model.join": "concat"}), accuracy, "first"),),
        ("Devlin et al. (2019), §3.1", "Peters et al. (2018), §3"),
        lesson="late-or-deep",
    ),
    Claim(
        "whole-output",
        "false",
        (Comparison("later", SEES.with_(TWO_LSTMS), SEES, later, "first", "number", least=1e-6),),
        ("Hochreiter & Schmidhuber (1997)", "Baehrens et al. (2010)"),
        lesson="masks",
        looks=True,
    ),
    Claim(
        "fluent",
        "false",
        (
            Comparison(
                "unmasked",
                WRITES,
                WRITES.with_({"model.direction": "both", "model.writing": "unmasked"}),
                exact,
                "first",
            ),
        ),
        ("Vaswani et al. (2017), §3.2.3", "Zhou et al. (2019)"),
        lesson="cheating",
    ),
    Claim(
        "swaps",
        "false",
        (Comparison("erased", FOLLOWS, SWAPPED, accuracy, "first"),),
        ("Devlin et al. (2019), §3.1", "Lan et al. (2019), ALBERT, §3.1"),
        lesson="next-sentence",
    ),
    Claim(
        "last-layers",
        "false",
        (Comparison("far", FULL, HEAD, accuracy, "first"),),
        ("Devlin et al. (2019), §4", "Kumar et al. (2022)"),
        lesson="fine-tune",
    ),
    Claim(
        "prompts",
        "depends",
        (Comparison("near", PROMPT, FEW_LABELS, accuracy, "first", seeds=5),),
        ("Schick & Schütze (2021), PET", "Brown et al. (2020)"),
        lesson="fine-tune",
    ),
    Claim(
        "by-heart",
        "depends",
        (
            Comparison("stop", FEW, FEW.with_({"train.patience": 3}), surprise, "first", "nats", least=0.1),
            Comparison("dropout", FEW, FEW.with_({"model.dropout": 0.3}), surprise, "same", "nats", least=0.5),
            Comparison("penalty", FEW, FEW.with_({"train.l2": 0.003}), surprise, "same", "nats", least=0.5),
            Comparison("labels", FEW.with_({"tune.labels": 512}), FEW, accuracy, "first"),
        ),
        ("Prechelt (1998)", "Srivastava et al. (2014)", "Krogh & Hertz (1991)"),
        lesson="fine-tune",
    ),
    Claim(
        "few-numbers",
        "depends",
        (
            Comparison("lora", LORA, FULL, forgotten, "first", "nats", least=0.05),
            Comparison("head", HEAD, FULL, forgotten, "second", "nats", least=0.05),
        ),
        ("Hu et al. (2022), LoRA", "Kirkpatrick et al. (2017)"),
        lesson="top-and-bottom",
    ),
    Claim(
        "alternating",
        "false",
        (Comparison("score", FULL.with_({"tune.strategy": "alternating"}), FULL, accuracy, "same"),),
        ("Felbo et al. (2017)", "Howard & Ruder (2018), §3.3"),
        lesson="top-and-bottom",
    ),
    Claim(
        "flows-back",
        "true",
        (
            Comparison("back", ALIGNED, ONE_WAY, known_to_the_pretrained, "first"),
            Comparison("price", ALIGNED, ONE_WAY, paid_by_the_pretrained, "first", "nats", least=0.02),
        ),
        ("van den Oord et al. (2018)", "Hinton et al. (2015)"),
        lesson="top-and-bottom",
    ),
)
CLAIMS = {claim.key: claim for claim in DOCKET}
