"""A parsed page as a reader meets it: boxes in document order, and the lines of text in them."""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.picture_sources import background_source, image_sources
from pipelines.stylesheet import hidden_names
from pipelines.visibility import display_of, folded_style, font_is_unreadable, is_hidden

MAX_NODES = 120_000
MAX_TEXT_CHARS = 200_000
MAX_LINKS = 5_000
MAX_ATTRIBUTE_CHARS = 500
_FRAME_DEPTH = 2
_WHITE = " \t\r\n\f"
_SPACE = re.compile(r"[ \t\r\n\f]+")
_WORD = re.compile(r"\w")
_SKIPPED = frozenset(
    {"script", "style", "template", "svg", "math", "object", "video", "audio", "canvas", "head",
     "noframes", "datalist", "rp"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd",
     "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
     "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "html", "iframe",
     "legend", "li", "main", "menu", "nav", "noscript", "ol", "optgroup", "option", "p", "pre",
     "search", "section", "select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
     "thead", "tr", "ul", "xmp"}
)  # fmt: skip
_VOIDS = frozenset({"br", "hr", "img", "input", "area"})
_BLOCK_DISPLAYS = frozenset({"block", "flex", "grid"})
_LITERAL = frozenset({"pre", "textarea", "xmp"})
_CONTROLS = frozenset({"button", "select", "option", "textarea"})
_LABELLED_INPUTS = frozenset({"button", "submit", "reset", "image"})


class Kind(IntEnum):
    """What a line of text is to a reader."""

    TEXT = 0
    LINK = 1
    ALT = 2
    META = 3
    CONTROL = 4


# To name a member by its class takes several times as long, and there are many lines.
TEXT, LINK, ALT, META, CONTROL = Kind


@dataclass(slots=True, eq=False)
class Box:
    """A block element; its lines are `lines[first:stop]` of the layout, those of children too."""

    tag: str
    names: str
    parent: "Box | None"
    depth: int
    first: int
    stop: int = -1
    children: "list[Box]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Line:
    """Text between two block boundaries; `link_chars` of it stand in links."""

    text: str
    kind: Kind
    box: Box
    link_chars: int = 0


# What an element changes for those after it: box, kind, too small a font, link, open links.
_Before = tuple[Box, Kind, bool, int, int]
_UNSEEN = (False, None)
_AS_BEFORE = (True, None)


@dataclass(slots=True, eq=False)
class Layout:
    """All that is visible on a page, and where its links lead and its pictures lie (as written)."""

    root: Box
    lines: list[Line]
    links: list[tuple[str, str]]
    images: list[str]
    backgrounds: list[str]
    truncated: str = ""


def lay_out(tree: LexborHTMLParser, *, top: LexborNode | None = None) -> Layout:
    """The layout of the page, or of the subtree under `top`; cut where it exceeds the bounds.

    What a style sheet hides is there as META, unless most of the page would be: then a script
    that we do not see shows it.
    """
    start = top or tree.body or tree.root
    unseen = hidden_names(tree)
    layout = _Typesetter(unseen).set(start)
    if unseen:
        chars = [0, 0]
        for line in layout.lines:
            chars[line.kind is META] += len(line.text)
        if chars[True] > chars[False]:
            return _Typesetter(frozenset()).set(start)
    return layout


