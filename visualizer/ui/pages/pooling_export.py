"""The script that makes what the Pooling page shows."""

from visualizer.core.as_python import AppliedTo
from visualizer.core.pooling_script import convolution_script, pooling_script
from visualizer.state.pooling import PoolFrame
from visualizer.ui.exports import saved_pixels


def script_of(frame: PoolFrame) -> str:
    """Return a torch script for a pooled map; a large input is saved for it. Raises OSError."""
    settings, source = frame.settings, frame.source
    taken: AppliedTo = "each" if settings.applied_to == "map" else settings.applied_to
    saved = saved_pixels(source)
    if settings.kind == "convolution":
        return convolution_script(
            source, settings.convolved_with(), frame.geometry, applied_to=taken,
            channel=settings.channel, saved=saved,
        )  # fmt: skip
    return pooling_script(
        source, settings.kind, settings.window, applied_to=taken, channel=settings.channel,
        count_padding=settings.count_padding, seed=settings.seed, saved=saved,
    )  # fmt: skip
