"""How good two translators are on sentences of the held-out part: a few at a time, so that nothing waits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.data.pairs.pair_game import PairGame
from core.decoding.registry import DECODERS, fitting
from core.measures import Score, by_length, score
from core.runs.failures import LookError, StoreError
from core.runs.sight import EXAMPLES
from ui import backend, state
from ui.charts.tables import as_csv, as_markdown
from ui.panels.amounts import percent
from ui.panels.naming import plain
from ui.panels.polling import polled
from ui.panels.translate_begin import pair_of
from ui.panels.watched import Watched
from ui.words import tr

AT_ONCE = 5  # sentences between two drawings
SOON = 0.2  # seconds until the next ones
Written = dict[str, list[list[str]]]  # by run


def show_scores(several: Sequence[Watched], source: Any) -> None:
    """A button, a bar while it measures, then the table."""
    key = " ".join(f"{one.run.id}.{one.run.step}.{decoder_of(one)}" for one in several)
    written: Written = state.recall("translate scores", {}).get(key, {})
    done = min((len(written.get(one.run.id, [])) for one in several), default=0)
    st.subheader(tr("How good are they?"))
    words = tr(
        "Lets both models translate {n} sentences that they never trained on, with the decoders above.", n=EXAMPLES
    )
    if not written and not st.button(tr("Measure both"), icon=":material/speed:", help=words):
        st.caption(words)
        return
    if done < EXAMPLES:
        polled(partial(_go_on, several, key), SOON)
        return
    truth = [pair_of(source, number)[1] for number in range(EXAMPLES)]
    show_table(several, written, truth)


def decoder_of(watched: Watched) -> str:
    """The decoder that is chosen above, else the model's usual one."""
    can = fitting(watched.run.experiment.model)
    chosen = state.widget(f"decoder-{watched.run.id}")
    return chosen if chosen in can else can[0]


def _go_on(several: Sequence[Watched], key: str) -> float | None:
    """Some sentences more of each model. Says when to go on; None when all are done."""
    kept = state.recall("translate scores", {})
    written: Written = kept.get(key, {})
    done = min(len(written.get(one.run.id, [])) for one in several)
    st.progress(done / EXAMPLES, tr("{done} of {all} sentences", done=done, all=EXAMPLES))
    try:
        for one in several:
            mine = written.setdefault(one.run.id, [])
            step = backend.store().snapshots(one.run.id)[-1]
            seen = backend.looker().translate(one.run.id, step, "", len(mine), AT_ONCE, decoder_of(one))
            mine += seen.notes["written"]
    except (LookError, StoreError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return SOON
    state.remember("translate scores", {key: written})
    return SOON if done + AT_ONCE < EXAMPLES else None


def show_table(several: Sequence[Watched], written: Written, truth: list[list[str]]) -> None:
    """On the whole, and by length of the true translation."""
    whole = [
        (plain(one.name), tr(DECODERS[decoder_of(one)].title), score(written[one.run.id], truth)) for one in several
    ]
    rows = [(name, decoder, *cells(found)) for name, decoder, found in whole]
    st.markdown(as_markdown((tr("Model"), tr("Decoder"), tr("Exact"), tr("Words right"), "BLEU"), rows))
    st.caption(
        tr(
            "**Exact**: the whole sentence is right. **Words right**: the right word at its place. **BLEU** (Papineni "
            "et al. 2002, by sacrebleu): runs of one to four words that the truth has too, 0 to 100. {n} sentences.",
            n=len(truth),
        )
    )
    settings = several[0].run.experiment.data.settings
    if isinstance(settings, PairGame) and settings.exact() < 1:
        st.caption(
            tr(
                "No model can match more than {share} of the sentences, computed from the game: chance decides what "
                "the true translation is.",
                share=percent(settings.exact()),
            )
        )
    groups = [by_length(written[one.run.id], truth) for one in several]
    st.markdown(tr("**By length of the true translation**, exact:"))
    header = (tr("Words"), tr("Sentences"), *(plain(one.name) for one in several))
    lengths = [
        (_range(*words), f"{found.n}", *(percent(group[words].exact, 0) for group in groups))
        for words, found in groups[0].items()
    ]
    st.markdown(as_markdown(header, lengths))
    lines = zip(truth, *(written[one.run.id] for one in several), strict=True)
    table = [[" ".join(sentence) for sentence in line] for line in lines]
    st.download_button(
        tr("Every translation (CSV)"),
        lambda: as_csv(("truth", *(one.name for one in several)), table),
        "bothways-translations.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/table:",
        help=tr("The true translation beside what each model wrote."),
    )


def cells(found: Score) -> tuple[str, str, str]:
    return percent(found.exact), percent(found.words), "–" if found.bleu is None else f"{found.bleu:.1f}"


def _range(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"
