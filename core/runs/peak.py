"""How much memory a worker takes beyond what it was forked with (Linux; elsewhere nothing is told).

A fork begins with its parent's data, but not with the pages of the engine's code: it would touch those one by one, tens
of megabytes that have nothing to do with the model. They are mapped before the counting begins, and room that its
parent no longer used is given back. What grows from there on is the run's own: weights, gradients, the optimiser's
state, and what a step keeps for its way back; to within a megabyte, which is how exactly Linux counts.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

POPULATE_READ = 22  # madvise: map what is to be read, as Linux 5.14 and later can


def begin() -> int | None:
    """Map all code that may be used; gives the bytes in memory from which `beyond` counts, None where it can't."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc's
        libc.malloc_trim(0)
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, inode, *_ = line.split()
        if inode != "0" and rights.startswith("r") and rights.endswith("p"):
            first, end = (int(place, 16) for place in span.split("-"))
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), POPULATE_READ)
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def beyond(first: int | None) -> int | None:
    """The most bytes that this process ever had in memory, beyond the `first` ones."""
    if first is None:
        return None
    import resource

    return max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - first)
