"""Checkpoints that others trained: from a folder, or from the hub by id. Safetensors only, and no half files.

A hub's files come into a folder that is called `.part` until all of them are there, so a folder without it is whole.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

ARCHITECTURES = ("bert", "distilbert", "roberta", "gpt2")
CONFIG, WEIGHTS, INDEX, TOKENIZER = "config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json"
FILES = (CONFIG, WEIGHTS, TOKENIZER, "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
HUB_ID = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")
COMMIT = re.compile(r"[0-9a-f]{40}")
MOST_MB = 1500
WAIT = 3.0  # seconds for the hub's first word
HEADER_BYTES = 25_000_000  # what a safetensors header may take


class CheckpointError(ValueError):
    """This checkpoint can't be had or read; says why and what to do."""


@dataclass(frozen=True)
class Folder:
    """A checkpoint on this machine whose files were looked at; no weight has been read yet."""

    path: Path
    config: dict[str, Any]
    weights: Path
    tokenizer: Path | None
    architecture: str  # one of ARCHITECTURES


def fetch(name: str, home: Path, most_mb: float = MOST_MB) -> Folder:
    """The checkpoint of a folder, or of a hub id whose files are kept under `home`. Raises CheckpointError."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return from_folder(folder)
    if folder.is_file():
        raise CheckpointError(f"“{name}” is a file. Give the folder that holds {CONFIG} and {WEIGHTS}.")
    if not _is_hub_id(name):
        raise CheckpointError(
            f"There is no folder “{name}”, and it isn't a name on the hub either. "
            "A name on the hub looks like bert-base-uncased or organisation/model."
        )
    return from_hub(name, home, most_mb)


# A folder


def from_folder(path: Path) -> Folder:
    """Look at a folder's files: settings, architecture, weights and their header."""
    if not path.is_dir():
        raise CheckpointError(f"There is no folder “{path}”. Check the path.")
    config = read_config(path / CONFIG)
    architecture = architecture_of(config)
    _check_weights({one.name for one in path.iterdir()})
    read_header(path / WEIGHTS)
    tokenizer = path / TOKENIZER
    return Folder(path, config, path / WEIGHTS, tokenizer if tokenizer.is_file() else None, architecture)


def read_config(path: Path) -> dict[str, Any]:
    """What config.json says."""
    if not path.is_file():
        raise CheckpointError(f"There is no {CONFIG} in “{path.parent}”. It says how the model is built: put it there.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{CONFIG} is damaged ({error}). Get this file once more.") from None
    if not isinstance(config, dict):
        raise CheckpointError(f"{CONFIG} is damaged: it should be a JSON object. Get this file once more.")
    return config


def architecture_of(config: dict[str, Any]) -> str:
    """The architecture's name; CheckpointError unless it is one of ARCHITECTURES."""
    name = config.get("model_type")
    if name in ARCHITECTURES:
        return str(name)
    known = ", ".join(ARCHITECTURES)
    if name:
        raise CheckpointError(
            f"This checkpoint is of the architecture “{name}”. Bothways reads {known}: choose one of these."
        )
    raise CheckpointError(f"{CONFIG} names no architecture (model_type). Bothways reads {known}: choose one of these.")


def _check_weights(names: set[str]) -> None:
    """CheckpointError with the reason, unless the weights are one safetensors file."""
    if WEIGHTS in names:
        return
    if INDEX in names:
        raise CheckpointError(
            "The weights are split over several files, as large models are. "
            f"Bothways reads models small enough for one file, {WEIGHTS}: choose a smaller one."
        )
    pickles = sorted(name for name in names if name.endswith(PICKLES))
    if pickles:
        raise CheckpointError(
            f"The weights are there only as {pickles[0]}, which is pickled: opening such a file can run any program "
            f"hidden in it, so Bothways never does. Choose a version with {WEIGHTS}, or have someone who trusts the "
            "file convert it to safetensors."
        )
    raise CheckpointError(f"There are no weights here: {WEIGHTS} is missing. Get it, or choose another checkpoint.")


