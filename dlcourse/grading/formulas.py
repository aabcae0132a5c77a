"""Formulas as MathML, which browsers show by themselves: no program comes with a page."""

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

TAGS = {
    *(
        "math",
        "merror",
        "mfrac",
        "mi",
        "mmultiscripts",
        "mn",
        "mo",
        "mover",
        "mpadded",
        "mphantom",
        "mprescripts",
    ),
    *(
        "mroot",
        "mrow",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
    ),
    *("munder", "munderover", "none"),
}
ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "depth", "display", "displaystyle", "fence", "form", "height"),
    *("largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rowlines"),
    *("rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"),
}
VALUE = re.compile(r"[\w .+%-]{0,60}")
LONGEST = 5000
DEEPEST = 100


def mathml(latex: str, display: bool) -> str:
    """The formula, or its text where it cannot be read. Only elements and attributes of layout."""
    shown = "block" if display else "inline"
    try:
        if len(latex) > LONGEST or _depth(latex) > DEEPEST:
            raise ValueError("too long or too deep")
        # What latex2mathml knows under another name only.
        known = re.sub(r"\\(begin|end){aligned}", r"\\\1{align*}", latex)
        known = re.sub(r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}", known)
        found = convert_to_element(known, display=shown)
        return ElementTree.tostring(_clean(found), encoding="unicode", short_empty_elements=False)
    except Exception:  # whatever hostile text makes the converter stumble over
        return f"<code>{html.escape(latex)}</code>"


def _depth(latex: str) -> int:
    depth = deepest = 0
    for sign in latex:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    return deepest


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    name = element.tag if element.tag in TAGS else "mrow"
    kept = {k: v for k, v in element.attrib.items() if k in ATTRIBUTES and VALUE.fullmatch(v)}
    clean = ElementTree.Element(name, kept)
    clean.text = html.unescape(element.text or "")  # the converter writes signs as references
    clean.extend(_clean(child) for child in element)
    return clean
