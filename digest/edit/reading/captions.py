"""Tell a picture's words from the story's, and part the photographer's name from them."""

import re
from collections.abc import Callable

from digest.model import Image

LONGEST = 900  # characters of a caption
MOST_ALT = 30  # words of an alternative text

# Who signs pictures. A bracket or tail counts as a photo credit only when one of these stands in it.
AGENCIES = (
    r"(?:AP|AFP|EPA|UPI|TNS|Reuters|REUTERS|Getty|Bloomberg|Xinhua|Zuma|ZUMA|Shutterstock|Dreamstime|Sputnik|Polaris|Alamy|iStock|Unsplash"
    r"|Planet Labs|Maxar)"
)
WORDS = r"[Pp]hoto|PHOTO|[Ii]mages?\b|[Cc]ourtesy|COURTESY|[Hh]andout|[Ii]llustration"
FORCES = r"(?:Army|Navy|Air Force|Marine Corps|Marines?|Coast Guard|Space Force|National Guard|Defense Department|DOD|DoD)"
CREDIT = re.compile(rf"{WORDS}|[Vv]ia\b|\b{AGENCIES}\b|\b{FORCES}\b")
WORD_OF_CREDIT = re.compile(
    r"photos?|images?|illustration|courtesy|handout|file|pool|staff|photographer|from|provided|released", re.IGNORECASE
)
JOINT = re.compile(rf"[/,|]|\bvia\b|\b[Bb]y\b|{WORDS}")  # a credit names more than an agency
NO_CREDIT = re.compile(
    r"AP|AFP|UPI|Reuters|Bloomberg|TNS|Xinhua|EPA|CNN|via (?:e-?mail|text|phone)|[RDI]-[\w.]{2,10}"
    r"|(?:photos|video|watch|read|more)\b.*|\d.*"
    r"|(?:additional |further )?(?:reporting|editing|writing|compiled|graphics?|production)\b.*|(?:see|also|click)\b.*",
    re.IGNORECASE,
)
LABEL = (
    r"(?:(?:[Pp]hoto|[Pp]hotograph|[Ii]llustration|[Ii]mage|[Cc]redit|[Pp]icture|PHOTO)s?(?: [Cc]redit)?(?: [Bb]y |\s?: ?)|Photographer: )"
)

