"""Templates of mails: ours, or a tenant's in their place, in a sandbox; nothing is guessed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import jinja2
import msgspec
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ostiary.adapters.mail.address import one_line
from ostiary.adapters.mail.facts import Row
from ostiary.adapters.mail.specimens import specimens
from ostiary.domain.notice import NoticeKind
from ostiary.rulebook.faults import did_you_mean, quoted
from ostiary.rulebook.source import Spot

SHIPPED: Final = Path(__file__).parent / "templates"
TEXT_ENDING: Final = ".txt.j2"
HTML_ENDING: Final = ".html.j2"

_WIDTH = 76
_SUBJECT = "Subject: "
_LONGEST_SUBJECT = 200
_LARGEST = 1024 * 1024  # characters; a template that repeats itself without end stops here


class Letter(msgspec.Struct, frozen=True):
    """What a person reads."""

    subject: str
    text: str
    html: str


class TemplateFailedError(Exception):
    """A template cannot be rendered; `file` and `line` say where, as far as that is known."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(f"template {Path(file).name}, line {line}: {text}")
        self.file = file
        self.line = line
        self.text = text


def template_names() -> frozenset[str]:
    """Give the names of all templates that are shipped, which are those that can be replaced."""
    return frozenset(path.name for path in SHIPPED.glob("*.j2"))


class Templates:
    """Renders notices; a template in `folder` takes the place of ours of that name."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        folders = [SHIPPED] if folder is None else [folder, SHIPPED]
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folders),
            autoescape=lambda name: name is None or not name.endswith(TEXT_ENDING),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            auto_reload=True,  # a template that is put right needs no restart
        )
        self._environment.filters.update(fill=_fill, indented=_indented, table=_table)

    def letter(self, kind: NoticeKind, facts: Mapping[str, Any]) -> Letter:
        """Give the subject and both texts of a notice; raises TemplateFailedError."""
        name = f"{kind.value}{TEXT_ENDING}"
        subject, text = self._split(name, self._render(name, facts))
        html = self._render(f"{kind.value}{HTML_ENDING}", {**facts, "subject": subject})
        return Letter(subject, text, html)

    def faults(self) -> Iterator[tuple[Spot, str]]:
        """Try the templates of the folder on specimens, and give what is wrong with them."""
        if self.folder is None:
            return
        known = template_names()
        for path in sorted(self.folder.glob("*.j2")):
            if path.name not in known:
                near = did_you_mean(path.name, known)
                yield Spot(path.as_posix()), f"no template has the name {quoted(path.name)}{near}"
        found: dict[tuple[str, int, str], None] = {}
        for kind, facts in specimens():
            try:
                self.letter(kind, facts)
            except TemplateFailedError as error:
                found[error.file, error.line, error.text] = None
        for file, line, text in found:
            yield Spot(file, line), text

    def _render(self, name: str, facts: Mapping[str, Any]) -> str:
        try:
            pieces = self._environment.get_template(name).generate(**facts)
            return self._gathered(name, pieces)
        except TemplateFailedError:
            raise
        except jinja2.TemplateSyntaxError as error:
            file = error.filename or self._file(name)
            raise TemplateFailedError(file, error.lineno, _words(error)) from error
        except jinja2.TemplateNotFound as error:
            text = f"there is no template {quoted(str(error.name or name))}"
            raise TemplateFailedError(*self._place(name, error.__traceback__), text) from error
        except Exception as error:  # a template can raise whatever Python can
            raise TemplateFailedError(
                *self._place(name, error.__traceback__), _words(error)
            ) from error

    def _gathered(self, name: str, pieces: Iterable[str]) -> str:
        kept: list[str] = []
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > _LARGEST:
                text = f"gives more than {_LARGEST:,} characters"
                raise TemplateFailedError(self._file(name), 1, text)
            kept.append(piece)
        return "".join(kept).strip("\n") + "\n"

    def _split(self, name: str, rendered: str) -> tuple[str, str]:
        """Give the subject, which is the first line, and the text below it."""
        first, _, rest = rendered.partition("\n")
        subject = one_line(first.removeprefix(_SUBJECT))
        if not first.startswith(_SUBJECT) or not subject:
            text = "the first line must be the subject, such as `Subject: Access ready`"
            raise TemplateFailedError(self._file(name), 1, text)
        if not rest.strip():
            raise TemplateFailedError(self._file(name), 1, "there is no text below the subject")
        return textwrap.shorten(subject, _LONGEST_SUBJECT, placeholder=" …"), rest.strip(
            "\n"
        ) + "\n"

    def _file(self, name: str) -> str:
        folder = self.folder if self.folder and (self.folder / name).is_file() else SHIPPED
        return (folder / name).as_posix()

    def _place(self, name: str, trace: TracebackType | None) -> tuple[str, int]:
        """Give the file and line of the innermost template that was being rendered."""
        place = (self._file(name), 1)
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.endswith(".j2"):
                place = (Path(file).as_posix(), trace.tb_lineno)
            trace = trace.tb_next
        return place


def _words(error: Exception) -> str:
    """Give an error of Jinja or Python in one line."""
    text = one_line(str(error)).rstrip(".").replace("'", "`") or "it cannot be rendered"
    return text[:1].lower() + text[1:]


def _fill(text: str) -> str:
    """Break a paragraph into lines, leaving words such as ids and URLs whole."""
    return textwrap.fill(one_line(text), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _indented(text: str, mark: str = "> ") -> str:
    """Put a mark before each line of what a person wrote, so that it cannot pass for our text."""
    lines = [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, _WIDTH, break_on_hyphens=False) or [""]
    ]
    return "\n".join((mark + line).rstrip() for line in lines)


def _table(rows: Iterable[Row]) -> str:
    """Give rows with their labels below each other."""
    shown = tuple(rows)
    width = max((len(row.label) for row in shown), default=0) + 2
    return "\n".join(
        textwrap.fill(
            row.text,
            _WIDTH,
            initial_indent=f"{row.label}:".ljust(width),
            subsequent_indent=" " * width,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for row in shown
    )
