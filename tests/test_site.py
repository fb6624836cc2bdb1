"""The site's pages: the repository's Markdown with rewritten links."""

from __future__ import annotations

import pytest

import build_site

PAGES = {
    "README.md": "index.md",
    "docs/rules.md": "rules/index.md",
    "docs/how-it-thinks.md": "how-it-thinks.md",
    "rules/reinit_bool.md": "rules/reinit-bool.md",
}


@pytest.mark.parametrize(
    ("source", "text", "adapted"),
    [
        ("README.md", "[a](docs/how-it-thinks.md#reach)", "[a](how-it-thinks.md#reach)"),
        ("docs/rules.md", "[a](../rules/reinit_bool.md)", "[a](reinit-bool.md)"),
        ("rules/reinit_bool.md", "[a](../README.md)", "[a](../index.md)"),
        ("README.md", "![what it prints](docs/demo.svg)", "![what it prints](demo.svg)"),
        ("docs/rules.md", "![what it prints](demo.svg)", "![what it prints](../demo.svg)"),
        ("README.md", "[a](https://example.com/x.md)", "[a](https://example.com/x.md)"),
        ("README.md", "[the loader](scripts/load.py) loads", "the loader loads"),
        ("README.md", "ignore[WB101] stays", "ignore[WB101] stays"),
        ("README.md", "```python\nx[a](docs/rules.md)\n```", "```python\nx[a](docs/rules.md)\n```"),
    ],
)
def test_links_follow_their_pages(source: str, text: str, adapted: str) -> None:
    assert build_site.adapt_links(text, source, PAGES) == adapted


def test_every_page_is_in_the_navigation() -> None:
    pages = build_site.sources()
    navigation = str(build_site.navigation(pages))
    assert [target for target in pages.values() if navigation.count(f"'{target}'") != 1] == []
