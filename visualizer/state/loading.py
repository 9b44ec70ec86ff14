"""Imports torch and all that trains, in any thread, once.

It takes seconds, and the window does not wait for it: nothing that the window imports imports it.
"""

import sys
import threading

from visualizer.state import cores

_MODULES = 790  # about as many of torch are imported

_import_lock = threading.Lock()


def load_learning() -> None:
    """Import torch and all that trains, once; other threads wait.

    Two threads importing torch at a time could see its modules half made.
    """
    with _import_lock:
        import visualizer.learning.report
        import visualizer.learning.sources
        import visualizer.learning.trainer  # noqa: F401

        cores.keep_for_training()


def warm_up() -> None:
    """Import all that is needed up to the end of the first step."""
    load_learning()
    with _import_lock:
        import torch._dynamo  # noqa: F401 - an optimizer's first step does, and takes 2 s for it


def loaded_share() -> float:
    """Return how much of torch has been imported, 0 to 1, while it is being imported."""
    if "visualizer.learning.trainer" in sys.modules:
        return 1.0
    return min(sum(name.startswith("torch") for name in list(sys.modules)) / _MODULES, 0.99)
