"""Starting points: the built-in model, own finished runs, checkpoints that are here; and opening one, or why not."""

from __future__ import annotations

from core.data.contract import TextError
from core.fields import SpecError
from core.hub import CheckpointError
from core.parts.tune import BUILT_IN
from core.runs.beginnings import runs_in
from core.runs.failures import StoreError
from core.runs.store import Run
from core.shelf import downloaded
from core.shelf import offered as on_this_server
from core.starts import CHECKPOINT, Start, open_start
from ui import backend, state
from ui.panels import naming
from ui.panels.overlay import title_of as title_of_run
from ui.words import tr

RECENT = 12  # own runs that are offered


def offered() -> list[str]:
    """What can be started from here, by name."""
    mine = [f"run:{run.id}" for run in backend.store().runs(state.owner()) if can_start(run)]
    return [BUILT_IN, *mine[:RECENT], *(CHECKPOINT + name for name in (*on_this_server(), *downloaded()))]


def can_start(run: Run) -> bool:
    """A finished run that learned from text without labels."""
    about = run.experiment
    if run.status != "finished" or about.tune.wanted or about.model.family == "encoder-decoder":
        return False
    return not about.model.checkpoint and (about.data.is_text or about.data.task == "sentences")


def title_of(name: str) -> str:
    """A starting point in a menu."""
    if name == BUILT_IN:
        return tr("The built-in model")
    if name.startswith(CHECKPOINT):
        return naming.title_of(name.removeprefix(CHECKPOINT))
    run = backend.store().run(name.removeprefix("run:").partition("@")[0])
    return title_of_run(run) if run else tr("A run that is gone")


def opened(name: str) -> Start | str:
    """The start, or in the learner's words why nothing can begin there."""
    store = backend.store()
    try:
        return open_start(name, runs_in(store), store.read_text)
    except SpecError as error:
        return tr(error.reason)
    except (CheckpointError, TextError, StoreError) as error:
        return tr(str(error))