IN_BRACKETS = re.compile(r"\s*[(\[]\s*(?P<credit>[^()\[\]]{2,140})[)\]]\.?$")
OWN_LINE = re.compile(rf"{LABEL}(?P<credit>[^.!?]{{2,120}})\.?")
AT_END = re.compile(
    r"(?:(?<=[.!?\"”’)])|(?<=\s[|—–]))\s+(?P<credit>"
    rf"{LABEL}[^.!?]{{2,100}}"
    r"|REUTERS/[^.!?]{2,80}"
    r"|AP Photo(?:/[^.!?]{2,60})?"
    rf"|\S[^.!?]{{0,60}}(?:/|\bvia ){AGENCIES}[^.!?]{{0,40}}"
    r"|(?:[^.!?]{2,50} )?\|? ?(?:Getty Images|AP Photo|Getty)"
    r"|\|? ?Courtesy of [^.!?]{2,60})\.?$"
)
END_SIGNS = ("hoto", "/", "redit", "Image", "Getty", "ourtesy", "Illustration", "via ")  # AT_END is tried only when one stands there
TOGGLE = re.compile(r"(?P<caption>.{0,600}?)\s?(?:\b(?:Enlarge this image|hide caption) )?\btoggle caption\b\s*(?P<credit>.{0,160})", re.I)
ENLARGE = re.compile(r"(?P<caption>)Enlarge this image (?P<credit>(?P<once>.{3,80}) (?P=once))")
GALLERY = re.compile(
    r"(?P<sign>\[?(?:(?:Item|Image|Photo|Slide) )?)\d{1,3} ?(?:of|/) ?\d{1,3}(?:\]\s*|\s+)(?P<caption>\S.{10,})", re.IGNORECASE
)
PHOTOS_OF = re.compile(r"(?:Photos?|Gallery|Pictures): (?P<title>.{5,90}?) (?:Photos?|Gallery|Pictures): (?P=title)\b")
FILE_PHOTO = re.compile(
    r"(?:\(?(?:FILE|File)(?: (?:PHOTO|[Pp]hoto|IMAGE|[Ii]mage|[Pp]icture))?S?\)?|HANDOUT|Handout(?: photo)?)\s*[-–—:]+\s*\S.{5,}"
)
IN_THIS_PHOTO = re.compile(
    r"(?:In (?:this|an?)|This|An?) (?:[^.\"“”]{0,80} )?"
    r"(?:photo|photograph|image|frame ?grab|screenshot|video grab|illustration|file photo|combination (?:photo|picture))\b.{5,}"
)
VIDEO = re.compile(r"(?:CLOSE|VIDEO|PLAY|WATCH NOW) (?=[A-Z])(?P<caption>\S.{20,})")  # the button of a player, then what the film shows
ABOVE_A_HEADLINE = re.compile(  # what a page shows on its top picture, then its short headline, copied as one line
    rf"(?P<caption>[^|]{{15,400}}?[.!?'\"”’]) \| (?P<credit>(?:[A-Z][\w.’'-]+ ){{1,3}}?[A-Z][\w’'-]+/[A-Z]\w+(?:/\w+)?(?: Photos?| Images)?"
    rf"|AP Photos?|{AGENCIES}(?: Images)?)(?= )(?P<headline>.{{0,200}})"
)
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|[A-Z][a-z]{2,3}\.)"
SCENE = re.compile(  # what agencies write below a picture: a whole date and the place, or who stands where
    rf"[A-Z][^\"“”]{{15,250}} on {MONTH} \d{{1,2}}, (?:19|20)\d\d,? (?:in|at|near|outside) [A-Z][^.\"“”]{{3,80}}\."
    r"|[A-Z][^\"“”]{5,200} \((?:left|right|center|centre|pictured)\) [^\"“”]{10,200}"
)
DATED_SCENE = re.compile(  # the same with the weekday, as AP closes its captions; news says a weekday or a date, never all of it
    r"[A-Z][^\"“”]{10,300},? (?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, "
    rf"{MONTH} \d{{1,2}}, (?:19|20)\d\d,? (?:in|at|near|outside|off) [A-Z][^.\"“”]{{2,80}}\."
)
SIGNED = re.compile(  # who took the picture, on a line of its own
    rf"(?:[A-Z][\w.’'-]+ ){{1,3}}?[A-Z][\w’'-]+ ?[/|] ?(?:The )?{AGENCIES}(?:[ /][A-Z]\w+){{0,2}}"
    rf"|(?:AP|AFP|Reuters|REUTERS|Pool|File|Handout) [Pp]hoto"
    rf"|(?:Pool|File|Handout|Staff|Courtesy|AP|AFP) (?:photo|image|photograph)s? by (?:[A-Z][\w.’'-]*(?: |$)){{1,5}}|(?:Getty|AP) Images?"
    r"|Courtesy (?:of |photo\b|image\b)[^.]{0,80}|[Ii]mage (?:source|credit|copyright), [^.]{2,60}"
)
CAPTIONED = re.compile(r"(?:Image|Photo|Video) caption, ?(?P<caption>\S.{3,})")
SAID = re.compile(r"[“\"][^”\"]{0,300}[”\"],? (?:\w+ ){0,3}said|\bsaid\.?$")
REPORTED = re.compile(r"\b(?:said|told|announced|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b")
BUYING = re.compile(r"(?:[\s,]{0,3}(?:opens new tab|(?:Purchase|Acquire) Licensing Rights|Buy Photo|Enlarge))+\W*$", re.IGNORECASE)

BUYING_SIGNS = ("opens new tab", "licensing rights", "buy photo", "enlarge")  # BUYING is tried only when one stands there

Found = tuple[str, Image]  # the rule, and the picture's words: no address, no alt


