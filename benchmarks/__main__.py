"""`python -m benchmarks NAME …` runs one benchmark; without a name it lists them."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main(arguments: list[str]) -> int:
    names = sorted(one.name for one in pkgutil.iter_modules(benchmarks.__path__) if one.name != "__main__")
    if arguments and arguments[0] in names:
        run = importlib.import_module(f"benchmarks.{arguments[0]}").main
        return int(run(arguments[1:]) or 0)
    for name in names:
        title = (importlib.import_module(f"benchmarks.{name}").__doc__ or "").strip().splitlines()
        print(f"python -m benchmarks {name:12} {title[0] if title else ''}")
    return 2 if arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
