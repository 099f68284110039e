"""Write all views of an issue as pages that open from disk, without a server or a script, to send to a colleague."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from digest.errors import Refused
from digest.serve.resources import resource
from digest.store.files import disk_errors
from digest.workflow.desk import Desk

WIDTHS = ("320", "375", "600", "full")
PARTS = ("text", "source", "headers", "links")
# An exported mail may be opened by itself, out of its frame: it runs no script there either.
MAIL_RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; form-action 'none'"
TURNED_BACK = "<style>img{filter:invert(1) hue-rotate(180deg)}</style>"  # programs that invert leave photos alone
PICTURES_FROM = "http: https: file: 'self'"


@dataclass(frozen=True, slots=True)
class View:
    """One page of the export."""

    name: str  # of its file, without .html
    group: str  # of views that are named together
    label: str
    width: str = ""  # "" = it does not show the mail in a frame
    colours: str = "light"
    mail: str = "mail"  # the file that its frame shows


VIEWS = (
    View("index", "About", "Findings"),
    *(View(f"{width}-{colours}", colours.capitalize(), width, width, colours) for colours in ("light", "dark") for width in WIDTHS),
    *(View(f"{width}-inverted", "Inverted", width, width, "inverted", "mail-inverted") for width in WIDTHS),
    *(View(f"{width}-images-off", "Images off", width, width, mail="mail-images-off") for width in WIDTHS),
    *(View(part, "Part", part.capitalize()) for part in PARTS),
)


def export(desk: Desk, folder: Path) -> tuple[Path, ...]:
    """The files that were written into the folder, the one to open first. Raises Refused when there is no mail to show."""
    files = dict(exported(desk))
    with disk_errors(folder):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return tuple(folder / name for name in files)


def exported(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """Every file by its name: a page for each view, the mail's parts as they would be sent, and its pictures from disk."""
    state, proof = desk.state(), desk.seen().proof
    if proof is None or proof.email is None:
        raise Refused("There is no mail to export.", faults=(state["fault"],), hint="Mend this first.")
    email = proof.email
    pictures = {address: desk.picture(int(shown.rpartition("/")[2])) for address, shown in state["pictures"].items() if shown}
    files = {address: (f"pictures/{at}{file.suffix.lower()}", file) for at, (address, file) in enumerate(pictures.items()) if file}
    mail = with_pictures(email.html, {address: name for address, (name, _) in files.items()})
    page = _page()
    for view in VIEWS:
        yield f"{view.name}.html", page(view, state, email.html).encode()
    yield "mail.html", framed(mail, PICTURES_FROM).encode()
    yield "mail-inverted.html", framed(mail, PICTURES_FROM, TURNED_BACK).encode()
    yield "mail-images-off.html", framed(mail, "'none'").encode()
    yield "email.html", email.html.encode()
    yield "email.txt", email.text.encode()
    yield f"{desk.issue_id}.eml", desk.eml()
    for name, file in files.values():
        yield name, file.read_bytes()


def with_pictures(mail: str, addresses: Mapping[str, str]) -> str:
    """The mail with each quoted address of a picture on disk turned into where its copy stands."""
    known = {escape(address): name for address, name in addresses.items()}
    if not known:
        return mail
    either = "|".join(re.escape(address) for address in known)
    return re.sub(rf"""(?<=["'(])(?:{either})(?=["')])""", lambda found: known[found[0]], mail)


def framed(mail: str, images: str, more: str = "") -> str:
    """The mail as it stands in a frame: no script, pictures from `images` only, links that open in a new tab; `more` for its head."""
    rules = f'<meta http-equiv="Content-Security-Policy" content="{MAIL_RULES.format(images=images)}"><base target="_blank">'
    return re.sub(r"<head\b[^>]*>", lambda head: head[0] + rules + more, mail, count=1, flags=re.IGNORECASE)


def _page() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        resource("export.html.j2")
    )
    style = resource("export.css")
    known = b64encode(sha256(style.encode()).digest()).decode()
    groups = {group: [view for view in VIEWS if view.group == group] for group in dict.fromkeys(view.group for view in VIEWS)}

    def page(view: View, state: Mapping[str, Any], source: str) -> str:
        return template.render(view=view, state=state, source=source, groups=groups, style=Markup(style), style_hash=known)  # ours

    return page
