"""Why a file cannot be shown, and the limits that are checked before anything is decoded."""

MAX_PIXELS = 100_000_000
MAX_BYTES = 512 * 2**20  # of the file, and of the numbers read from it


class BadImage(Exception):
    """Raised for a file that cannot be read as a picture.

    Attributes:
        reason: one sentence naming the file, what is wrong with it and what to do.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def damaged(name: str) -> BadImage:
    """Return the refusal of a file whose beginning is right and the rest is not."""
    return BadImage(f"{name} is damaged or cut short: get the file again from where it came from.")


def check_size(name: str, height: int, width: int, pixel_bytes: int) -> None:
    """Raise BadImage when a picture of this size is over the limits or has no pixels."""
    if height < 1 or width < 1:
        raise damaged(name)
    size = f"{name} claims to be {height:,} × {width:,} pixels"
    if height * width > MAX_PIXELS:
        raise BadImage(
            f"{size}, and at most {MAX_PIXELS // 1_000_000} megapixels can be opened: "
            "make it smaller in an image editor first."
        )
    if height * width * pixel_bytes > MAX_BYTES:
        raise BadImage(
            f"{size} of {pixel_bytes} bytes, and at most {MAX_BYTES >> 20} MB can be opened: "
            "make it smaller or leave out bands first."
        )