def read_header(path: Path) -> dict[str, dict[str, Any]]:
    """Name, type, shape and place of every array in a safetensors file. CheckpointError where the file isn't whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 2 <= length <= min(size - 8, HEADER_BYTES):
            raise CheckpointError(f"{path.name} is damaged or cut off: its header can't be read. Get it once more.")
        text = file.read(length)
    try:
        header = {name: about for name, about in json.loads(text).items() if name != "__metadata__"}
        end = max((_end(about) for about in header.values()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise CheckpointError(f"{path.name} is damaged: its header makes no sense. Get it once more.") from None
    if not header:
        raise CheckpointError(f"{path.name} holds no weights at all. Choose another checkpoint.")
    if 8 + length + end != size:
        whole = f"{8 + length + end:,}"
        raise CheckpointError(
            f"{path.name} is cut off or damaged: {size:,} bytes instead of {whole}. Get it once more."
        )
    return header


def _end(about: dict[str, Any]) -> int:
    """Where an array ends; ValueError unless its place and its shape are numbers that fit together."""
    start, end = about["data_offsets"]
    numbers = prod(about["shape"])
    if not all(type(one) is int and one >= 0 for one in (start, end, numbers)) or end - start < numbers:
        # Every type that these checkpoints use takes a byte or more for a number.
        raise ValueError("place and shape don't fit")
    return int(end)


# The hub


def from_hub(
    name: str, home: Path, most_mb: float = MOST_MB, begins: Callable[[Path, int], None] = lambda place, size: None
) -> Folder:
    """The hub's newest version of this id, downloaded at most once; without a hub, the version kept from before.

    `begins` is told where a download goes, and its bytes.
    """
    if not _is_hub_id(name):
        raise CheckpointError(
            f"“{name}” is not a name on the hub. It looks like bert-base-uncased or organisation/model."
        )
    kept = home / "checkpoints" / name.replace("/", "--")
    try:
        _hush()
        with _in_words(name):
            commit, sizes = _listing(name)
    except Unreachable as error:
        versions = sorted(
            (one for one in kept.glob("*") if COMMIT.fullmatch(one.name)), key=lambda one: one.stat().st_mtime
        )
        if versions:
            return from_folder(versions[-1])
        raise CheckpointError(
            f"{error} Checkpoints in a folder on this machine, and all else, go on working."
        ) from None
    whole = kept / commit
    if not whole.is_dir():
        _check_weights(set(sizes))
        begins(whole.with_name(f"{commit}.part"), _check_size(name, sizes, most_mb))
        _download(name, commit, sizes, whole)
    return from_folder(whole)


class Unreachable(CheckpointError):
    """The hub gave no answer, or may not be asked."""


def _is_hub_id(name: str) -> bool:
    return bool(HUB_ID.fullmatch(name)) and "--" not in name and ".." not in name and not name.endswith((".git", "."))


def _hush() -> None:
    """No telemetry, no progress bars, one way to download: the library reads these when it is first imported."""
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ.setdefault(variable, "1")


def _endpoint() -> str | None:
    """HF_ENDPOINT as it is now; None means the library's own."""
    return os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or None


def _token() -> str | bool:
    """HF_TOKEN as it is now; False means none, not even one that was saved on this machine by another program."""
    return os.environ.get("HF_TOKEN", "").strip() or False


