"""The report's Danish texts, looked up by key and filled in."""

import tomllib
from pathlib import Path
from typing import Any

from pipelines.reports import danish

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"


class Texts:
    """`texts_da.toml` as a lookup: dotted key in, finished Danish text out.

    A text may be a table with `one` and `many`, chosen by `count`; such a text
    may use {count} and {Count}, the number as a word up to twelve.
    """

    def __init__(self, path: Path = TEMPLATES / "texts_da.toml") -> None:
        self._tree: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))

    def __call__(self, key: str, **values: object) -> str:
        """Return one text; KeyError if the key or a value it needs is missing."""
        return str(self._node(key)).format(**values)

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return the text in singular or plural for `count`."""
        word = self.word(count)
        form = self._node(key)["one" if count == 1 else "many"]
        return str(form.format(count=word, Count=word[:1].upper() + word[1:], **values))

    def items(self, key: str, **values: object) -> list[str]:
        """Return a list of texts."""
        return [str(text).format(**values) for text in self._node(key)]

    def has(self, key: str) -> bool:
        """Say whether there is a text by this key."""
        try:
            self._node(key)
        except KeyError:
            return False
        return True

    def terms(self, key: str) -> list[dict[str, str]]:
        """Return a list of {term, plain}."""
        return [dict(term) for term in self._node(key)]

    def word(self, count: int) -> str:
        """Return a count as a word up to twelve, then in digits with thousands points."""
        words = self._node("number_words")
        return str(words[count]) if count < len(words) else f"{count:,}".replace(",", ".")

    def measured(self, written: str, unit: str) -> str:
        """Return a written number with its unit, in the singular after 1: "1 niveau", "0,5 niveauer"."""
        singular = self._node("singular").get(unit, unit)
        is_one = written.lstrip("+" + danish.MINUS) == "1"
        return f"{written}{danish.HARD_SPACE}{singular if is_one else unit}" if unit else written

    def _node(self, key: str) -> Any:
        node: Any = self._tree
        for part in key.split("."):
            node = node[part]
        return node
