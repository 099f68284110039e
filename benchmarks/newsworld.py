"""A made-up world of news for benchmarks: feeds and pages of the size and shape that real ones have, and a server that serves them.

Every word is drawn from short lists, so the pages mean nothing; what counts is their build: navigation, scripts, a story with pictures and
boxes between its paragraphs, a column of teasers, a footer. The server runs in a process of its own.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path


def words(text: str) -> list[str]:
    """Each word of a text."""
    return text.split()


NOON = datetime(2025, 8, 12, 12, tzinfo=UTC)
WHO = words("""commission council board union school college hospital library museum port airline brewery theater court ministry agency
bank farm club choir team company committee panel mayor governor engineer teacher nurse farmer baker captain curator coach judge clerk
editor miller warden ranger surveyor librarian conductor""")
DID = words("""approved rejected opened closed repaired sold bought counted measured painted moved delayed extended promised reviewed
studied cleared rebuilt replaced funded praised questioned welcomed postponed signed canceled explained announced inspected drained planted
flooded lifted lowered widened tested""")
WHAT = words("""bridge road tunnel budget contract timetable tax permit plan harvest exhibition concert match season railway ferry pipeline
dam roof fence tower garden orchard archive stadium runway market canal depot station lantern bell clock fountain wall ledger survey
report petition strike loan pension crossing shelter""")
HOW = words("""quietly early late narrowly again twice publicly slowly unexpectedly unanimously finally reluctantly""")
WHEN = ("on Monday", "on Tuesday", "last week", "in the spring", "before the holidays", "after a long debate", "for the third time",
        "at dawn", "over the weekend", "without a vote", "this month", "since January")  # fmt: skip
WHERE = ("in Halverton", "near Brackwater", "along the north shore", "at Camp Ellery", "in the old town", "outside Merrow",
         "on Pell Island", "across the county", "by the mill", "in Upper Dunmore", "at the border", "beside the lake")  # fmt: skip
SECTIONS = words("""World Politics Business Sports Opinion Travel Food Health Science Weather Culture Books Schools Transport Courts
Housing Jobs Obituaries Puzzles Video Podcasts Letters Photos Archive""")


# --- what is written


def sentence(dice: random.Random) -> str:
    """A sentence of some twenty words."""
    one = f"The {dice.choice(WHO)} {dice.choice(DID)} the {dice.choice(WHAT)} {dice.choice(WHERE)} {dice.choice(WHEN)}"
    if dice.random() < 0.6:
        one += f", and the {dice.choice(WHO)} {dice.choice(HOW)} {dice.choice(DID)} a {dice.choice(WHAT)} of {dice.randint(2, 900)} meters"
    if dice.random() < 0.2:
        return f"“{one},” said the {dice.choice(WHO)}."
    return one + "."


def headline(dice: random.Random) -> str:
    """Eight words."""
    return f"{dice.choice(WHO).title()} {dice.choice(DID)} {dice.choice(WHAT)} {dice.choice(WHERE)} {dice.choice(WHEN)}"


def paragraph(dice: random.Random, most: int = 4) -> str:
    """One to a few sentences."""
    return " ".join(sentence(dice) for _ in range(dice.randint(1, most)))


def host_of(which: int) -> str:
    """Each feed has a host of its own."""
    return f"h{which:03}.example"


def dice_of(host: str, number: int | str) -> random.Random:
    """The same for the same story, in every run."""
    return random.Random(f"{host} {number}")


def title_of(host: str, number: int) -> str:
    """A headline of its own for each story."""
    return f"{headline(dice_of(host, number))}, case {host[1:4]}-{number}"


def date_of(number: int) -> datetime:
    """One story each forty minutes."""
    return NOON - timedelta(minutes=40 * number)


def page(host: str, number: int, port: int) -> str:
    """A story's page of 20 to 60 KB."""
    dice, title, date = dice_of(host, number), title_of(host, number), date_of(number).isoformat()
    dice.random()  # another beginning than the headline's
    link, picture = f"http://{host}:{port}/s/{number}", f"http://{host}:{port}/img/{number}.jpg"
    author = f"{dice.choice(('Ada', 'Bram', 'Cleo', 'Dov', 'Edda'))} {dice.choice(('Marsh', 'Finch', 'Lowell', 'Tamm', 'Okoro'))}"
    paragraphs = [f"<p>{paragraph(dice)}</p>" for _ in range(dice.randint(8, 30))]
    for at in range(4, len(paragraphs), 7):
        paragraphs.insert(at, dice.choice(BETWEEN)(dice))
    told = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "datePublished": date, "image": [picture],
            "author": [{"@type": "Person", "name": author}], "mainEntityOfPage": link}  # fmt: skip
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | {host}</title><link rel="canonical" href="{link}">
<meta name="description" content="{sentence(dice)}"><meta property="og:title" content="{title}"><meta property="og:type" content="article">
<meta property="og:image" content="{picture}"><meta property="article:published_time" content="{date}">
<script type="application/ld+json">{json.dumps(told)}</script>
<style>{rules(dice)}</style><script>window.settings = {json.dumps(settings(dice))};</script></head>
<body class="page story"><a class="skip" href="#main">Skip to content</a>
<header class="site-header"><a class="logo" href="/">{host}</a>{navigation(dice)}</header>
<main id="main"><article class="story"><header><p class="kicker"><a href="/news">{dice.choice(SECTIONS)}</a></p><h1>{title}</h1>
<p class="byline">By <a rel="author" href="/by">{author}</a></p><time datetime="{date}">{date[:10]}</time>{share()}</header>
<figure><img src="{picture}" alt="{headline(dice)}" width="1200" height="800">
<figcaption>{sentence(dice)} Photo by the desk.</figcaption></figure>
<div class="story-body">{"".join(paragraphs)}</div>{share()}<div class="tags">{links(dice, 5)}</div></article>
<aside class="sidebar"><h2>Most read</h2>{teasers(dice, dice.randint(12, 30))}</aside></main>
<section class="related"><h2>More from this section</h2>{teasers(dice, dice.randint(8, 20))}</section>
<footer class="site-footer">{links(dice, 48)}<p>Copyright {host}. All rights reserved.</p></footer>
<script>{noise(dice)}</script></body></html>"""


def links(dice: random.Random, count: int) -> str:
    """A list of links."""
    names = (f"{dice.choice(SECTIONS)} {dice.choice(WHAT)}" for _ in range(count))
    return (
        "<ul>"
        + "".join(f'<li class="item"><a href="/t/{at}" data-track="nav-{at}">{name}</a></li>' for at, name in enumerate(names))
        + "</ul>"
    )


def navigation(dice: random.Random) -> str:
    """Every section with its own list."""
    return "<nav>" + "".join(f'<div class="menu"><a href="/{name}">{name}</a>{links(dice, 4)}</div>' for name in SECTIONS[:14]) + "</nav>"


def teasers(dice: random.Random, count: int) -> str:
    """Other stories, with a picture and a line."""
    return "".join(
        f'<div class="card"><a href="/s/{dice.randint(100, 999)}"><img src="/t/{at}.jpg" alt="" loading="lazy">'
        f'<h3>{headline(dice)}</h3></a><p class="summary">{sentence(dice)}</p>'
        f'<span class="when">{dice.randint(1, 23)} hours ago</span></div>'
        for at in range(count)
    )


def share() -> str:
    """Buttons."""
    names = ("Facebook", "Mail", "Print", "Copy link")
    return '<div class="share">' + "".join(f'<button type="button" class="share-{name[0]}">{name}</button>' for name in names) + "</div>"


BETWEEN = (
    lambda dice: f'<div class="promo"><h4>Subscribe to our newsletter</h4><p>{sentence(dice)}</p><form><input type="email"></form></div>',
    lambda dice: f'<aside class="related-inline"><a href="/s/1">{headline(dice)}</a></aside>',
    lambda dice: f"<h2>{headline(dice)}</h2>",
    lambda dice: f"<blockquote><p>{sentence(dice)}</p></blockquote>",
    lambda dice: f'<figure><img src="/i.jpg" alt=""><figcaption>{sentence(dice)}</figcaption></figure>',
)


def rules(dice: random.Random) -> str:
    """Styles."""
    return "".join(f".{dice.choice(WHAT)}-{at}{{margin:{at}px;color:#{dice.randint(0, 0xFFFFFF):06x}}}" for at in range(60))


def settings(dice: random.Random) -> dict[str, str]:
    """What a page's own scripts are told."""
    return {f"{dice.choice(WHAT)}{at}": f"{dice.getrandbits(64):x}" for at in range(40)}


