"""The kernels the user keeps by name, in one JSON file."""

import json
from pathlib import Path

from visualizer.core.kernels import Kernel, from_json, to_json
from visualizer.core.saving import whole

_LONGEST_NAME = 60


class OwnKernels:
    """Kernels by name, in the order they were saved. Every change is written at once.

    A file that cannot be read is put aside, never overwritten; `problem` then says so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kernels: dict[str, Kernel] = {}
        self.problem = ""
        if file.exists():
            self._load()

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return list(self._kernels)

    def __getitem__(self, name: str) -> Kernel:
        return self._kernels[name]

    def save(self, kernel: Kernel, name: str) -> Kernel:
        """Keep `kernel` under `name`, in place of one of that name, and return it renamed.

        Raises ValueError for a name that cannot be used, OSError when the disk refuses.
        """
        name = " ".join(name.split())
        if not name:
            raise ValueError("A kernel needs a name to be found again.")
        if len(name) > _LONGEST_NAME:
            raise ValueError(f"The name is too long: use at most {_LONGEST_NAME} letters.")
        kernel = kernel.renamed(name)
        self._write({**self._kernels, name: kernel})
        return kernel

    def delete(self, name: str) -> None:
        """Forget a kernel. Raises KeyError when there is none, OSError when the disk refuses."""
        self._write({key: kept for key, kept in self._kernels.items() if key != name})

    def _load(self) -> None:
        try:
            documents = json.loads(self._file.read_text(encoding="utf-8"))
            kernels = [from_json(json.dumps(document)) for document in documents]
        except (OSError, ValueError, TypeError) as error:
            aside = self._file.with_suffix(".damaged.json")
            self.problem = (
                f"The kernels saved earlier could not be read ({error}); their file is kept as "
                f"{aside.name} in {aside.parent}."
            )
            self._put_aside(aside)
            return
        self._kernels = {kernel.name: kernel for kernel in kernels}

    def _put_aside(self, aside: Path) -> None:
        try:
            self._file.replace(aside)
        except OSError as error:
            self.problem = f"The kernels saved earlier cannot be read or moved: {error}."

    def _write(self, kernels: dict[str, Kernel]) -> None:
        documents = [json.loads(to_json(kernel)) for kernel in kernels.values()]
        with whole(self._file) as part:
            part.write_text(json.dumps(documents, ensure_ascii=False, indent=1), encoding="utf-8")
        self._kernels = kernels
