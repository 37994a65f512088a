"""How easy a Danish text is to read: LIX (Björnsson 1968) of its running text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

LONG = 6
NUMBER = re.compile(r"[+−]?\d+(?:[.,]\d+)*(?:\.(?=\s+[a-zæøå]))?(?:\s*%)?")
END = re.compile(r"[.!?]+(?:\s|$)|[.!?]*:\s*$")


def sentences(text: str) -> list[str]:
    """Return a text's sentences; a colon ends one only where the text itself ends."""
    return [part for part in (part.strip() for part in END.split(text)) if re.search(r"\w", part)]


def words(text: str) -> list[str]:
    """Return a text's words without punctuation; what is joined by a hyphen is one."""
    return re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", text)


def lix(texts: Iterable[str]) -> float:
    """Return words per sentence plus the percentage of words of more than six letters."""
    found = [words(sentence) for text in texts for sentence in sentences(text)]
    every = [word for sentence in found for word in sentence]
    long = sum(len(word) > LONG for word in every)
    return len(every) / len(found) + 100 * long / len(every) if every else 0.0


def without_numbers(text: str) -> str:
    """Return the text without its numbers, whose points would end sentences."""
    return re.sub(r"\s+", " ", NUMBER.sub("", text)).strip()


def running(model: Mapping[str, Any]) -> list[str]:
    """Return the citizens' pages as running text: no headings, figures, names of support or numbers."""
    said = [*model["intro"]]
    for block in (block for section in model["sections"] for block in section["blocks"]):
        said += _said(block)
    return [without_numbers(text) for text in said]


def leaders(model: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the leaders' front page, and with it all running text: no headings, tables or numbers."""
    front = model["front"]
    first = [front["headline"], *front["sentences"]]
    first += [text for part in ("decide", "cannot") for text in front[part]["items"]]
    blocks = [block for section in model["sections"] for block in section["blocks"]]
    rest = [block["text"] for block in blocks if block["kind"] == "text"]
    rest += [item for block in blocks if block["kind"] == "list" for item in block["items"]]
    first = [without_numbers(text) for text in first]
    return first, [*first, *(without_numbers(text) for text in rest)]


def aloud(model: Mapping[str, Any]) -> list[str]:
    """Return everything that is read aloud, in order, names and labels too."""
    said = [model["headline"], *model["intro"]]
    for section in model["sections"]:
        said.append(section["title"])
        for block in section["blocks"]:
            said += _whole(block)
    return [*said, model["more"]["text"], *model["foot"]]


def _said(block: Mapping[str, Any]) -> list[str]:
    kind = block["kind"]
    if kind in ("text", "named"):
        return [block["text"]]
    if kind == "where":
        return [item["text"] for item in block["items"]]
    return [] if kind != "list" or block.get("is_named") else list(block["items"])


def _whole(block: Mapping[str, Any]) -> list[str]:
    kind = block["kind"]
    if kind == "named":
        return [f"{block['text']} {block['names']}."]
    if kind == "array":
        return [block["alt"], *(item["text"] for item in block["legend"])]
    if kind == "asked":
        return [
            text
            for item in block["items"]
            for text in (f"{item['number']} {item['text']}.", item["alt"], *item["notes"])
        ]
    if kind == "where":
        return [text for item in block["items"] for text in (item["title"], item["text"])]
    return list(block["items"]) if kind == "list" else [block["text"]]
