"""The report's Danish texts, looked up by key and filled in."""

import tomllib
from pathlib import Path
from typing import Any

from pipelines.reports import danish

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates"
REPORT = tuple(TEMPLATES / f"{name}_da.toml" for name in ("texts", "decision", "strategies"))


class Texts:
    """The texts as a lookup: dotted key in, finished Danish text out.

    A text may be a table with `one` and `many`, chosen by `count`; such a text
    may use {count} and {Count}, the number as a word up to twelve.
    """

    def __init__(self, *paths: Path) -> None:
        """Read the files, or the report's; a section of a later file takes the place of an earlier."""
        self._tree: dict[str, Any] = {}
        for path in paths or REPORT:
            self._tree |= tomllib.loads(path.read_text(encoding="utf-8"))

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

    def keys(self, key: str) -> list[str]:
        """Return the keys of a section in the file's order; none if there is no such section."""
        return list(self._node(key)) if self.has(key) else []

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
