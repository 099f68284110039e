"""Opens a digest.toml as a newsroom: its settings, what it keeps, and the templates it prints with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

from digest.audience.keys import Keys, read_keys
from digest.config import parse_config
from digest.errors import ConfigError, StoreError, TemplateError
from digest.gather.http import EVERYDAY, Rules, Web
from digest.model import Edition, Settings, WebSettings
from digest.store.addresses import Addresses
from digest.store.database import Database
from digest.store.issues import Issues
from digest.store.ledger import Ledger
from digest.store.notices import Notices
from digest.store.stories import Stories
from digest.store.subscribers import Subscribers

CONFIG = "digest.toml"
KEYS = "digest.keys"
KEYS_VARIABLE = "DIGEST_KEYS"  # holds the text of the keys where no file is wanted
SENDING = ".digest"  # the folder of what a running send remembers
OWN_THEME = "theme.newsroom.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """One digest.toml with its sources, themes, store and issues."""

    root: Path
    settings: Settings
    stories: Stories
    issues: Issues
    subscribers: Subscribers
    ledger: Ledger
    addresses: Addresses
    notices: Notices

    @property
    def templates(self) -> Mapping[str, str]:
        """Template names to texts, read afresh: the shipped ones, each shadowed by a file of the same name in the newsroom's folder.

        The newsroom's theme.toml does not shadow: it changes single tokens of the shipped one.
        """
        own = _texts(self.root / self.settings.templates)
        if "theme.toml" in own:
            own[OWN_THEME] = own.pop("theme.toml")
        return {**shipped_templates(), **own}

    @property
    def keys(self) -> Keys:
        """The newsroom's keys, read afresh: from the environment, else from digest.keys.

        Raises ConfigError when there are none, when they are faulty, or when others on the machine can read the file.
        """
        return _keys(self.root)

    def web(self) -> Web:
        """A way to the web, as far as digest.toml lets it go. Close it."""
        return Web(_rules(self.settings.web), public_url=self.settings.masthead.public_url or self.settings.masthead.site)

    def edition(self, rhythm: str, name: str = "") -> Edition:
        """The edition called `name`, or the first with this rhythm ("" = any). Raises ConfigError when there is none."""
        editions = self.settings.editions
        for edition in editions:
            if edition.name == name or (not name and rhythm in ("", edition.rhythm)):
                return edition
        wanted = f"called {name}" if name else f"with the rhythm {rhythm!r}"
        known = ", ".join(f"{edition.name} ({edition.rhythm})" for edition in editions)
        raise ConfigError(f"{CONFIG} has no edition {wanted}.", hint=f"There are: {known}.")


def open_newsroom(start: Path) -> Newsroom:
    """The newsroom in `start` or the nearest folder above it. Raises ConfigError when there is none or its digest.toml is faulty."""
    root = _root(start)
    if root is None:
        raise ConfigError(f"There is no {CONFIG} in {start} or above it.", hint="Make a newsroom with: digest init DIR")
    settings = parse_config(_read(root / CONFIG), where=CONFIG)
    database = Database(root / settings.store)
    return Newsroom(
        root=root,
        settings=settings,
        stories=Stories(database),
        issues=Issues(root / settings.issues, database),
        subscribers=Subscribers(database, lambda: _keys(root).suppression),
        ledger=Ledger(database, root / SENDING),
        addresses=Addresses(database),
        notices=Notices(database),
    )


def rules_around(start: Path) -> Rules:
    """How far the newsroom around a folder goes for an address, where there is one. Raises ConfigError when its digest.toml is faulty."""
    return _rules(open_newsroom(start).settings.web) if _root(start) else EVERYDAY


def _rules(web: WebSettings) -> Rules:
    return replace(EVERYDAY, allowed=tuple(map(ip_network, web.allow)), ports=EVERYDAY.ports.union(web.ports), pause=web.pause)


def reread(newsroom: Newsroom) -> Newsroom:
    """The newsroom with digest.toml as it stands now; its stores stay as they were opened. Raises ConfigError."""
    return replace(newsroom, settings=parse_config(_read(newsroom.root / CONFIG), where=CONFIG))


def shipped_templates() -> Mapping[str, str]:
    """The templates that come with digest, from the installed package or from a checkout beside it."""
    package = Path(__file__).parent
    folder = next((place for place in (package / "templates", package.parent / "templates") if place.is_dir()), None)
    if folder is None:
        raise TemplateError("The shipped templates are missing.", hint="Install headline-digest again.")
    return _texts(folder)


def shipped_sample() -> Path:
    """The folder of the sample newsroom."""
    return Path(__file__).parent / "sample"


def _root(start: Path) -> Path | None:
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / CONFIG).is_file()), None)


def _texts(folder: Path) -> dict[str, str]:
    """Every text file of a folder by its relative name with forward slashes; {} when there is no such folder."""
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): _read(path) for path in names if path.suffix in (".j2", ".css", ".toml", ".txt", ".html")}


def _keys(root: Path) -> Keys:
    if text := os.environ.get(KEYS_VARIABLE):
        return read_keys(text, where=KEYS_VARIABLE)
    path = root / KEYS
    if not path.exists():
        raise ConfigError(f"There is no {KEYS} in {root}.", hint=f"Make it with: digest init {root}")
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others on this machine.", hint=f"Take that away with: chmod 600 {path}")
    return read_keys(_read(path), where=KEYS)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", hint="Save it again as UTF-8.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.", hint="Look at its permissions.") from error
