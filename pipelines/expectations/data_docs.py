"""Great Expectations' own pages of suites and results, made to stand alone.

They hold counts and the rules' wording. As Great Expectations writes them they fetch styles and
scripts from nine other hosts: a browser would tell those who reads of a municipality's data, and
without network it would show no style and an empty index.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

SITE = "datakvalitet"
LOADED = re.compile(r"<(script|style|footer)\b.*?</\1>|<(?:link|img)\b[^>]*>", re.DOTALL)
STYLE = """<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; padding: 0 1rem;
  max-width: 70rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ccc; padding: .35rem .6rem; text-align: left; vertical-align: top; }
ol, ul { list-style: none; padding: 0; }
.fa-check-circle::before { content: "\\2714"; color: #1a7f37; }
.fa-times::before { content: "\\2718"; color: #b42318; }
.ge-breadcrumbs li, .nav-item { display: inline; margin-right: 1rem; }
.card, [data-toggle="collapse"] { display: none; }
</style></head>"""


def build_data_docs(context: EphemeralDataContext, folder: Path) -> None:
    """Write the pages of every suite and result in `context` into `folder`, `index.html` first.

    Left behind are four megabytes of fonts, logos and moving pictures, which the pages do without.
    """
    # Aside, because Great Expectations would fill in a path that has a dollar sign.
    with TemporaryDirectory() as aside:
        context.add_data_docs_site(
            SITE,
            {
                "class_name": "SiteBuilder",
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": aside},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        context.build_data_docs(site_names=[SITE])
        for page in Path(aside).rglob("*.html"):
            target = folder / page.relative_to(aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            html = LOADED.sub("", page.read_text(encoding="utf-8")).replace("</head>", STYLE)
            target.write_text(html, encoding="utf-8")
    _write_index(folder)


def _write_index(folder: Path) -> None:
    """Replace the index, whose table is empty without scripts, with plain links."""
    found = [
        (page.relative_to(folder).as_posix(), f"{label}: {page.stem.removeprefix('raw-')}")
        for label, part in (("Resultat", "validations"), ("Regler", "expectations"))
        for page in sorted((folder / part).rglob("*.html"))
    ]
    links = "".join(f'<li><a href="{address}">{label}</a></li>' for address, label in found)
    html = f'<!DOCTYPE html><html lang="da"><head><meta charset="utf-8"><title>Datakontrol</title>{STYLE}'
    page = f"{html}<body><h1>Datakontrol</h1><ul>{links}</ul></body></html>"
    (folder / "index.html").write_text(page, encoding="utf-8")
