"""Number words, both ways: “five” to 5 and 5 to “five”."""

from typing import Final

UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 10**9}

WORDS: Final[dict[str, int]] = {
    **{word: value for value, word in enumerate(UNITS)},
    **TENS,
    **{
        f"{tens}-{UNITS[unit]}": value + unit
        for tens, value in TENS.items()
        for unit in range(1, 10)
    },
    "single": 1, "double": 2, "triple": 3, "both": 2, "couple": 2, "pair": 2, "dozen": 12,
    "no": 0, "none": 0, "without": 0, "zero": 0,
}  # fmt: skip
"""Words that stand for one exact number. “A few” and “several” are not exact, so not here."""


def number_word(value: int) -> str:
    """The English word for 0..99; digits above that. Raises ValueError below 0."""
    if value < 0:
        raise ValueError(f"No word for {value}.")
    if value < len(UNITS):
        return UNITS[value]
    if value < 100:
        tens = next(word for word, amount in TENS.items() if amount == value // 10 * 10)
        return tens if value % 10 == 0 else f"{tens}-{UNITS[value % 10]}"
    return str(value)
