"""How much a worker may take: memory and time, from the environment; and the single thread that keeps runs apart."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from core.runs.variables import number

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # asking for a GPU before a fork must not open it
}
WORKER_NICENESS = 5


@dataclass(frozen=True)
class Bounds:
    """Limits of one worker; None: no limit. Memory is what the run may take beyond the bare engine."""

    megabytes: int | None = None
    minutes: float | None = None

    @staticmethod
    def from_environment() -> Bounds:
        """BOTHWAYS_MEMORY_MB (1000 where unset) and BOTHWAYS_MINUTES (60); 0 lifts a limit. SpecError on others."""
        megabytes = int(number("BOTHWAYS_MEMORY_MB", 1000))
        minutes = number("BOTHWAYS_MINUTES", 60, whole=False)
        return Bounds(megabytes or None, minutes or None)

    def limit_memory(self) -> None:
        """Make allocations beyond the limit fail cleanly. Call with the engine loaded: that much is not counted.

        Linux only; elsewhere the operating system doesn't keep such a limit.
        """
        if self.megabytes is None or not sys.platform.startswith("linux"):
            return
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        room = pages * resource.getpagesize() + self.megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))


def give_way() -> None:
    """Let pages go first where runs fill all cores: they stay quick, and a run alone is as fast as ever."""
    if hasattr(os, "nice"):
        os.nice(WORKER_NICENESS)


def keep_to_one_thread() -> None:
    """Two spinning threads on a busy machine cost 17 to 50 times a step; one thread per worker never fights."""
    os.environ.update(ONE_THREAD)
    import torch

    torch.set_num_threads(1)
