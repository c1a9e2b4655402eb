"""`python -m lessons check` lists missing and stale translations; `python -m lessons stamp FOLDER` marks one as done.

Stamp a folder when its translation says what the English says: each section then carries the hash of the English one.
"""

from __future__ import annotations

import sys

from lessons.lesson import LANGUAGES
from lessons.texts import HEADING, HERE, sections


def folders() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/en.md"))


def stale(folder: str, language: str) -> list[str]:
    """What is missing from a translation, is no longer in the English, or was changed in it since."""
    english = sections((HERE / folder / "en.md").read_text(encoding="utf-8"))
    path = HERE / folder / f"{language}.md"
    other = sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = [f"{key} is missing" for key in english if key not in other]
    needless = [f"{key} is not in en.md" for key in other if key not in english]
    changed = [f"{key} is stale" for key in other if key in english and other[key].mark != english[key].hash]
    return missing + needless + changed


def stamp(folder: str, language: str) -> None:
    """Write the hash of each English section beside its translation."""
    english = sections((HERE / folder / "en.md").read_text(encoding="utf-8"))
    path = HERE / folder / f"{language}.md"
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = HEADING.fullmatch(line.rstrip())
        if heading and heading["key"] in english:
            title = f" | {heading['title']}" if heading["title"] else ""
            line = f"## {heading['key']}{title} <!-- {english[heading['key']].hash} -->"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    others = [language for language in LANGUAGES if language != "en"]
    match arguments:
        case ["check"]:
            found = [f"{one}/{lang}.md: {what}" for one in folders() for lang in others for what in stale(one, lang)]
            print("\n".join(found) or "every translation is up to date")
            return 1 if found else 0
        case ["stamp", *some] if some:
            for folder in some:
                for language in others:
                    stamp(folder, language)
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
