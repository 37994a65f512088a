"""Danish CPR numbers: what is one, and how a text that holds one is hidden.

Source of length, separators, century table and pitfalls: shared/domain/catalogue.yaml, `cpr`.
Modulus 11 is not tested: since 1 October 2007 valid numbers may fail it.
"""

import re
from datetime import date

HIDDEN = "(skjult)"

_DROPPED = str.maketrans("", "", " \t\u00a0.-\u2010\u2011\u2012\u2013\u2014")
_SEPARATOR = "[-. \u00a0\u2010-\u2014]"
_INSIDE = re.compile(f"(?<![0-9])([0-9]{{6}}){_SEPARATOR}?([0-9]{{4}})(?![0-9])")
# As above, with room for a leading zero that Excel took: too common a shape to reject, not to hide.
_INSIDE_SHORT = re.compile(f"(?<![0-9])([0-9]{{5,6}}){_SEPARATOR}?([0-9]{{4}})(?![0-9])")
_REPLACEMENT_DAY = 60  # erstatningspersonnumre: day of birth + 60

# For a quick search through an Arrow column; what it finds is judged by `contains_cpr`.
CANDIDATE = f"[0-9]{{6}}{_SEPARATOR}?[0-9]{{4}}"


def normalise(text: str) -> str | None:
    """Return the ten digits of a CPR number, or None if it is none.

    Blanks, hyphens and dots are dropped, and a leading zero lost in Excel is put back.
    Replacement numbers (day + 60) are accepted.
    """
    digits = text.translate(_DROPPED).rjust(10, "0")
    is_number = len(digits) == 10 and digits.isascii() and digits.isdigit()
    return digits if is_number and _has_date(digits) else None


def lost_zero(text: str) -> bool:
    """Return whether a CPR number was delivered with nine digits, its leading zero lost in Excel."""
    return len(text.translate(_DROPPED)) == 9


def contains_cpr(text: str) -> bool:
    """Return whether a CPR number with a real date stands anywhere in the text."""
    return any(_has_date(m[1] + m[2]) for m in _INSIDE.finditer(text))


def conceal(text: str) -> str:
    """Return the text with everything that looks like a CPR number replaced by `HIDDEN`."""
    return _INSIDE_SHORT.sub(lambda m: HIDDEN if _has_date((m[1] + m[2]).rjust(10, "0")) else m[0], text)


def _has_date(digits: str) -> bool:
    day, month, year = int(digits[:2]), int(digits[2:4]), _year(int(digits[4:6]), int(digits[6]))
    try:
        date(year, month, day - _REPLACEMENT_DAY if day > _REPLACEMENT_DAY else day)
    except ValueError:
        return False
    return True


def _year(year_of_century: int, seventh: int) -> int:
    if seventh <= 3:
        return 1900 + year_of_century
    if seventh in (4, 9):
        return (2000 if year_of_century <= 36 else 1900) + year_of_century
    return (2000 if year_of_century <= 57 else 1800) + year_of_century
