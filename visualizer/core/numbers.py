"""Numbers as text: how they are read when typed or pasted, and how they are written on screen."""

import math
import re

import numpy as np
import numpy.typing as npt

_DECIMAL = r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER = re.compile(rf"({_DECIMAL})(?:\s*/\s*({_DECIMAL}))?")
_MINUS_SIGNS = str.maketrans("−–", "--")
_PLAIN_FROM, _PLAIN_BELOW = 1e-4, 1e9  # sizes written without an exponent
_QUOTED = 24  # letters of a text that are repeated in a message

_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
_AROUND_BRACKETS = re.compile(r"(?:array|tensor|dtype=[\w.]+|[\s\[\](),;])*")


def parse_number(text: str) -> float:
    """Return the finite number in `text`: "2", "-0.5", "0,5", "1e-3" or a fraction as "1/9".

    Raises ValueError with one sentence.
    """
    match = _NUMBER.fullmatch(text.strip().translate(_MINUS_SIGNS))
    if match is None:
        shown = text.strip()
        shown = shown if len(shown) <= _QUOTED else shown[: _QUOTED - 1] + "…"
        what = f'"{shown}" is not a number' if shown else "A number is missing"
        raise ValueError(f"{what}: type one like 2, -0.5 or 1/9.")
    value, divisor = (float((part or "1").replace(",", ".")) for part in match.groups())
    if divisor == 0:
        raise ValueError(f'"{text.strip()}" divides by zero: type another number.')
    value /= divisor
    if not math.isfinite(value):
        raise ValueError(f'"{text.strip()[:_QUOTED]}" is too large: type a smaller number.')
    return value


def parse_grid(text: str) -> npt.NDArray[np.float64]:
    """Return the numbers (H, W) of a block of text, as copied from a spreadsheet or a script.

    Lines are rows. Numbers are separated by tabs, semicolons, commas or spaces, whichever comes
    first in this list; with the first two and with spaces a comma is a decimal comma. Rows in
    brackets, as Python and NumPy write them, are read too. Raises ValueError with one sentence
    that names the line and the number in it, both counted from 1.
    """
    rows = [_split(line) for line in _lines(text)] if "[" in text else _plain_rows(text)
    if not rows or not rows[0]:
        raise ValueError("There are no numbers in the text: copy a block of numbers.")
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"Line {i} has {_count(len(row))} and line 1 has {len(rows[0])}: "
                "give every line as many."
            )
    return np.array([[_number(rows, i, j) for j in range(len(rows[0]))] for i in range(len(rows))])


def format_number(value: float, digits: int = 3) -> str:
    """Return `value` as short text: "249", "-0.5", "0.111", "1.23e-5", "NaN", "-inf".

    At most `digits` decimals; a number below 1 keeps as many significant digits instead, so that
    small ones do not become 0. Whole numbers have no point. What this writes, `parse_number`
    reads, unless it is NaN or infinite.
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    size = abs(value)
    if size and not _PLAIN_FROM <= size < _PLAIN_BELOW:
        places = digits if size >= _PLAIN_BELOW else digits - 1
        mantissa, exponent = f"{value:.{places}e}".split("e")
        return f"{_without_zeros(mantissa)}e{int(exponent)}"
    places = digits if size >= 1 or not size else digits - 1 - math.floor(math.log10(size))
    return _without_zeros(f"{value:.{places}f}")


def format_share(share: float, places: int = 1) -> str:
    """Return 0–1 in percent with so many decimal places: "93.7 %", or "NaN"."""
    return f"{100 * share:.{places}f} %" if math.isfinite(share) else "NaN"


def _without_zeros(text: str) -> str:
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short


def _lines(text: str) -> list[str]:
    """Return the rows of a text in brackets: nested ones, or lines and semicolons in one pair."""
    if not _AROUND_BRACKETS.fullmatch(_BRACKETED.sub("", text)) or "[[[" in re.sub(r"\s", "", text):
        raise ValueError("The brackets do not make rows of numbers: write [[1, 2], [3, 4]].")
    rows = _BRACKETED.findall(text)
    if len(rows) == 1 and not re.search(r"\[\s*\[", text):
        return [line for line in re.split(r"[;\n]", rows[0]) if line.strip()]
    return rows


def _split(line: str) -> list[str]:
    """Return the texts of a row from a script, where a comma separates."""
    return re.split(r"\s*,\s*|\s+", line.strip().rstrip(",").rstrip())


def _plain_rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    for separator in "\t;":
        if separator in text:
            return [[cell.strip() for cell in line.split(separator)] for line in lines]
    lines = [line.strip().rstrip(",").rstrip() for line in lines]
    spaced = any(re.search(r"\s", line) for line in lines)
    loose = any(re.search(r",\s|\s,", line) for line in lines)
    if loose and any(re.search(r"\S,\S", line) for line in lines):
        raise ValueError(
            "Some commas have a space beside them and some have none, so it is not clear which "
            "are decimal commas: separate the numbers by tabs or semicolons."
        )
    one_decimal = len(lines) == 1 and lines[0].count(",") == 1
    if loose or not (spaced or one_decimal):
        return [_split(line) for line in lines]
    return [line.split() for line in lines]


def _number(rows: list[list[str]], i: int, j: int) -> float:
    try:
        return parse_number(rows[i][j])
    except ValueError as error:
        raise ValueError(f"Line {i + 1}, number {j + 1}: {error}") from error


def _count(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers} numbers"
