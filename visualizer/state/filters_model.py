"""The Filters page's observable settings, and what happens to them when the picture changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from visualizer.core.image import Image
from visualizer.core.kernels import Kernel, resized
from visualizer.core.presets import Parameters, build
from visualizer.state.filter_settings import AppliedTo, FilterSettings
from visualizer.state.picture_model import PictureModel

OWN = "own kernel"


class FiltersModel(PictureModel[FilterSettings]):
    """The Filters page's settings. Intents that change several of them together live here."""

    def __init__(self, image: Image) -> None:
        super().__init__(FilterSettings(), image)
        self._gesture, self._untouched = "", self.settings

    def fitted(self, image: Image) -> tuple[FilterSettings, str]:
        """Return the settings as they suit `image`, and what was changed as a sentence."""
        return fitted(self.settings, image)

    def apply_to(self, applied_to: AppliedTo, channel: int = 0) -> None:
        """Choose what the filter is applied to; its kernel gets as many planes as that needs."""
        planes = self._image.channels if applied_to == "across" else 1
        self.edit(
            "applied to",
            applied_to=applied_to,
            channel=channel,
            kernel=self.settings.kernel.with_planes(planes),
            plane=0,
        )

    def choose_preset(self, key: str, parameters: Parameters = (), merge: str = "") -> None:
        """Take a preset's kernel, in every plane."""
        kernel = build(key, parameters).with_planes(self.settings.kernel.planes)
        self.edit(kernel.name, merge, kernel=kernel, preset=key, parameters=parameters)

    def set_weights(self, weights: np.ndarray, merge: str = "") -> None:
        """Replace the shown plane's weights (kh, kw), of the size in force.

        Those from before the edits that share the key `merge` bring back the preset, too.
        """
        if merge != self._gesture or not merge:
            self._gesture, self._untouched = merge, self.settings
        before, kernel = (
            self._untouched,
            self.settings.kernel.with_plane(self.edited_plane, weights),
        )
        if np.array_equal(kernel.weights, before.kernel.weights):
            own = {"preset": before.preset, "parameters": before.parameters}
            self.edit("kernel cell", merge, kernel=before.kernel, **own)
        else:
            self.set_kernel(kernel.renamed(OWN), "kernel cell", merge)

    def set_kernel(self, kernel: Kernel, label: str, merge: str = "") -> None:
        """Take a kernel that is no preset's; one with a plane for each channel spans them all."""
        changes: dict[str, Any] = {}
        if kernel.planes == self._image.channels > 1:
            changes["applied_to"] = "across"
        planes = max(kernel.planes if changes else 1, self.settings.kernel.planes)
        kernel = kernel.with_planes(planes)
        self.edit(label, merge, kernel=kernel, preset="", parameters=(), **changes)

    def resize_kernel(self, rows: int, columns: int, block: np.ndarray | None = None) -> None:
        """Crop or fill the kernel to another size, and paste a block into the shown plane."""
        kernel = resized(self.settings.kernel, rows, columns)
        if block is not None:
            weights = kernel.weights[self.edited_plane].copy()
            weights[: block.shape[0], : block.shape[1]] = block
            kernel = kernel.with_plane(self.edited_plane, weights)
        if kernel.weights.shape != self.settings.kernel.weights.shape or block is not None:
            self.set_kernel(kernel.renamed(OWN), "kernel size")

    def change_kernel(self, change: Callable[[Kernel], Kernel], label: str) -> None:
        """Take what `change` makes of the kernel; its ValueError is passed on."""
        kernel = change(self.settings.kernel)
        if not np.array_equal(kernel.weights, self.settings.kernel.weights):
            self.set_kernel(kernel.renamed(OWN), label)

    @property
    def edited_plane(self) -> int:
        """The plane of the kernel that is on show."""
        return min(self.settings.plane, self.settings.kernel.planes - 1)


def fitted(settings: FilterSettings, image: Image) -> tuple[FilterSettings, str]:
    """Return settings that give an output for `image`, and what was changed as a sentence."""
    said = []
    if settings.applied_to == "channel" and settings.channel >= image.channels:
        said.append(f"This picture has no channel {settings.channel + 1}: the first one is used.")
    planes = image.channels if settings.applied_to == "across" else 1
    settings = replace(
        settings,
        channel=settings.channel if settings.channel < image.channels else 0,
        plane=settings.plane if settings.plane < image.channels else 0,
        kernel=settings.kernel.with_planes(planes),
    )
    for words, changes in (
        ("The border is zero now.", {"border": "zero"}),
        ("The padding is “same” now.", {"padding": "same"}),
    ):
        reason = settings.why_not(image)
        if not reason:
            break
        tried = replace(settings, **changes)  # type: ignore[arg-type]
        if tried != settings:
            settings = tried
            said.append(f"{reason.partition(': ')[0]}. {words}")
    return settings, " ".join(said)
