"""How much memory there is, and how much is in use."""

import os
from pathlib import Path


def memory_in_use() -> int | None:
    """Return the bytes of main memory this process holds, or None where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def memory_of_computer() -> int | None:
    """Return the bytes of main memory there are, or None where that is not told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def gpu_memory_in_use() -> int:
    """Return the bytes torch holds on the GPU, once it has been imported."""
    import torch

    return int(torch.cuda.memory_reserved())