def _listing(name: str) -> tuple[str, dict[str, int | None]]:
    """The newest commit and the files' names and sizes."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise Unreachable(f"HF_HUB_OFFLINE is set, so the hub isn't asked, and “{name}” isn't kept on this machine.")
    from huggingface_hub import HfApi

    about = HfApi(endpoint=_endpoint(), token=_token()).model_info(name, files_metadata=True, timeout=WAIT)
    if not COMMIT.fullmatch(about.sha or ""):
        raise KeyError("sha")
    return str(about.sha), {one.rfilename: one.size for one in about.siblings or ()}


def _check_size(name: str, sizes: dict[str, int | None], most_mb: float) -> int:
    """The bytes to download; CheckpointError where they are more than `most_mb`, or nobody knows how many."""
    wanted = [sizes[file] for file in FILES if file in sizes]
    known = [size for size in wanted if size is not None]
    if len(known) < len(wanted):
        raise CheckpointError(f"The hub doesn't say how large “{name}” is, so it isn't downloaded. Try another one.")
    if sum(known) > most_mb * 1e6:
        raise CheckpointError(
            f"“{name}” takes {sum(known) / 1e6:,.0f} MB, more than the {most_mb:,.0f} MB allowed here. "
            "Choose a smaller one, or start with a higher BOTHWAYS_MODEL_MB."
        )
    return sum(known)


def _download(name: str, commit: str, sizes: dict[str, int | None], whole: Path) -> None:
    """Bring the files of FILES here, config.json first: what we can't read isn't downloaded."""
    if CONFIG not in sizes:
        raise CheckpointError(
            f"“{name}” has no {CONFIG}, which says how the model is built. Choose another checkpoint."
        )
    part = whole.with_name(f"{commit}.part")
    part.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        if file in sizes:
            with _in_words(name, file):
                _bring(name, commit, file, part)
            if file == CONFIG:
                architecture_of(read_config(part / CONFIG))
    try:
        os.replace(part, whole)
    except OSError:
        if not whole.is_dir():  # else another one was faster
            raise


def _bring(name: str, commit: str, file: str, part: Path) -> None:
    """One file; the library puts it in place only when it's whole."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    if not (part / file).is_file():  # ask once: the library by itself would go on asking for half a minute
        url = hf_hub_url(name, file, revision=commit, endpoint=_endpoint())
        get_hf_file_metadata(url, token=_token(), timeout=WAIT, endpoint=_endpoint())
    hf_hub_download(
        name, file, revision=commit, local_dir=part, endpoint=_endpoint(), token=_token(), etag_timeout=WAIT
    )


@contextmanager
def _in_words(name: str, file: str = "") -> Iterator[None]:
    """Turn the hub's complaints into a learner's words; `file` is the one under way."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OfflineModeIsEnabled

    lost = (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, LocalEntryNotFoundError)
    try:
        yield
    except CheckpointError:
        raise
    except HfHubHTTPError as error:
        raise _refused(name, file, error.response.status_code, error.response.headers.get("X-Error-Code")) from None
    except (*lost, OSError) as error:
        if getattr(error, "errno", None) and not isinstance(error, lost):
            raise  # this machine's own disk
        if not file:
            raise _no_answer(name) from None
        raise _broken(name, file) from None
    except HFValidationError:
        raise CheckpointError(f"“{name}” is not a name on the hub. Check the spelling.") from None
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"What answers at {_place()} doesn't speak as a hub does. Check HF_ENDPOINT.") from None


def _place() -> str:
    label = "the hub's address"
    return _endpoint() or label


def _no_answer(name: str) -> Unreachable:
    place = _place()
    return Unreachable(
        f"The hub can't be reached ({place}), and “{name}” isn't kept on this machine. "
        "Check the connection and HF_ENDPOINT."
    )


def _refused(name: str, file: str, status: int, code: str | None) -> CheckpointError:
    """What the hub's number means for a learner."""
    reason = "The HF_TOKEN that is set doesn't open it." if _token() else "Set HF_TOKEN to a token that may read it."
    if code == "GatedRepo" or status == 403:
        return CheckpointError(f"“{name}” is open only to those whom its owner lets in: ask on its page. {reason}")
    if status == 401:
        return CheckpointError(f"The hub shows no “{name}”: check the spelling, or it is private. {reason}")
    if status == 404:
        if file:
            return CheckpointError(f"“{name}” has no {file} any more. Check the spelling.")
        return CheckpointError(f"There is no “{name}” on the hub. Check the spelling.")
    if status >= 500 and not file:
        return Unreachable(f"The hub is out of order just now (status {status}). Try again later.")
    if status >= 500:
        return _broken(name, file)
    return CheckpointError(f"The hub refuses “{name}” just now (status {status}). Try again later.")


def _broken(name: str, file: str) -> CheckpointError:
    return CheckpointError(
        f"The connection broke while {file} of “{name}” was on its way. Nothing half is kept; try again."
    )
