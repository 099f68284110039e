"""Convert what caniemail.com measured of mail programs into digest/edit/printing/caniemail.toml, the same bytes on every run.

Needs the data, which digest itself does not: `npm pack caniemail@2.0.2 && tar xzf caniemail-2.0.2.tgz`, then
`python docs/convert_caniemail.py package/data/caniemail.json`. A newer version of that package brings newer data.
"""

# ruff: noqa: D103, E501 - a function's name says which part of the file it makes, and a table's rows are long

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "digest" / "edit" / "printing" / "caniemail.toml"

# What no newsletter's HTML or CSS is made of, or what is told by no tag or declaration.
LEFT_OUT = re.compile(r"^(amp|bimi|css-comments|css-selector-.*|css-sytem-ui|html-comments|html-doctype)$")

# How a feature is recognised, where its name alone does not tell. See `signs` in digest/edit/printing/support.py.
SIGNS = {
    "css-animation": "animation animation-name animation-duration",
    "css-at-media-device-pixel-ratio": "@media(-webkit-device-pixel-ratio) @media(-webkit-min-device-pixel-ratio)",
    "css-at-media-hover": "@media(hover) @media(any-hover)",
    "css-background": "background",
    "css-block-inline-size": "block-size inline-size",
    "css-border-inline-block": "border-inline border-block",
    "css-column-layout-properties": "columns column-fill column-rule column-rule-color column-rule-style column-rule-width column-span column-width",
    "css-conic-gradient": "conic-gradient()",
    "css-display-flex": "display:flex display:inline-flex",
    "css-display-grid": "display:grid display:inline-grid",
    "css-display-none": "display:none",
    "css-gap": "gap column-gap row-gap",
    "css-grid-template": "grid-template grid-template-areas grid-template-columns grid-template-rows",
    "css-inert-attribute": "[inert]",
    "css-intrinsic-size": "=fit-content =min-content =max-content",
    "css-left-right-top-bottom": "left right top bottom",
    "css-linear-gradient": "linear-gradient()",
    "css-margin": "margin margin-top margin-right margin-bottom margin-left",
    "css-margin-block-start-end": "margin-block-start margin-block-end",
    "css-margin-inline-block": "margin-inline margin-block",
    "css-margin-inline-start-end": "margin-inline-start margin-inline-end",
    "css-modern-color": "lch() oklch() lab() oklab()",
    "css-padding": "padding padding-top padding-right padding-bottom padding-left",
    "css-padding-block-start-end": "padding-block-start padding-block-end",
    "css-padding-inline-block": "padding-inline padding-block",
    "css-padding-inline-start-end": "padding-inline-start padding-inline-end",
    "css-radial-gradient": "radial-gradient()",
    "css-rgb": "rgb()",
    "css-rgba": "rgba()",
    "css-scroll-snap": "scroll-snap-type scroll-snap-align",
    "css-unit-calc": "calc()",
    "css-unit-initial": "=initial",
    "css-unit-percent": "1%",
    "css-important": "!important",
    "css-variables": "-- var()",
    "html-anchor-links": "[href=#]",
    "html-h1-h6": "<h1> <h2> <h3> <h4> <h5> <h6>",
    "html-image-maps": "<map> [usemap]",
    "html-lists": "<ul> <ol> <dl>",
    "html-loading-attribute": "[loading]",
    "html-mailto-links": "[href=mailto:]",
    "html-meta-color-scheme": "[name=color-scheme]",
    "html-object": "<object> <embed>",
    "html-semantics": "<article> <aside> <details> <figcaption> <figure> <footer> <header> <main> <mark> <nav> <section> <summary> <time>",
    "html-srcset": "[srcset]",
    "image-base64": "[src=data:]",
    "image-jpg": "[src=.jpg] [src=.jpeg]",
    "image-tiff": "[src=.tif] [src=.tiff]",
}
ATTRIBUTES = "align aria-describedby aria-hidden aria-label aria-labelledby aria-live background cellpadding cellspacing dir height hidden lang popover required role target valign width"  # fmt: skip
NAMED_BY_KEYWORDS = ("css-border", "css-border-inline-block-individual", "css-border-inline-block-longhand", "css-border-radius-logical")


def main(source: Path) -> None:
    measured = json.loads(source.read_text("utf-8"))
    features = [feature for feature in measured["data"] if not LEFT_OUT.match(feature["slug"])]
    clients = sorted({client for feature in features for client in answers(feature)})
    lines = [
        *head(measured["last_update_date"][:10]),
        f"programs = {json.dumps(clients)}",
        "",
        "[features]",
        *(row(feature, clients) for feature in features),
    ]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def head(date: str) -> list[str]:
    return [
        "# What mail programs can show, as measured by caniemail.com, converted by docs/convert_caniemail.py. Read by support.py beside it.",
        "#",
        "# A feature has its title; `signs`, by which support.py recognises it; `all`, how many versions of mail programs show it, show it in",
        "# part or with a note, and do not show it; and `now`, a letter for each of `programs` in its latest version: y shows it, a in part,",
        "# n does not, u unknown, - never measured.",
        "#",
        *(f"# {line}".rstrip() for line in LICENCE.splitlines()),
        "",
        f'date = "{date}"',
    ]


def row(feature: Mapping[str, Any], clients: list[str]) -> str:
    measured = answers(feature)
    told = Counter(version for versions in measured.values() for version in versions)
    # As Mailpit counts: a bare y or n, and all else is "partial", also a y with a note and what is unknown.
    counts = [told["y"], told.total() - told["y"] - told["n"], told["n"]]
    now = "".join(measured[client][-1][0] if client in measured else "-" for client in clients)
    title = json.dumps(feature["title"].strip(), ensure_ascii=False)
    return f'{feature["slug"]} = {{ title = {title}, signs = "{signs(feature)}", all = {counts}, now = "{now}" }}'


def answers(feature: Mapping[str, Any]) -> dict[str, list[str]]:
    """Program -> what each of its versions does, the latest last."""
    return {
        f"{family} {platform}": list(versions.values())
        for family, platforms in feature["stats"].items()
        for platform, versions in platforms.items()
        if versions
    }


def signs(feature: Mapping[str, Any]) -> str:
    slug = feature["slug"]
    if slug in SIGNS:
        return SIGNS[slug]
    if slug in NAMED_BY_KEYWORDS:
        return " ".join([*(["border"] if slug == "css-border" else []), *feature["keywords"].split(", ")])
    return next(told for told in _by_name(slug) if told)


def _by_name(slug: str) -> Iterator[str]:
    category, _, name = slug.partition("-")
    if category == "image":
        yield f"[src=.{name}]"
    if category == "html":
        kind = re.fullmatch(r"(input|button)-(\w+)", name)
        yield f"<{kind[1]}[type={kind[2]}]>" if kind else f"[{name}]" if name in ATTRIBUTES.split() else f"<{name}>"
    for start, form in (("at-media-", "@media({})"), ("at-", "@{}"), ("pseudo-class-", ":{}"), ("pseudo-element-", "::{}"),
                        ("unit-", "1{}"), ("function-", "{}()")):  # fmt: skip
        yield form.format(name.removeprefix(start)) if name.startswith(start) else ""
    yield name


LICENCE = """\
MIT License

Copyright (c) 2019 HTeuMeuLeu (https://github.com/hteumeuleu/caniemail)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
