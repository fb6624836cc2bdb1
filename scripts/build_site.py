"""The documentation as a site in build/site, from the Markdown of the repository. Needs the extra `docs`.

python scripts/build_site.py

Pages lie where readers of the repository look for them: README.md, docs/, and the page of a rule beside its
code. Here they are laid together, each link turned to where its page went, and built with Zensical, the
successor of Material for MkDocs by the same authors. `--strict` fails on links and anchors that lead nowhere.
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
    "How it works": ("how-it-thinks", "performance", "wandb-semantics", "comparison"),
}
"""The order of the pages of docs/ in the navigation. A page that no section names stands under Use."""

LINK = re.compile(r"\[([^\[\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
PICTURES = (".svg", ".png", ".json")
"""What the pages show or offer beside Markdown; it lies in docs/."""

FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*?$", re.MULTILINE | re.DOTALL)


def sources() -> dict[str, str]:
    """Every page: its file in the repository, and its place on the site."""
    pages = {
        "README.md": "index.md",
        "CONTRIBUTING.md": "contributing.md",
        "CHANGELOG.md": "changelog.md",
        "examples/bugs/README.md": "bugs.md",
        "docs/rules.md": "rules/index.md",
    }
    for path in sorted((ROOT / "docs").glob("*.md")):
        pages.setdefault(f"docs/{path.name}", path.name)
    for rule in registry.rules():
        pages[f"rules/{module(rule.name)}.md"] = f"rules/{rule.name}.md"
    return {source: place for source, place in pages.items() if (ROOT / source).exists()}


def module(name: str) -> str:
    """The file of a rule, without its suffix."""
    return name.replace("-", "_")


def turned(text: str, source: str, pages: dict[str, str]) -> str:
    """A page whose links lead to where their pages went. Code is left alone; a link to a file that is no
    page keeps its words."""
    parts = []
    end = 0
    for fence in FENCE.finditer(text):
        parts += [_turned(text[end : fence.start()], source, pages), fence[0]]
        end = fence.end()
    return "".join([*parts, _turned(text[end:], source, pages)])


def _turned(text: str, source: str, pages: dict[str, str]) -> str:
    def new(link: re.Match[str]) -> str:
        words, target, anchor = link[1], link[2], link[3] or ""
        if "://" in target:
            return link[0]
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        place = pages.get(meant, posixpath.basename(meant) if meant.endswith(PICTURES) else None)
        if place is None:
            return words
        return f"[{words}]({posixpath.relpath(place, posixpath.dirname(pages[source]) or '.')}{anchor})"

    return LINK.sub(new, text)


def navigation(pages: dict[str, str]) -> list[dict[str, object]]:
    """The table of contents."""
    named = {page for section in SECTIONS.values() for page in section}
    others = [p.removesuffix(".md") for s, p in pages.items() if s.startswith("docs/") and "/" not in p]
    sections: list[dict[str, object]] = [{"wandblint": "index.md"}]
    for title, wanted in SECTIONS.items():
        more = [page for page in others if page not in named] if title == "Use" else []
        here = [f"{page}.md" for page in (*wanted, *more) if f"{page}.md" in pages.values()]
        sections.append({title: here})
    rules = [{f"{rule.code} {rule.name}": f"rules/{rule.name}.md"} for rule in registry.rules()]
    sections.insert(2, {"Rules": ["rules/index.md", *rules]})
    contribute = [page for page in ("contributing.md", "changelog.md") if page in pages.values()]
    return [*sections, {"Contribute": contribute}]


def settings(pages: dict[str, str]) -> dict[str, object]:
    """What Zensical is told."""
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
        }
    }


def lay(pages: dict[str, str]) -> None:
    """Lays the pages and pictures together in build/pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for source, place in pages.items():
        target = PAGES / place
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / source).read_text(encoding="utf-8")
        target.write_text(turned(text, source, pages), encoding="utf-8")
    for file in (ROOT / "docs").iterdir():
        if file.name.endswith(PICTURES):
            shutil.copy(file, PAGES)


def main() -> int:
    """Builds the site; the exit code is Zensical's."""
    pages = sources()
    lay(pages)
    config = BUILD / "zensical.toml"
    config.write_bytes(msgspec.toml.encode(settings(pages)))
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(config)]
    return subprocess.run(command, cwd=BUILD, env={**os.environ, "NO_COLOR": "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
