"""The entry file: puts the repository on the path, sets up the page, and shows the page that the address names."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from core.fields import SpecError  # noqa: E402
from core.runs.failures import StoreError  # noqa: E402
from ui import backend, state  # noqa: E402
from ui.canvas.arrival import arrive  # noqa: E402
from ui.panels.lesson_return import way_back  # noqa: E402
from ui.panels.naming import plain  # noqa: E402
from ui.places import PLACES, page  # noqa: E402
from ui.words import switch, tr  # noqa: E402

st.set_page_config(page_title="Bothways", page_icon=str(ROOT / "ui" / "canvas" / "mark.svg"), layout="wide")
st.html(ROOT / "ui" / "canvas" / "page.css")
st.logo(str(ROOT / "ui" / "canvas" / "name.svg"), size="large")
here = st.navigation([page(place.name) for place in PLACES], position="top")
try:
    backend.runner()  # makes workers ready before the first click, and looks after runs of an earlier server
except (SpecError, StoreError) as error:  # whoever runs this server set it up wrongly, or its disk is full
    st.error(plain(tr(str(error))), icon=":material/error:")
    st.stop()
with st.container(key="language"):
    switch()
way_back(here.url_path)
here.run()
state.identify()
arrive(f"{here.url_path} {state.param('run')} {state.param('lesson')} {state.param('step')}")
