"""What a digest.toml may say, and every fault of one that says something else."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.errors import ConfigError
from digest.model import Edition, Masthead, NotifySettings, Ranking, Settings, Source, Theme, TransportSettings, WebSettings

REQUIRED = object()
WEBHOOK_VARIABLE = "DIGEST_NOTIFY_WEBHOOK"  # wins over notify.webhook
USUAL = Ranking()
Table = Mapping[str, Any]


def parse_config(text: str, *, where: str) -> Settings:
    """Read the text of a digest.toml. `where` names the file in messages.

    Raises ConfigError that lists every fault of the file, each with its key path.
    """
    try:
        raw = tomllib.loads(text.removeprefix("\ufeff"))  # some editors write a mark before the text
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}.", hint="Mend that line; text values stand in double quotes.") from error
    faults = [f"{name}: no such table{_near(name, TABLES)}" for name in raw if name not in TABLES]
    newsroom = _read("newsroom", raw.get("newsroom", {}), faults)
    sources = [_read(f"source[{at}]", table, faults) for at, table in enumerate(_listed(raw, "source", faults))]
    editions = {name: _read(f"editions.{name}", table, faults) for name, table in _named(raw, "editions", faults).items()}
    themes = {key: _read(f"themes.{key}", table, faults) for key, table in _named(raw, "themes", faults).items()}
    transport = _read("transport", raw["transport"], faults) if "transport" in raw else None
    web, notify, ranking = (_read(name, raw.get(name, {}), faults) for name in ("web", "notify", "ranking"))
    together = _belongs_together(sources, editions, themes, transport)
    faults += [fault for fault in together if not any(known.startswith(fault.partition(":")[0]) for known in faults)]
    if faults:
        count = f"{len(faults)} fault" + "s" * (len(faults) > 1)
        raise ConfigError(f"{where} has {count}.", faults=tuple(faults), hint="Every key is explained in the README, “digest.toml”.")
    house = {name: newsroom.pop(name) for name in ("zone", "look", "inliner", "issues", "store", "templates", "seed_list")}
    return Settings(
        masthead=Masthead(**newsroom),
        sources=tuple(Source(**source) for source in sources),
        editions=_editions(editions),
        themes=tuple(Theme(key=key, **theme) for key, theme in themes.items()),
        transport=TransportSettings(**{name: value for name, value in transport.items() if value is not None}) if transport else None,
        web=WebSettings(**web),
        notify=NotifySettings(**notify),
        ranking=Ranking(**ranking),
        **house,
    )


def is_web_address(address: str) -> bool:
    """Whether it is an https address, or one of this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")))


def webhook_of(settings: NotifySettings, environment: Mapping[str, str]) -> str:
    """The address of the webhook, which is a secret; "" when there is none."""
    return environment.get(WEBHOOK_VARIABLE, "").strip() or settings.webhook


def webhook_host(address: str) -> str:
    """What may be said of a webhook's address; "" when it cannot be used."""
    return urlsplit(address).hostname or "" if is_web_address(address) else ""


# --- what a value may be: each takes the value and returns it, or raises ValueError with what was expected


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\n" in value.strip():
        raise ValueError("expects one line of text in quotes")
    return value.strip()


def _utm(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.~-]{1,60}", value, re.ASCII):
        raise ValueError("expects a short name of letters, digits and -")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError('expects a list of texts, such as ["one", "two"]')
    return tuple(one.strip() for one in value)


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('expects a time zone such as "America/New_York"') from error


def _https(value: Any) -> str:
    address = _text(value)
    if urlsplit(address).scheme != "https" or not urlsplit(address).hostname:
        raise ValueError("expects an address that starts with https://")
    return address.rstrip("/")


def _mailbox(value: Any) -> str:
    name, address = parseaddr(_text(value))
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
        raise ValueError('expects a mailbox such as "Daily Headlines <news@example.com>"')
    return f"{name} <{address}>" if name else address


def _address(value: Any) -> str:
    mailbox = _mailbox(value)
    if "<" in mailbox:
        raise ValueError('expects an address such as "leave@example.com"')
    return mailbox


def _host(value: Any) -> str:
    host = _text(value)
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
        raise ValueError('expects the name of a mail server, such as "smtp.example.com"')
    return host


def _web(value: Any) -> str:
    address = _text(value)
    if not is_web_address(address):
        raise ValueError("expects an address that starts with https://")
    return address.rstrip("/")


def _webhook(value: Any) -> str:
    address = _text(value)
    if not is_web_address(address):
        raise ValueError("expects an address that starts with https://")
    return address  # to the letter: a slash at its end may count


def _online(value: Any) -> str:
    address = _text(value)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or re.search(r"\s", address):
        raise ValueError("expects an address that starts with https://, without a password")
    return address


