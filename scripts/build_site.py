"""Builds the documentation site in build/site from the Markdown of the repository. Needs the extra `docs`.

python scripts/build_site.py

In the repository, pages are where readers expect them: README.md, docs/, and the page of a rule next to its
code. This script copies them into one folder, adapts the links, and runs Zensical, the successor of Material
for MkDocs by the same authors. `--strict` fails on broken links and anchors.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from wandblint.app import registry

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
PAGES = BUILD / "pages"

SECTIONS: dict[str, tuple[str, ...]] = {
    "Use": ("getting-started", "ways-of-use", "bugs"),
    "How it works": ("how-it-thinks", "performance", "reliability", "wandb-semantics", "comparison"),
}
"""The order of the pages of docs/ in the navigation. Pages without a section are listed under Use."""

LINK = re.compile(r"\[([^\[\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
PICTURES = (".svg", ".png", ".json")
"""Files in docs/ that pages show or link to."""

STYLE = ROOT / "scripts" / "site.css"
SCRIPT = ROOT / "scripts" / "site.js"

EXTENSIONS: dict[str, dict[str, object]] = {
    "admonition": {},
    "attr_list": {},
    "md_in_html": {},
    "tables": {},
    "toc": {"permalink": True},
    # Without an anchor per line: a keyboard and a screen reader would stop at every line of code.
    "pymdownx.highlight": {"anchor_linenums": False, "pygments_lang_class": True},
    "pymdownx.magiclink": {},
    "pymdownx.superfences": {"custom_fences": [{"name": "mermaid", "class": "mermaid"}]},
}
"""What the Markdown of the pages uses, a part of Zensical's defaults."""

FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*?$", re.MULTILINE | re.DOTALL)


def sources() -> dict[str, str]:
    """The path of every page in the repository, and its path on the site."""
    pages = {
        "README.md": "index.md",
        "CONTRIBUTING.md": "contributing.md",
        "SECURITY.md": "security.md",
        "CHANGELOG.md": "changelog.md",
        "examples/bugs/README.md": "bugs.md",
        "docs/rules.md": "rules/index.md",
    }
    for path in sorted((ROOT / "docs").glob("*.md")):
        pages.setdefault(f"docs/{path.name}", path.name)
    for rule in registry.rules():
        pages[f"rules/{module(rule.name)}.md"] = f"rules/{rule.name}.md"
    return {source: target for source, target in pages.items() if (ROOT / source).exists()}


def module(name: str) -> str:
    """The module of a rule."""
    return name.replace("-", "_")


def adapt_links(text: str, source: str, pages: dict[str, str]) -> str:
    """Adapts the links of a page to the site; a link to a file that is not on the site becomes text."""
    parts = []
    end = 0
    for fence in FENCE.finditer(text):
        parts += [_adapt_prose(text[end : fence.start()], source, pages), fence[0]]
        end = fence.end()
    return "".join([*parts, _adapt_prose(text[end:], source, pages)])


def _adapt_prose(text: str, source: str, pages: dict[str, str]) -> str:
    def adapt(link: re.Match[str]) -> str:
        label, target, anchor = link[1], link[2], link[3] or ""
        if "://" in target:
            return link[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        page = pages.get(file, posixpath.basename(file) if file.endswith(PICTURES) else None)
        if page is None:
            return label
        return f"[{label}]({posixpath.relpath(page, posixpath.dirname(pages[source]) or '.')}{anchor})"

    return LINK.sub(adapt, text)


def navigation(pages: dict[str, str]) -> list[dict[str, object]]:
    """The table of contents."""
    listed = {page for section in SECTIONS.values() for page in section}
    in_docs = [p.removesuffix(".md") for s, p in pages.items() if s.startswith("docs/") and "/" not in p]
    sections: list[dict[str, object]] = [{"wandblint": "index.md"}]
    for title, names in SECTIONS.items():
        others = [page for page in in_docs if page not in listed] if title == "Use" else []
        in_section = [f"{page}.md" for page in (*names, *others) if f"{page}.md" in pages.values()]
        sections.append({title: in_section})
    rules = [{f"{rule.code} {rule.name}": f"rules/{rule.name}.md"} for rule in registry.rules()]
    sections.insert(2, {"Rules": ["rules/index.md", *rules]})
    contribute = [
        page for page in ("contributing.md", "security.md", "changelog.md") if page in pages.values()
    ]
    return [*sections, {"Contribute": contribute}]


def settings(pages: dict[str, str]) -> dict[str, object]:
    """The configuration of Zensical."""
    palettes = [
        {"media": "(prefers-color-scheme)", "toggle": {"icon": "lucide/sun-moon", "name": "Light"}},
        {
            "media": "(prefers-color-scheme: light)",
            "scheme": "default",
            "toggle": {"icon": "lucide/sun", "name": "Dark"},
        },
        {
            "media": "(prefers-color-scheme: dark)",
            "scheme": "slate",
            "toggle": {"icon": "lucide/moon", "name": "As the system"},
        },
    ]
    features = ["content.code.copy", "navigation.footer", "navigation.indexes", "navigation.path"]
    features += ["navigation.top", "navigation.tracking", "search.highlight"]
    return {
        "project": {
            "site_name": "wandblint",
            "site_description": "Says before the run what your Weights & Biases dashboard will lack.",
            "docs_dir": "pages",
            "site_dir": "site",
            "use_directory_urls": False,
            "nav": navigation(pages),
            # No fonts from the web: the site works from a folder.
            "theme": {"font": False, "features": features, "palette": palettes},
            "markdown_extensions": EXTENSIONS,
            "extra_css": [STYLE.name],
            "extra_javascript": [SCRIPT.name],
        }
    }


def copy_pages(pages: dict[str, str]) -> None:
    """Copies the pages and pictures into build/pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for source, target in pages.items():
        file = PAGES / target
        file.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / source).read_text(encoding="utf-8")
        file.write_text(adapt_links(text, source, pages), encoding="utf-8")
    pictures = [file for file in (ROOT / "docs").iterdir() if file.name.endswith(PICTURES)]
    for file in (*pictures, STYLE, SCRIPT):
        shutil.copy(file, PAGES)


def main() -> int:
    """Builds the site and returns Zensical's exit code."""
    pages = sources()
    copy_pages(pages)
    config = BUILD / "zensical.toml"
    config.write_bytes(msgspec.toml.encode(settings(pages)))
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(config)]
    return subprocess.run(command, cwd=BUILD, env={**os.environ, "NO_COLOR": "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
