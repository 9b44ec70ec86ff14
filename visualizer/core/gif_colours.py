"""The 256 colours of a GIF: which they are, and how others are mixed from them."""

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

Rgb8 = npt.NDArray[np.uint8]

_COMMONEST, _COVERED = 32, 138  # colours of a frame: its flat areas, and all the others
_ROUNDS = 3  # of k-means, which moves the others to where a photograph has most colours
_EXACT = 3  # levels: what is missed by less is not mixed
_GREYS = [(grey, grey, grey) for grey in range(0, 256, 3)]  # 86: 256 in all
_BAYER = np.zeros((1, 1), np.uint8)  # 0 to 63, each 8 × 8 pixels anew
for _ in range(3):
    _BAYER = np.block([[4 * _BAYER, 4 * _BAYER + 2], [4 * _BAYER + 3, 4 * _BAYER + 1]])
_UNKNOWN = 255
_AT_A_TIME = 1 << 14  # colours


class GifPalette:
    """The colours of a GIF; a pixel between two takes one of them, by its place.

    That is an ordered dither (Bayer, "An optimum method for two-level rendition of continuous-tone
    pictures", 1973): what does not change between frames does not flicker, as it would where the
    error of one pixel is handed to the next.
    """

    def __init__(self, frame: Rgb8) -> None:
        covered = Pillow.fromarray(frame).quantize(
            _COVERED, Pillow.Quantize.MAXCOVERAGE, kmeans=_ROUNDS
        )
        packed, counts = np.unique(_packed(frame), return_counts=True)
        commonest = packed[np.argsort(counts)[-_COMMONEST:]]
        self._colours = np.concatenate(
            [_unpacked(commonest), _GREYS, np.reshape(covered.getpalette() or [], (-1, 3))]
        )
        # Of 0xRRGGBB, once it was asked for: two colours, and how many of the places of the
        # pattern take the second.
        self._first, self._second = (np.zeros(1 << 24, np.uint8) for _ in range(2))
        self._places = np.full(1 << 24, _UNKNOWN, np.uint8)
        down, across = -(-frame.shape[0] // len(_BAYER)), -(-frame.shape[1] // len(_BAYER))
        self._pattern = np.tile(_BAYER, (down, across))[: frame.shape[0], : frame.shape[1]]

    def picture(self, frame: Rgb8) -> Pillow.Image:
        """Return a frame with this palette."""
        packed = _packed(frame)
        self._learn(np.unique(packed[self._places[packed] == _UNKNOWN]))
        second = self._pattern < self._places[packed]
        picture = Pillow.fromarray(np.where(second, self._second[packed], self._first[packed]))
        picture.putpalette(self._colours.astype(np.uint8).tobytes())
        return picture

    def _learn(self, packed: npt.NDArray[np.int32]) -> None:
        """Find the nearest colour, the one on the other side, and how to mix them."""
        colours = _unpacked(packed)
        first = self._nearest(colours)
        missing = colours - self._colours[first]
        second = self._nearest(np.clip(colours + missing, 0, 255))
        step = self._colours[second] - self._colours[first]
        share = (missing * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1)
        share[np.abs(missing).max(axis=1, initial=0) < _EXACT] = 0
        self._first[packed], self._second[packed] = first, second
        self._places[packed] = (share.clip(0, 1) * _BAYER.size).round()

    def _nearest(self, colours: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
        palette = self._colours.astype(np.float32)
        found = [
            ((palette**2).sum(axis=1) - 2 * part.astype(np.float32) @ palette.T).argmin(axis=1)
            for part in np.array_split(colours, len(colours) // _AT_A_TIME + 1)
        ]
        return np.concatenate(found)


def _packed(frame: Rgb8) -> npt.NDArray[np.int32]:
    """Return (H, W, 3) colours as 0xRRGGBB."""
    red, green, blue = (frame[:, :, i].astype(np.int32) for i in range(3))
    return red << 16 | green << 8 | blue


def _unpacked(colours: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1)