class _Typesetter:
    """Walks the tree once, without recursion; state is what is open at the moment."""

    def __init__(self, unseen: frozenset[str]) -> None:
        self._unseen = unseen
        self._root = Box("body", "", None, 0, 0)
        self._box = self._root
        self._lines: list[Line] = []
        self._links: list[tuple[str, str]] = []
        self._images: list[str] = []
        self._backgrounds: list[str] = []
        self._pieces: list[tuple[str, int]] = []
        self._alts: list[tuple[str, Kind]] = []
        self._link = 0
        self._link_count = 0
        self._hrefs: list[tuple[str, list[str]]] = []
        self._kind = TEXT
        self._small = False
        self._chars = 0
        self._nodes = 0
        self._frame_depth = 0
        self._truncated = ""

    def set(self, top: LexborNode | None) -> Layout:
        self._walk(top)
        self._flush()
        self._root.stop = len(self._lines)
        return Layout(
            self._root, self._lines, self._links, self._images, self._backgrounds, self._truncated
        )

    def _walk(self, top: LexborNode | None) -> None:
        """Visits `top` and all below that can be seen; `stack` holds what to restore on leaving."""
        stack: list[tuple[LexborNode, _Before | None]] = []
        node = top
        while node is not None:
            self._nodes += 1
            if self._nodes > MAX_NODES or self._chars > MAX_TEXT_CHARS:
                what = "nodes" if self._nodes > MAX_NODES else "text"
                self._truncated = f"truncated: too many {what}"
                break
            if node.is_text_node:
                self._add(node.text_content)
            else:
                opened, left = self._enter(node)
                child = node.first_child if opened else None
                if child is not None:
                    stack.append((node, left))
                    node = child
                    continue
                if left:
                    self._leave(left)
            following = node.next if stack else None
            while following is None and stack:
                node, left = stack.pop()
                if left:
                    self._leave(left)
                following = node.next if stack else None
            node = following
        while stack:
            left = stack.pop()[1]
            if left:
                self._leave(left)

    def _enter(self, node: LexborNode) -> tuple[bool, _Before | None]:
        """Open an element: whether what is below it is seen, and what to restore on leaving it."""
        tag = node.tag
        if tag is None or tag in _SKIPPED or not node.is_element_node:
            return _UNSEEN
        attributes = node.attributes
        style, unseen = "", False
        if attributes:
            style = folded_style(attributes.get("style"))
            if (style or "hidden" in attributes) and is_hidden(attributes, style):
                return _UNSEEN
            unseen = bool(self._unseen) and self._is_unseen(attributes)
        if tag in _VOIDS:
            self._void(tag, attributes)
            return _UNSEEN
        if unseen and tag not in _BLOCKS:
            self._alts.append((node.text()[:MAX_ATTRIBUTE_CHARS], META))
            return _UNSEEN
        boxed = _opens_box(tag, style) if style else tag in _BLOCKS
        if not (boxed or style or tag == "a"):
            return _AS_BEFORE
        before = (self._box, self._kind, self._small, self._link, len(self._hrefs))
        if style:
            self._take_style(style, attributes)
        if tag == "a":
            self._open_link(attributes)
        if boxed:
            self._open_box(tag, attributes, unseen=unseen)
        return not (boxed and tag == "iframe"), before

    def _leave(self, before: _Before) -> None:
        box, kind, self._small, self._link, hrefs = before
        if len(self._hrefs) > hrefs:
            href, parts = self._hrefs.pop()
            if len(self._links) < MAX_LINKS:
                text = parts[0] if len(parts) == 1 else "".join(parts)
                self._links.append((href, _single_spaced(text).strip()[:300]))
        if box is not self._box:
            self._leave_boxes(box)
        self._kind = kind

    def _leave_boxes(self, box: Box) -> None:
        """Close the boxes inside `box`."""
        if self._pieces or self._alts:
            self._flush()
        while self._box is not box and self._box.parent is not None:
            self._box.stop = len(self._lines)
            self._box = self._box.parent

    def _open_box(self, tag: str, attributes: dict[str, str | None], *, unseen: bool) -> None:
        if self._pieces or self._alts:
            self._flush()
        names = ""
        if attributes:
            names = attributes.get("class") or ""
            name = attributes.get("id")
            if name:
                names = f"{names} {name}"
            names = names[:MAX_ATTRIBUTE_CHARS].lower()
        parent = self._box
        self._box = Box(tag, names, parent, parent.depth + 1, len(self._lines))
        parent.children.append(self._box)
        if unseen or tag == "noscript":
            self._kind = META
        elif tag in _CONTROLS and self._kind is not META:
            self._kind = CONTROL
        if tag == "iframe":
            self._frame(attributes)

    def _is_unseen(self, attributes: dict[str, str | None]) -> bool:
        """Whether a style sheet of the page hides the element."""
        names = [f".{name}" for name in (attributes.get("class") or "").split()]
        names.append(f"#{attributes.get('id')}")
        return not self._unseen.isdisjoint(names)

    def _open_link(self, attributes: dict[str, str | None]) -> None:
        href = attributes.get("href")
        if href is None:
            return
        self._link_count += 1
        self._link = self._link_count
        title = (attributes.get("title") or "")[:MAX_ATTRIBUTE_CHARS]
        self._hrefs.append((href.strip(), []))
        if title:
            self._alts.append((title, LINK))

    def _void(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in {"br", "hr"}:
            self._flush()
            return
        if tag == "img" and len(self._images) < MAX_LINKS:
            self._images += image_sources(attributes)
        if tag == "input":
            if (attributes.get("type") or "").lower() == "hidden":
                return
            keys = (
                ("value", "placeholder")
                if attributes.get("type") in _LABELLED_INPUTS
                else ("placeholder",)
            )
            kind = CONTROL
        else:
            keys, kind = ("alt", "title"), ALT
        for key in keys:
            text = attributes.get(key)
            if text:
                self._alts.append((text[:MAX_ATTRIBUTE_CHARS], kind))
                if self._hrefs and kind is ALT:
                    self._hrefs[-1][1].append(text[:MAX_ATTRIBUTE_CHARS])

    def _take_style(self, style: str, attributes: dict[str, str | None]) -> None:
        """What an element's own style says; `style` is folded."""
        self._small = font_is_unreadable(style, self._small)
        source = background_source(attributes.get("style") or "") if "url(" in style else None
        if source and len(self._backgrounds) < MAX_LINKS:
            self._backgrounds.append(source)

    def _frame(self, attributes: dict[str, str | None]) -> None:
        inner = attributes.get("srcdoc")
        if inner and self._frame_depth < _FRAME_DEPTH:
            document = LexborHTMLParser(inner[:MAX_TEXT_CHARS])
            self._frame_depth += 1
            self._walk(document.body)
            self._frame_depth -= 1

    def _add(self, text: str | None) -> None:
        if not text or self._small:
            return
        literal = self._box.tag in _LITERAL
        if text[0] <= " " and not (literal or self._pieces or self._hrefs or text.strip(_WHITE)):
            return  # no line begins with white space
        if literal and "\n" in text:
            for part in text.split("\n"):
                self._pieces.append((part, self._link))
                self._flush()
            return
        self._pieces.append((text, self._link))
        if self._hrefs:
            self._hrefs[-1][1].append(text)

    def _flush(self) -> None:
        """End the line: what was gathered becomes one line, or one for each of its links."""
        pieces, alts = self._pieces, self._alts
        if pieces:
            self._pieces = []
            if len(pieces) == 1:
                text, link = pieces[0]
                text = _single_spaced(text).strip(" ")
                if text:
                    self._append(text, len(text) if link else 0)
            else:
                self._emit(pieces)
        if alts:
            self._alts = []
            for text, kind in alts:
                self._emit_alt(text, kind)

    def _emit(self, pieces: list[tuple[str, int]]) -> None:
        plain = "".join([text for text, link in pieces if not link])
        linked = _by_link(pieces)
        if len(linked) > 1 and not _WORD.search(plain) and max(map(len, linked)) > 1:
            for text in linked:
                self._append(text, len(text))
            return
        text = _single_spaced("".join([text for text, _ in pieces])).strip(" ")
        if text:
            self._append(text, min(len(text), sum(map(len, linked))))

    def _append(self, text: str, link_chars: int) -> None:
        kind = self._kind
        if kind is TEXT and link_chars and link_chars > 0.8 * len(text):
            kind = LINK
        room = MAX_TEXT_CHARS - self._chars
        if len(text) > room:
            text = text[: max(0, room)]
        if text:
            self._chars += len(text)
            self._lines.append(Line(text, kind, self._box, link_chars))

    def _emit_alt(self, text: str, kind: Kind) -> None:
        text = _single_spaced(text).strip(" ")
        said = self._lines[-1].text if self._lines else ""
        if not _WORD.search(text) or text in said:
            return
        kind = META if self._kind is META else (ALT if kind is LINK else kind)
        self._chars += len(text)
        self._lines.append(Line(text, kind, self._box, 0))


def _opens_box(tag: str, style: str) -> bool:
    display = display_of(style)
    return display in _BLOCK_DISPLAYS or (tag in _BLOCKS and not display.startswith("inline"))


def _single_spaced(text: str) -> str:
    """`text` with one space for each run of white space."""
    if "  " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text:
        return _SPACE.sub(" ", text)
    return text


def _by_link(pieces: list[tuple[str, int]]) -> list[str]:
    """The text of each link among the pieces."""
    texts: dict[int, str] = {}
    for text, link in pieces:
        if link:
            texts[link] = texts.get(link, "") + text
    return [clean for text in texts.values() if (clean := _single_spaced(text).strip(" "))]
