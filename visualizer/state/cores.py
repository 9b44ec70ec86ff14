"""Shares the cores out among the threads that compute with torch: training all, others one each.

GNU's OpenMP, with which torch computes on Linux, lets its threads wait for each other awake, which
is quick, only as long as there are no more of them than cores. A second thread with helpers of its
own ends that for the whole process and costs the training a fifth to a third of its speed.
"""

import threading

_of_training: int | None = None


def keep_for_training() -> None:
    """Let every thread compute on one core from its first use of torch on.

    To be called right after the import of torch.
    """
    import torch

    global _of_training
    if _of_training is None:
        _of_training = torch.get_num_threads()
        torch.set_num_threads(1)


def take_all() -> None:
    """Let the calling thread, the training's, compute on all cores."""
    import torch

    torch.get_num_threads()  # the first use of torch in a thread gives it the number in force
    torch.set_num_threads(_of_training or torch.get_num_threads())
    # That has put the same number in force for the threads to come; another puts it back.
    other = threading.Thread(target=torch.set_num_threads, args=(1,))
    other.start()
    other.join()