def read_caption(paragraph: str, *, at_top: bool) -> Found | None:
    """The rule and the picture's words when a whole paragraph is a caption, else None. `at_top`: no news stood above it.

    Rules: "photo caption", "file photo", "photo credit" (a credit and nothing else), "item n of m".
    """
    if PHOTOS_OF.match(paragraph):  # a whole gallery may be copied as one line
        return "item n of m", Image(url="")
    if len(paragraph) > LONGEST:
        return None
    tail = paragraph[-90:].lower()
    bought = BUYING.search(paragraph, max(0, len(paragraph) - 90)) if any(map(tail.__contains__, BUYING_SIGNS)) else None
    text = paragraph[: bought.start()] if bought else paragraph
    return next((found for reads in KINDS if (found := reads(text, at_top))), None)


def part_credit(words: str) -> tuple[str, str]:
    """Part a caption from its photo credit: ("The pier at dusk.", "Jane Roe, AFP") of `The pier at dusk. (Jane Roe, AFP)`."""
    own = OWN_LINE.fullmatch(words)
    if own and (_is_credit(own["credit"]) or _are_names(own["credit"])):
        return "", own["credit"].strip()
    if bracket := _bracket(words):
        caption = words[: bracket.start()].strip()
        twice = _bracket(caption)  # (AP Photo/Jane Roe) (Photo: Jane Roe, AP)
        return (caption[: twice.start()].strip() if twice else caption), _unlabelled(bracket["credit"])
    start = max(0, len(words) - 160)
    tail = AT_END.search(words, start) if any(map(words[start:].__contains__, END_SIGNS)) else None
    return (words[: tail.start()].strip(" |—–"), _unlabelled(tail["credit"])) if tail else (words, "")


def is_alt_of(paragraph: str, caption: str, *, before_dateline: bool = False) -> bool:
    """Whether a line above a caption is the picture's alternative text, copied off the page with it.

    It says the same shorter; or, where the dateline follows the caption so that no news stands above it, it is any line that tells no news.
    """
    words = _telling(paragraph)
    if not 3 <= len(words) <= MOST_ALT or REPORTED.search(paragraph):
        return False
    return before_dateline or len(words & _telling(caption)) >= 0.6 * len(words)


# --- the kinds of captions


def _toggled(text: str, at_top: bool) -> Found | None:
    """The words of a button, the caption, the credit: "Enlarge this image toggle caption Jane Roe/AP Jane Roe/AP"."""
    found = TOGGLE.fullmatch(text) if "toggle caption" in text.lower() else ENLARGE.fullmatch(text)
    return ("photo caption", Image(url="", caption=found["caption"].strip(), credit=_once(found["credit"].strip()))) if found else None


def _in_gallery(text: str, at_top: bool) -> Found | None:
    """[1/3] The pier. REUTERS/Jane Roe; Item 1 of 3 The pier. A bare "2 of 3 soldiers ..." is a sentence."""
    found = GALLERY.fullmatch(text)
    caption, credit = part_credit(found["caption"]) if found else ("", "")
    return ("item n of m", Image(url="", caption=caption, credit=credit)) if found and (credit or found["sign"]) else None


def _below_a_player(text: str, at_top: bool) -> Found | None:
    found = VIDEO.fullmatch(text) if at_top else None
    return ("photo caption", Image(url="", caption=found["caption"])) if found else None


def _from_file(text: str, at_top: bool) -> Found | None:
    caption, credit = part_credit(text) if FILE_PHOTO.fullmatch(text) else ("", "")
    return ("file photo", Image(url="", caption=caption, credit=credit)) if caption else None


def _credited(text: str, at_top: bool) -> Found | None:
    """Words that end in a photo credit. Further down a caption is a few sentences that quote nobody."""
    caption, credit = part_credit(text)
    if not credit or not (at_top or (len(caption.split()) <= 70 and not SAID.search(caption))):
        return None
    return ("photo caption" if caption else "photo credit"), Image(url="", caption=caption, credit=credit)


def _above_a_headline(text: str, at_top: bool) -> Found | None:
    """The pier at dusk. | Jane Roe/AP Photo Harbor fees to rise"""
    found = ABOVE_A_HEADLINE.fullmatch(text) if at_top and " | " in text else None
    return ("photo caption", Image(url="", caption=found["caption"], credit=found["credit"])) if found else None


