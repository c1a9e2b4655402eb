"""Where a race leads: on to the other pages, or back to the question with other settings."""

from __future__ import annotations

import streamlit as st

from core.spec import Experiment
from ui import state
from ui.panels.watched import Watched
from ui.places import go
from ui.words import later, tr

MOST_SEEDS = 9999
WAYS = (
    (
        "build",
        later("Build your own"),
        ":material/tune:",
        later("Choose family, direction, size and game, and see the ceiling first."),
    ),
    (
        "train",
        later("See all their curves"),
        ":material/monitoring:",
        later("Loss, gradients and learning rate of these two runs."),
    ),
    (
        "look",
        later("Look inside"),
        ":material/visibility:",
        later("Which words does the both-ways model attend to? Find the cue."),
    ),
)


def ways_on(one_way: Watched, both: Watched) -> None:
    """Three pages to go on with, two of them with these runs."""
    st.subheader(tr("Go on from here"))
    params = {"train": {"run": f"{one_way.run.id},{both.run.id}"}, "look": {"run": both.run.id}}
    for column, (place, label, icon, words) in zip(st.columns(3, border=True), WAYS, strict=True):
        with column:
            st.markdown(tr(words))
            if st.button(tr(label), icon=icon, key=f"to-{place}", help=tr(words)):
                go(place, **params.get(place, {}))


def again(experiment: Experiment) -> None:
    """Another game or another throw of the dice: the question comes first again."""
    with (
        st.expander(tr("Run it again with another game or seed"), icon=":material/replay:"),
        st.form("again", border=False),
    ):
        late = tr("In how many of the sentences the cue comes late. The higher, the less left to right can know.")
        now = round(100 * experiment.data.settings.p)
        share = st.slider(
            tr("Cue on the right, in % of the sentences"),
            0,
            100,
            now,
            5,
            format="%d %%",
            help=late,
            key=f"again-p-{now}",
        )
        other = tr("Another seed means other sentences and other first weights.")
        following = min(MOST_SEEDS, experiment.train.seed + 1)
        seed = st.number_input(tr("Seed"), 0, MOST_SEEDS, following, help=other, key=f"again-seed-{following}")
        words = tr("Back to the question, with these settings.")
        if st.form_submit_button(tr("Predict again"), type="primary", help=words):
            state.set_param("p", f"{share / 100:g}")
            state.set_param("seed", str(seed))
            state.set_param("guess", None)
            state.show_runs(())
            st.rerun()
