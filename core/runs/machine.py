"""What the warm parent found out about this machine: its devices, and how fast some first steps went.

It never opens the store, so it writes this down in a file of the home folder. Without a warm parent nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.fields import SpecError
from core.pace import Measured
from core.runs.folders import write_whole
from core.spec import Experiment, from_json

MACHINE = "machine.json"


@dataclass(frozen=True)
class Machine:
    """`devices` by name, the best first, none where they aren't known; `timed`: first steps of default models."""

    devices: tuple[str, ...] = ()
    timed: tuple[Measured, ...] = ()

    def has(self, device: str) -> bool:
        """Can a run ask for this device, as far as is known?"""
        return device == "auto" or not self.devices or device in self.devices

    def taken(self, device: str) -> str:
        """The device that "auto" means here, any other itself; "" where that isn't known."""
        return (self.devices[0] if device == "auto" else device) if self.devices else ""

    def check(self, experiment: Experiment) -> None:
        """SpecError where the experiment names a device that isn't here."""
        if not self.has(experiment.train.device):
            reason = "This machine has no such device. With auto, the best one it has is taken."
            raise SpecError("train.device", experiment.train.device, reason, {"train.device": "auto"})


def keep_machine(home: Path, devices: Iterable[str], timed: Iterable[Measured]) -> None:
    """Write down what was found, whole or not at all."""
    steps = [[one.experiment.to_json(), one.parameters, one.tokens_per_second, one.device] for one in timed]
    plain = json.dumps({"devices": list(devices), "timed": steps})
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / MACHINE, lambda place: place.write_text(plain))


def read_machine(home: Path) -> Machine:
    """What was found. A file that is missing, damaged or of another version tells nothing."""
    try:
        plain = json.loads((home / MACHINE).read_text())
        timed = tuple(
            Measured(from_json(experiment), int(parameters), float(speed), str(device), finished=False)
            for experiment, parameters, speed, device in plain["timed"]
        )
        return Machine(tuple(map(str, plain["devices"])), timed)
    except (OSError, ValueError, TypeError, KeyError):  # SpecError is a ValueError
        return Machine()
