"""`python -m ui.catalogue check` lists what isn't translated or is stale; `update` writes new messages into the files.

A message that was changed in the code is a new one: its old translation is stale and `update` takes it away.
"""

from __future__ import annotations

import sys

import polib

from ui.catalogue.entries import GAP, HERE, path_of
from ui.catalogue.messages import messages


def languages() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.po"))


def wrong(language: str) -> list[str]:
    """What is missing from a catalogue, is in no code any more, or fills a gap that isn't there."""
    wanted = messages()
    kept = {one.msgid: one.msgstr for one in polib.pofile(str(path_of(language)))}
    missing = [f"not translated ({files[0]}): {words}" for words, files in wanted.items() if not kept.get(words)]
    stale = [f"stale: {words}" for words in kept if words not in wanted]
    gaps = [
        f"has no {gap}: {words}"
        for words, told in kept.items()
        for gap in GAP.findall(told)
        if gap not in GAP.findall(words)
    ]
    return missing + stale + gaps


def update(language: str) -> None:
    """Bring the file to what the code says, in its order; translations stay."""
    kept = {one.msgid: one for one in polib.pofile(str(path_of(language)))}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": language}
    for words, files in messages().items():
        told = kept[words].msgstr if words in kept else ""
        fresh.append(polib.POEntry(msgid=words, msgstr=told, occurrences=[(name, "") for name in files]))
    fresh.save(str(path_of(language)))


def main(arguments: list[str]) -> int:
    match arguments:
        case ["check"]:
            found = [f"{language}: {what}" for language in languages() for what in wrong(language)]
            print("\n".join(found) or "every catalogue is up to date")
            return 1 if found else 0
        case ["update"]:
            for language in languages():
                update(language)
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