def _in_this_photo(text: str, at_top: bool) -> Found | None:
    """In this photo released by the navy, ... Without a credit only above the news: a story may speak of a photo too."""
    told = at_top and text.startswith("In ") and "," in text and IN_THIS_PHOTO.fullmatch(text)
    return ("photo caption", Image(url="", caption=text)) if told else None


def _signed_alone(text: str, at_top: bool) -> Found | None:
    """Jane Roe/AP; Pool photo by Jane Roe; Courtesy of the harbor office; Image source, Getty Images."""
    if len(text) > 110:
        return None
    if captioned := CAPTIONED.fullmatch(text):
        return "photo caption", Image(url="", caption=captioned["caption"])
    return ("photo credit", Image(url="", credit=_unlabelled(text))) if SIGNED.fullmatch(text.rstrip(".")) else None


def _dated(text: str, at_top: bool) -> Found | None:
    """A dredger works in the channel, Monday, Aug. 12, 2025, in Harbor City, Maine."""
    scene = "day, " in text and not SAID.search(text) and DATED_SCENE.fullmatch(text)
    return ("photo caption", Image(url="", caption=text)) if scene else None


def _unsigned(text: str, at_top: bool) -> Found | None:
    """A scene above the news whose photographer nobody names. It tells no news: nobody said anything, nothing happened on a weekday."""
    scene = at_top and len(text) <= LONGEST // 2 and not REPORTED.search(text) and SCENE.fullmatch(text)
    return ("photo caption", Image(url="", caption=text)) if scene else None


KINDS: tuple[Callable[[str, bool], Found | None], ...] = (
    _toggled,
    _in_gallery,
    _below_a_player,
    _from_file,
    _above_a_headline,
    _credited,
    _in_this_photo,
    _signed_alone,
    _dated,
    _unsigned,
)


# --- credits


def _bracket(words: str) -> re.Match[str] | None:
    """The bracket at the end, if it holds a photo credit."""
    found = IN_BRACKETS.search(words, max(0, len(words) - 150)) if words.endswith((")", "]", ").", "].")) else None
    return found if found and _is_credit(found["credit"]) else None


def _is_credit(words: str) -> bool:
    """Jane Roe, AFP; AP Photo/Jane Roe; Jane Roe/Garrison Post; Jane Roe, U.S. Army. A lone agency is how stories end, not pictures."""
    if NO_CREDIT.fullmatch(words.strip()) or len(words.split()) > 16 or not JOINT.search(words):
        return False
    sides = [side.strip() for side in words.split("/")]  # names on both sides of a slash: not "and/or", not 24/7
    named = CREDIT.search(words) is not None and not _is_sentence(words)
    return named or (len(sides) > 1 and all(side[:1].isupper() for side in sides))


def _is_sentence(words: str) -> bool:
    """You can see the damage in these photographs: most of its longer words are small. A credit is names."""
    longer = [word for word in re.findall(r"[^\W\d_]{4,}", words) if not WORD_OF_CREDIT.fullmatch(word)]
    return len([word for word in longer if word[0].islower()]) > 0.5 * len(longer)


def _are_names(words: str) -> bool:
    """Jane Roe and John Smith; Harbor Post staff."""
    pieces = words.split()
    return len(pieces) <= 8 and all(piece[0].isupper() or piece in ("and", "of", "the", "for", "staff") for piece in pieces)


def _unlabelled(credit: str) -> str:
    return re.sub(rf"^{LABEL}", "", credit.strip(" |—–")).strip()


def _once(credit: str) -> str:
    """A page that shows a credit twice has it copied twice: "Jane Roe/AP Jane Roe/AP"."""
    half = len(credit) // 2
    return credit[:half].strip() if credit[:half].strip() == credit[half:].strip() else credit


def _telling(words: str) -> frozenset[str]:
    return frozenset(re.sub(r"[’']s\b", "", word.lower()) for word in re.findall(r"\w[\w’'-]*", words) if len(word) > 2)
