"""Numbers as text: what the user types or pastes, and how every number on screen is written."""

import math
import re
from fractions import Fraction

import numpy as np
import numpy.typing as npt

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_MINUS = str.maketrans({"−": "-", "–": "-"})


def parse_number(text: str) -> float:
    """Return the number that `text` says: "3", "-0.5", "0,5", "1e-3" or a fraction "1/9".

    Raises ValueError with a sentence saying what is wrong.
    """
    cleaned = text.strip().translate(_MINUS)
    if not cleaned:
        raise ValueError("The cell is empty: type a number such as 0.5 or 1/9.")
    numerator, slash, denominator = cleaned.partition("/")
    value = _plain(numerator, text)
    if slash:
        divisor = _plain(denominator, text)
        if divisor == 0:
            raise ValueError(f"“{text.strip()}” divides by zero: type another number.")
        value = value / divisor
    if not math.isfinite(value):
        raise ValueError(f"“{text.strip()}” is too large: type a smaller number.")
    return value


def _plain(text: str, whole: str) -> float:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"“{whole.strip()}” is not a number: type one such as 0.5 or 1/9.")
    return float(text.replace(",", "."))


def parse_grid(text: str) -> npt.NDArray[np.float64]:
    """Return the numbers (H, W) of a block of text, one line a row.

    Cells are separated by tabs (as a spreadsheet copies them), else semicolons, else spaces, else
    commas; the brackets of Python and NumPy lists are passed over. A comma is a decimal sign where
    something else separates the cells. Raises ValueError naming row and column of what is wrong.
    """
    if "[" in text:
        text = re.sub(r"\]\s*,?", "\n", text).replace("[", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("There are no numbers: copy a block of cells first.")
    rows = [_cells(line) for line in lines]
    width = len(rows[0])
    for i, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(
                f"Row {i} has {len(row)} numbers, row 1 has {width}: every row needs as many."
            )
    values = np.empty((len(rows), width))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                values[i, j] = parse_number(cell)
            except ValueError as error:
                raise ValueError(f"Row {i + 1}, column {j + 1}: {error}") from None
    return values


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.strip("\r\n").split("\t")
    line = line.strip()
    if ";" in line:
        return line.strip(";").split(";")
    if re.search(r",\s", line) or line.endswith(","):
        return [cell for cell in re.split(r",\s*", line) if cell]
    if " " in line:
        return line.split()
    return line.split(",")


def format_number(value: float, digits: int = 3) -> str:
    """Return `value` as short text: whole numbers without a point, else `digits` decimals.

    Trailing zeros go, "-0" is "0", and what would round to 0 or needs more than 7 places before
    the point is written with an exponent. The minus sign is the one on the keyboard.
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    rounded = round(value, digits)
    if rounded == 0 or abs(value) >= 1e8:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent)}"
    text = f"{rounded:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_fraction(value: float, largest: int = 1000) -> str:
    """Return `value` as "n/d" when it is one with a denominator up to `largest`, else "".

    Whole numbers are written without a denominator.
    """
    if not math.isfinite(value):
        return ""
    near = Fraction(value).limit_denominator(largest)
    if float(near) != value:
        return ""
    return str(near)