def noise(dice: random.Random) -> str:
    """A script, of very different length."""
    return "".join(f"function f{at}(a){{return a+'{dice.getrandbits(96):x}'}};" for at in range(dice.randint(5, 400)))


def feed(host: str, entries: int, port: int) -> str:
    """An RSS feed with teasers."""
    items = "".join(
        f"<item><title>{title_of(host, at)}</title><link>http://{host}:{port}/s/{at}</link><guid>{host} {at}</guid>"
        f"<pubDate>{format_datetime(date_of(at))}</pubDate><description>{sentence(dice_of(host, at))}</description>"
        f"<category>{SECTIONS[at % len(SECTIONS)]}</category></item>"
        for at in range(entries)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title><link>http://{host}:{port}/</link>{items}</channel></rss>'
    )


def write(folder: Path, feeds: int, entries: int, port: int) -> None:
    """Put it all on the disk, a folder a host."""
    for which in range(feeds):
        host = host_of(which)
        (folder / host).mkdir(parents=True)
        (folder / host / "feed").write_text(feed(host, entries, port), encoding="utf-8")
        for at in range(entries):
            (folder / host / str(at)).write_text(page(host, at, port), encoding="utf-8")


# --- the server


@contextmanager
def served(folder: Path, delay: float) -> Iterator[int]:
    """A server with ETags in a process of its own, as a port. It waits for `delay` seconds before each answer."""
    command = [sys.executable, __file__, str(folder), "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def tagged(port: int, on: bool) -> None:
    """Let a server send ETags, or answer every call with the whole document."""
    urllib.request.urlopen(f"http://127.0.0.1:{port}/-/{'tags' if on else 'no-tags'}").read()


class Server:
    """Answers HTTP/1.1 over lines that stay open."""

    def __init__(self, folder: Path, delay: float) -> None:
        self._folder, self._delay, self._tags = folder, delay, True

    async def run(self) -> None:
        """Until it is killed."""
        server = await asyncio.start_server(self._line, "127.0.0.1", 0, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                heard = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await asyncio.sleep(self._delay)
                writer.write(self._answer(heard))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, heard: str) -> bytes:
        first, *rest = heard.split("\r\n")
        path = first.split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        if path.startswith("/-/"):
            self._tags = path == "/-/tags"
            return self._whole("204 No Content", b"")
        file = self._folder / headers["host"].partition(":")[0] / path.rpartition("/")[2]
        if path not in {"/feed"} and not path.startswith("/s/"):
            return self._whole("404 Not Found", b"Nothing here.")
        content = file.read_bytes()
        etag = f'"{sha256(content).hexdigest()[:16]}"'
        if not self._tags:
            return self._whole("200 OK", content)
        if headers.get("if-none-match") == etag:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        return self._whole("200 OK", content, f"ETag: {etag}\r\n")

    def _whole(self, status: str, content: bytes, headers: str = "") -> bytes:
        return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(content)}\r\n\r\n".encode() + content


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delay", type=float, default=0)
    args = parser.parse_args()
    asyncio.run(Server(args.folder, args.delay).run())
