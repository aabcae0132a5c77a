"""The built pages as a reader's browser sees them: links, figures, requests, identifiers."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# What a browser fetches by itself, in contrast to a link that somebody clicks.
FETCHED = dict.fromkeys(("script", "img", "iframe", "source", "video", "audio", "embed"), "src")
FETCHED |= {"object": "data", "link": "href"}
FETCHING_LINKS = {
    "stylesheet",
    "preload",
    "icon",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}


def faults_of_site(html: Path) -> list[str]:
    """Every fault of every page under ``html``."""
    pages = {
        path: BeautifulSoup(path.read_text("utf8"), "html.parser")
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.relative_to(html).parts
    }
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    faults = []
    for path, page in pages.items():
        name = path.relative_to(html)
        found = foreign_requests(page) + missing_alt_texts(page) + repeated_identifiers(page)
        found += broken_links(path, page, html, anchors)
        faults += [f"{name}: {fault}" for fault in found]
    return faults + foreign_styles(html)


def is_foreign(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https")


def foreign_requests(page: BeautifulSoup) -> list[str]:
    """Scripts, styles, images, fonts and frames that would be fetched from another server."""
    faults = []
    for tag, attribute in FETCHED.items():
        for node in page.find_all(tag):
            if tag == "link" and not FETCHING_LINKS & set(node.get("rel", [])):
                continue
            addresses = [node.get(attribute, "")] + [
                part.split()[0] for part in node.get("srcset", "").split(",") if part
            ]
            faults += [
                f"<{tag}> asks another server for {address}" for address in addresses if is_foreign(address)
            ]
    for style in page.find_all("style"):
        faults += [
            f"a style asks another server for {a}"
            for a in _style_addresses(style.get_text())
            if is_foreign(a)
        ]
    return faults


def foreign_styles(html: Path) -> list[str]:
    """Fonts, images and imports of the style sheets."""
    return [
        f"{path.relative_to(html)}: asks another server for {address}"
        for path in sorted(html.rglob("*.css"))
        for address in _style_addresses(path.read_text("utf8", errors="replace"))
        if is_foreign(address)
    ]


def _style_addresses(css: str) -> list[str]:
    return re.findall(r"url\(\s*['\"]?([^'\")]+)", css) + re.findall(r"@import\s+['\"]([^'\"]+)", css)


def missing_alt_texts(page: BeautifulSoup) -> list[str]:
    """Images and moving figures without words for those who cannot see them."""
    faults = []
    for image in page.find_all("img"):
        alt, source = image.get("alt", "").strip(), image.get("src", "")
        if not alt or alt in source or len(alt) < 10:
            faults.append(f"the image {source} has the alt text {alt!r}, expected a sentence")
    for figure in page.select(".moving-figure-plot"):
        if len(figure.get("aria-label", "")) < 10:
            faults.append("a moving figure has no text alternative")
    return faults


def repeated_identifiers(page: BeautifulSoup) -> list[str]:
    counts = Counter(tag["id"] for tag in page.find_all(id=True) if not tag.find_parent("svg"))
    return [f"the id {name!r} stands {n} times" for name, n in counts.items() if n > 1]


def broken_links(path: Path, page: BeautifulSoup, html: Path, anchors: dict[Path, set]) -> list[str]:
    """Links inside the book that lead to no page or to no place on it."""
    faults = []
    for link in page.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if target.is_dir():
            target = target / "index.html"
        if not target.exists() or not target.is_relative_to(html):
            faults.append(f"a link leads to {link['href']}, which does not exist")
        elif parts.fragment and target in anchors and unquote(parts.fragment) not in anchors[target]:
            faults.append(f"a link leads to {link['href']}, but that page has no such place")
    return faults
