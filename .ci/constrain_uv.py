"""Copy the locks' versions into pyproject.toml, where `uv run` (Windows) looks for them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN, END = "# --- versions of the locks, written by `make lock` ---\n", "# --- end ---\n"


def locked_versions() -> list[str]:
    """Return every `name==version ; marker` of the locks, sorted."""
    pinned = set()
    for lock in ROOT.glob("requirements*.lock"):
        for line in lock.read_text(encoding="utf-8").splitlines():
            if match := re.match(r"^([a-z0-9][\w.-]*)(?:\[.*?\])?(==\S+)(?: ; (.*?))? \\$", line):
                package, version, marker = match.groups()
                pinned.add(f"{package}{version}" + (f" ; {marker}" if marker else ""))
    return sorted(pinned)


def main() -> None:
    """Rewrite the marked block of pyproject.toml."""
    path = ROOT / "pyproject.toml"
    text = path.read_text(encoding="utf-8").partition(BEGIN)[0].rstrip("\n")
    lines = "".join(
        f"  {line!r},\n".replace("'", '"') if "'" not in line else f'  "{line}",\n'
        for line in locked_versions()
    )
    block = f"\n\n{BEGIN}[tool.uv]\nconstraint-dependencies = [\n{lines}]\n{END}"
    path.write_text(text + block, encoding="utf-8")


if __name__ == "__main__":
    main()