def _all_online(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_online, _texts(value))))


def _networks(value: Any) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(network)) for network in _texts(value))
    except ValueError as error:
        raise ValueError('expects a list of networks, such as ["10.0.0.0/8", "192.168.1.7"]') from error


def _ports(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError("expects a list of port numbers, such as [3000]")
    return tuple(map(_whole(1, 65535), value))


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60:
        raise ValueError("expects seconds from 0 to 60, such as 0.5")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expects true or false, without quotes")
    return value


def _list_name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", value):
        raise ValueError("expects the name of a list: small letters, digits and -")
    return value


def _inside(value: Any) -> str:
    path = _text(value)
    if path.startswith(("/", "~")) or ".." in path.split("/"):
        raise ValueError('expects a path inside the newsroom\'s folder, such as "stories/*.md"')
    return path


def _language(value: Any) -> str:
    code = _text(value)
    if not (code.replace("-", "").isalpha() and 2 <= len(code) <= 12):
        raise ValueError('expects a language code such as "en"')
    return code


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"expects a whole number from {least} to {most}")
        return value

    return check


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100_000:
        raise ValueError("expects messages a second, such as 14 or 0.5; 0 for no limit")
    return float(value)


def _weight(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("expects a number from 0 to 100, such as 2.5; 0 leaves this part out")
    return float(value)


def _tag_weights(value: Any) -> Mapping[str, float]:
    weights = value if isinstance(value, Mapping) else {"": None}
    for tag, weight in weights.items():
        if not tag.strip() or isinstance(weight, bool) or not isinstance(weight, int | float) or not -100 <= weight <= 100:
            raise ValueError("expects numbers from -100 to 100 by tag, such as { breaking = 2, sport = -1 }")
    folded = [tag.strip().casefold() for tag in weights]
    if twice := next((tag for tag in folded if folded.count(tag) > 1), ""):
        raise ValueError(f"has the tag {twice!r} twice, case aside")
    return {tag.strip(): float(weight) for tag, weight in weights.items() if weight is not None}


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in words:
            raise ValueError("expects " + " or ".join(f'"{word}"' for word in words))
        return str(value)

    return check


@dataclass(frozen=True, slots=True)
class Key:
    """One key of digest.toml. `default` REQUIRED: it must be there."""

    name: str
    check: Callable[[Any], Any]
    default: Any
    meaning: str
    secret: bool = False  # its value is never repeated


BELONGS = {  # kind of transport -> the keys that it knows
    "smtp": ("kind", "host", "port", "security", "username", "connections", "rate"),
    "resend": ("kind", "url", "connections", "rate"),
    "outbox": ("kind", "folder", "rate"),
}

TABLES: Mapping[str, tuple[Key, ...]] = {
    "newsroom": (
        Key("publisher", _text, REQUIRED, "who publishes; printed under the title"),
        Key("zone", _zone, REQUIRED, "the newsroom's time zone: weeks and days begin at its midnight"),
        Key("language", _language, "en", "language of the issues"),
        Key("site", _https, "", "address of your own pages; of several tellings of one event, yours leads"),
        Key(
            "public_url", _https, "", "address under which your public pages are reached; without it no view or unsubscribe link is printed"
        ),
        Key("address", _text, "", "postal address for the footer"),
        Key("sender", _mailbox, "", 'the From header, "Name <address>"'),
        Key("why", _text, "", "one sentence for the footer: why the reader gets this"),
        Key("unsubscribe_mailbox", _address, "", "a mailbox for mails of people who want to leave; printed in the List-Unsubscribe header"),
        Key("utm_source", _utm, "", 'marks every link to a story with `utm_source` (this), `utm_medium` and `utm_campaign`; "" = no marks'),
        Key("look", _one_of("front-page", "brief"), "front-page", "`front-page` has pictures, `brief` is text only"),
        Key(
            "inliner",
            _one_of("premailer", "css-inline"),
            "premailer",
            "what writes the styles into the tags; `css-inline` needs `headline-digest[fast]`",
        ),
        Key("issues", _inside, "issues", "folder of the built issues"),
        Key("store", _inside, "digest.db", "file of the store"),
        Key("templates", _inside, "templates", "folder of your own templates; a file in it wins over the shipped one"),
        Key("seed_list", _list_name, "seed", "the list whose members get every issue, before all others"),
    ),
    "source": (
        Key("name", _text, REQUIRED, "printed as the source unless a story names its own outlet"),
        Key("files", _inside, "", "where its stories are: a folder, file or glob, relative to digest.toml;"),
        Key("feed", _online, "", "or the address of an RSS, Atom or JSON feed;"),
        Key("sitemap", _online, "", "or that of a sitemap or an index of sitemaps;"),
        Key("pages", _all_online, (), "or the addresses of the stories themselves. One of these four is required"),
        Key("drop", _flag, False, "files: a folder that others fill and empty; what was read is remembered, what is bad is set aside"),
        Key("follow", _flag, False, "feed: also read the page behind an entry that does not hold the whole story"),
        Key("days", _whole(1, 60), 10, "sitemap: how old a page may be, by the dates that it gives"),
        Key("zone", _zone, "", "time zone of dates that name none; the newsroom's if absent"),
        Key(
            "undated",
            _one_of("report", "gathered"),
            "report",
            "`report` leaves undated stories out and says so; `gathered` dates them when first seen",
        ),
        Key("tags", _texts, (), "tags added to every story of this source"),
        Key("language", _language, "", "language of its stories; the newsroom's if absent"),
    ),
    "editions": (
        Key("rhythm", _one_of("week", "day"), REQUIRED, "`week` for `--week`, `day` for `--day`"),
        Key("title", _text, REQUIRED, "the newsletter's name, in the masthead"),
        Key("tags", _texts, (), "take only stories with one of these tags"),
        Key("without", _texts, (), "never take a story with one of these tags"),
        Key("at_most", _whole(1, 200), 25, "items in an issue"),
        Key("minimum_stories", _whole(1, 200), 3, "with fewer items nothing is written, exit code 3"),
        Key("summary_words", _whole(15, 120), 45, "length of a summary, in words; whole sentences may pass it by a fifth"),
        Key("late_days", _whole(0, 60), 7, "how old a story may be that arrives after its own issue was built"),
        Key("list", _list_name, "", "the list of subscribers who get it; the one with the edition's name if absent"),
    ),
    "transport": (
        Key(
            "kind",
            _one_of(*BELONGS),
            REQUIRED,
            "`smtp` for any mail server, `resend` for its API, `outbox` writes .eml files into a folder",
        ),
        Key("host", _host, None, "smtp: name of the mail server; required"),
        Key("port", _whole(1, 65535), None, "smtp: its port; 587 if absent"),
        Key("security", _one_of("starttls", "tls", "none"), None, "smtp: `starttls` if absent, `tls` from the first byte, or `none`"),
        Key("username", _text, None, "smtp: who logs in; the password is taken from `DIGEST_SMTP_PASSWORD`"),
        Key("url", _web, None, "resend: its address, if not the usual one; the API key is taken from `DIGEST_RESEND_KEY`"),
        Key("folder", _inside, None, "outbox: the folder; `outbox` if absent"),
        Key("connections", _whole(1, 50), None, "smtp, resend: how many work side by side; 4 if absent"),
        Key("rate", _rate, None, "messages a second at most, over all connections; no limit if absent"),
    ),
    "web": (
        Key("allow", _networks, (), 'networks outside the public internet that sources may be read from, such as `["10.0.0.0/8"]`'),
        Key("ports", _ports, (), "ports that may be called besides 80, 443, 8080 and 8443"),
        Key("pause", _seconds, 1.0, "seconds between two calls at one host"),
    ),
    "notify": (
        Key("mail", _address, "", "who is told by mail, through `[transport]`, when a run that nobody watches fails"),
        Key(
            "webhook",
            _webhook,
            "",
            'and where `{"text": ...}` is sent then; `DIGEST_NOTIFY_WEBHOOK` wins where the address is a secret',
            secret=True,
        ),
    ),
    "ranking": (
        Key(
            "outlets",
            _weight,
            USUAL.outlets,
            "outlets that tell it within two days: one telling counts nothing, twelve all of it, each doubling alike",
        ),
        Key("theme", _weight, USUAL.theme, "how many items are on its theme, counted alike"),
        Key("own_theme", _weight, USUAL.own_theme, "it belongs to one of your `[themes.KEY]`"),
        Key("news", _weight, USUAL.news, "it is plain news, no opinion, explainer, list or live report"),
        Key("length", _weight, USUAL.length, "how long it is, up to 6,000 characters"),
        Key("place", _weight, USUAL.place, "how high it stands in a feed that somebody, not time, put in order"),
        Key(
            "urgency",
            _weight,
            USUAL.urgency,
            "what its agency says: 1 counts the whole weight, 5 nothing, 9 as much below nothing",
        ),
        Key("freshness", _weight, USUAL.freshness, "how late in the window it was published"),
        Key("picture", _weight, USUAL.picture, "it has a picture"),
        Key("tags", _tag_weights, {}, "and what a tag adds or takes, such as `{ breaking = 2, sport = -1 }`"),
    ),
    "themes": (
        Key("title", _text, REQUIRED, "the section's heading"),
        Key("tags", _texts, (), "a story with one of these tags belongs here"),
        Key("any", _texts, (), "so does one that speaks of one of these beginnings of words or phrases, in its headline or several times"),
        Key("all", _texts, (), "and, if given, all of these"),
        Key("none", _texts, (), "but never one that has one of these"),
        Key("names", _texts, (), 'names of people and places, with their other names: `["Kyiv/Kiev", "Kim Jong Un"]`; count like `any`'),
    ),
}


def _read(place: str, table: Any, faults: list[str]) -> dict[str, Any]:
    """Check one table against its keys; faults are added, and a faulty key takes a harmless value so that reading goes on."""
    keys = {key.name: key for key in TABLES[place.partition(".")[0].partition("[")[0]]}
    if not isinstance(table, Mapping):
        faults.append(f"{place}: expects a table, written [{place}]")
        table = {}
    faults.extend(f"{place}.{name}: no such key{_near(name, keys)}" for name in table if name not in keys)
    values: dict[str, Any] = {}
    for key in keys.values():
        values[key.name] = "" if key.default is REQUIRED else key.default
        if key.name in table:
            try:
                values[key.name] = key.check(table[key.name])
            except ValueError as fault:
                faults.append(f"{place}.{key.name}: {fault}" + ("" if key.secret else f", got {table[key.name]!r}"))
        elif key.default is REQUIRED:
            faults.append(f"{place}.{key.name}: is missing; {key.meaning}")
    return values


def _near(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    return f", did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _listed(raw: Table, name: str, faults: list[str]) -> Sequence[Any]:
    tables = raw.get(name, [])
    if isinstance(tables, list) and tables:
        return tables
    faults.append(
        f"{name}: no source is named; add a [[source]] table with a name and files or feed" if not tables else f"{name}: write [[{name}]]"
    )
    return []


def _named(raw: Table, name: str, faults: list[str]) -> Table:
    tables = raw.get(name, {})
    if isinstance(tables, Mapping) and (tables or name == "themes"):
        return tables
    faults.append(f"{name}: no edition is named; add an [editions.weekly] table" if not tables else f"{name}: write [{name}.NAME]")
    return {}


def _belongs_together(sources: Sequence[Table], editions: Table, themes: Table, transport: Table | None) -> list[str]:
    """Faults that no single key shows."""
    faults = _foreign_keys(transport) if transport else []
    faults += [f"source[{at}]{fault}" for at, source in enumerate(sources) for fault in _one_kind(source)]
    names = [source["name"] for source in sources if source["name"]]
    faults += [f"source[{at}].name: {name!r} is named twice" for at, name in enumerate(names) if name in names[:at]]
    titles = [theme["title"] for theme in themes.values()]
    faults += [f"themes.{key}.title: {theme['title']!r} is used twice" for key, theme in themes.items() if titles.count(theme["title"]) > 1]
    for key, theme in themes.items():
        if not any(theme[part] for part in ("tags", "any", "all", "names")):
            faults.append(f"themes.{key}: matches nothing; give it tags, any, all or names")
    faults += [
        f"editions.{name}: its name may hold only small letters, digits and -"
        for name in editions
        if not name.replace("-", "").isalnum() or name != name.lower() or not name.isascii()
    ]
    faults += [
        f"editions.{name}.minimum_stories: {edition['minimum_stories']} is more than at_most, {edition['at_most']}"
        for name, edition in editions.items()
        if edition["minimum_stories"] > edition["at_most"]
    ]
    return faults


def _one_kind(source: Table) -> list[str]:
    """A source is read from one kind of place, and has the keys of that kind only."""
    kinds = [kind for kind in ("files", "feed", "sitemap", "pages") if source[kind]]
    if len(kinds) != 1:
        return [f": {' and '.join(kinds)} exclude each other" if kinds else ": does not say where its stories are; give files or feed"]
    goes_with = {"drop": "files", "follow": "feed", "days": "sitemap"}
    usual = {key.name: key.default for key in TABLES["source"]}
    return [f".{name}: goes with {kind} only" for name, kind in goes_with.items() if source[name] != usual[name] and kinds != [kind]]


def _foreign_keys(transport: Table) -> list[str]:
    """Keys that another kind of transport knows, but not this one: dropped in silence they would be believed."""
    kind = transport["kind"]
    known = BELONGS.get(kind, ())
    faults = [
        f"transport.{name}: {kind} does not know it"
        for name, value in transport.items()
        if known and value is not None and name not in known
    ]
    if kind == "smtp" and not transport["host"]:
        faults.append("transport.host: is missing; the name of the mail server")
    return faults


def _editions(tables: Table) -> tuple[Edition, ...]:
    seen: set[str] = set()
    editions = []
    for name, table in tables.items():
        editions.append(Edition(name=name, first=table["rhythm"] not in seen, **table))
        seen.add(table["rhythm"])
    return tuple(editions)
