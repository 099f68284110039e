"""Know a story again. Its address, less what trackers hung on it, is who it is."""

import re
from base64 import b32encode
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

# Parameters that count readers and campaigns and never choose a page.
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|li_fat_id|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi"
    r"|vero_id|oly_enc_id|oly_anon_id|ck_subscriber_id|rb_clickid|s_cid|cmpid|ncid|ocid|smid|_ga|_gl|__twitter_impression",
    re.IGNORECASE,
)
TWIN_HOSTS = ("www.", "amp.", "m.")  # the same page for another screen
# Beneath these every first label is another publisher, so one never speaks for another.
SHARED_HOSTS = frozenset({
    "blogspot.com", "wordpress.com", "substack.com", "medium.com", "tumblr.com", "ghost.io", "github.io", "gitlab.io", "netlify.app",
    "pages.dev", "vercel.app", "web.app", "amazonaws.com", "cloudfront.net",
})  # fmt: skip
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "gv", "mil", "ne", "net", "or", "org"})  # co.uk, com.au, go.jp


def canonical(url: str) -> str:
    """One spelling for all the addresses of a page, for comparison only; "" when it is no http(s) address."""
    parts = _split(url)
    if parts is None:
        return ""
    host = _bare_host(parts)
    for twin in TWIN_HOSTS:
        if host.startswith(twin) and host.count(".") >= 2:
            host = host.removeprefix(twin)
    path = parts.path.rstrip("/").removesuffix("/amp").rstrip("/")
    query = "&".join(sorted(_telling(parts.query)))
    return f"https://{host}{_port(parts)}{path or '/'}{'?' + query if query else ''}"


def working_address(url: str) -> str:
    """The address to print: scheme and host as given, less trackers, fragment and password; "" when it is no http(s) address."""
    parts = _split(url)
    if parts is None:
        return ""
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_telling(parts.query))
    return f"{parts.scheme}://{host}{parts.path}{'?' + query if query else ''}"


def joined(base: str, address: str) -> str:
    """A relative address below its base; "" for one that no parser takes."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def story_id(url: str, *, source: str, path: str) -> str:
    """Twelve characters that stay a story's own: of its address, or of its source and path when it is not online."""
    who = canonical(url) or f"{source}\n{path}"
    return b32encode(sha256(who.encode("utf-8", "surrogatepass")).digest()).decode("ascii")[:12].lower()


def same_site(one: str, other: str) -> bool:
    """Whether both addresses stand under the same registrable host, so that one may speak for the other."""
    first, second = _split(one), _split(other)
    return first is not None and second is not None and _registrable(_bare_host(first)) == _registrable(_bare_host(second))


def _split(url: str) -> SplitResult | None:
    """None unless it is an http(s) address with a host and without blanks or control characters."""
    url = url.strip()
    if re.search(r"[\s\x00-\x1f\x7f\\<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # a port that is no number only tells here
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _bare_host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port not in (None, 80, 443) else ""


def _telling(query: str) -> list[str]:
    """The parameters that choose the page, as they were written."""
    return [piece for piece in query.split("&") if piece and not TRACKING.fullmatch(piece.partition("=")[0])]


def _registrable(host: str) -> str:
    """The part of a host that one owner holds; near enough to the public suffix list for news sites."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    shared = ".".join(labels[-2:]) in SHARED_HOSTS or (len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in SECOND_LEVEL)
    return ".".join(labels[-3:] if shared else labels[-2:])
