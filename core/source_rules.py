"""What a target file says of sources that are asked: JSON interfaces and a site's own search."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from core.config_record import Record, Text

WORD_MARK = "{word}"
MAX_WORDS = 1_000
MAX_WORD_CHARS = 50

DottedPath = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^\s.\[\]{}()$*@?!|'\"]+(\.[^\s.\[\]{}()$*@?!|'\"]+)*$", max_length=200
    ),
]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[^\s&=#]+$", max_length=100)]


def _simple(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a text, a number, true or false"[:200])  # noqa: TRY004 (pydantic's way)
    return value


# Not a union of types: one fault would be said once for each of them.
Scalar = Annotated[
    Any,
    AfterValidator(_simple),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
SearchEncoding = Literal["utf-8", "gbk", "gb2312", "gb18030", "big5"]


class ApiFields(Record):
    """Where in an entry each field stands: dotted paths, list indexes as numbers (images.0.url)."""

    id: DottedPath | None = Field(None, description="what tells entries apart")
    url: DottedPath | None = Field(None, description="the entry's page")
    title: DottedPath | None = Field(None, description="its title")
    text: DottedPath | None = Field(None, description="its text, plain or HTML, or a list of such")
    account: DottedPath | None = Field(None, description="the account that published it")
    author: DottedPath | None = Field(None, description="who wrote it")
    published: DottedPath | None = Field(
        None, description="when: a date, or seconds or milliseconds since 1970"
    )
    images: DottedPath | None = Field(
        None, description="addresses of images; a list on the way stands for each of its entries"
    )

    @model_validator(mode="after")
    def _tells_entries_apart(self) -> Self:
        if self.url is None and self.id is None:
            raise ValueError("needs url or id, or entries could not be told apart")
        return self


class ApiPaging(Record):
    """How the next answer is asked for; `next.pages` bounds how many are."""

    by: Literal["page", "offset", "cursor", "link"] = Field(
        description="a page number, an offset, a cursor from the answer, an address in it"
    )
    param: ParameterName | None = Field(
        None, description="the request parameter that carries it (not for link)"
    )
    start: int = Field(1, ge=0, le=1_000_000, description="the first page number or offset")
    step: int = Field(1, ge=1, le=10_000, description="what is added for the next answer")
    path: DottedPath | None = Field(
        None, description="where the cursor or the next address stands in the answer"
    )
    more: DottedPath | None = Field(
        None, description="a value of the answer that is false or 0 where there is no more"
    )

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        if self.by != "link" and self.param is None:
            raise ValueError(f"by: {self.by} needs param, the request parameter that carries it")
        if self.by in {"cursor", "link"} and self.path is None:
            raise ValueError(f"by: {self.by} needs path, where it stands in the answer")
        return self


class ApiSuccess(Record):
    """Which value says that the answer is no refusal, though it came with HTTP 200."""

    path: DottedPath = Field(description="where the code stands")
    values: tuple[Scalar, ...] = Field(
        min_length=1, max_length=20, description="the values that mean success"
    )


class ApiRule(Record):
    """For `spider: api`: where in a JSON answer the entries and their fields stand."""

    items: DottedPath | None = Field(
        None, description="dotted path to the list; left out, the answer itself is the list"
    )
    fields: ApiFields = Field(description="where in an entry each field stands")
    follow: bool = Field(
        False, description="fetch the page at url; false: the entry itself is the text"
    )
    params: dict[ParameterName, Scalar] = Field(
        default_factory=dict, max_length=50, description="request parameters beside start_urls"
    )
    paging: ApiPaging | None = None
    success: ApiSuccess | None = None

    @model_validator(mode="after")
    def _fields_suffice(self) -> Self:
        if self.follow and self.fields.url is None:
            raise ValueError("follow: true needs fields.url, the address to be followed")
        if not self.follow and self.fields.text is None and self.fields.title is None:
            raise ValueError("needs fields.text or fields.title, or follow: true")
        return self


class SearchRule(Record):
    """For `spider: search`: the words that a site's own search is asked for."""

    words: tuple[Text, ...] = Field((), max_length=MAX_WORDS, description="the words")
    words_file: Text | None = Field(
        None, description="a file with a word a line, beside the target file; # begins a comment"
    )
    encoding: SearchEncoding = Field("utf-8", description="the site's encoding of the words")

    @field_validator("words")
    @classmethod
    def _short_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if len(word) > MAX_WORD_CHARS or not word.strip() or "\n" in word:
                raise ValueError(f"{word[:60]!r} is no word of 1 to {MAX_WORD_CHARS} characters")
        return tuple(dict.fromkeys(word.strip() for word in words))

    @model_validator(mode="after")
    def _words_can_be_asked_for(self) -> Self:
        if not self.words:
            raise ValueError("needs words, or words_file with at least one word")
        for word in self.words:
            try:
                word.encode(codec_of(self.encoding))
            except UnicodeEncodeError:
                raise ValueError(f"{word!r} cannot be written in {self.encoding}") from None
        return self


def codec_of(encoding: SearchEncoding) -> str:
    """The Python codec; a site that says gb2312 takes all of gbk."""
    return {"gb2312": "gbk", "big5": "big5hkscs"}.get(encoding, encoding)
