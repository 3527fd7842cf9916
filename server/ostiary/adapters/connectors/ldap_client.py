"""LDAP operations that end in time, with answers in our words; the only module that knows ldap3."""

from __future__ import annotations

import logging
import math
import re
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from ostiary.adapters.connectors.outcomes import again, failed, forbidden, gone
from ostiary.adapters.connectors.secret import SecretUnavailableError, hide
from ostiary.adapters.connectors.settings import LdapSettings
from ostiary.domain.enumeration import Enumeration
from ostiary.lifecycle.ports import Delivered

with warnings.catch_warnings():
    # ldap3 imports old names of pyasn1, which warns about them.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPExceptionError
    from ldap3.operation.search import parse_filter
    from ldap3.utils.conv import escape_filter_chars
    from ldap3.utils.dn import parse_dn

_log = logging.getLogger(__name__)

SUCCESS: Final = 0
SIZE_LIMIT_EXCEEDED: Final = 4
NO_SUCH_ATTRIBUTE: Final = 16
VALUE_EXISTS: Final = 20
NO_SUCH_OBJECT: Final = 32
OBJECT_CLASS_VIOLATION: Final = 65
ENTRY_EXISTS: Final = 68

# What a result means wherever the connector knows no better; all others fail for good.
_MEANINGS: Final[Mapping[int, Callable[[str], Delivered]]] = {
    3: again,  # time limit exceeded
    8: forbidden,  # stronger authentication required
    11: again,  # administrative limit exceeded
    13: forbidden,  # confidentiality required
    NO_SUCH_OBJECT: gone,
    48: forbidden,  # inappropriate authentication
    49: forbidden,  # invalid credentials
    50: forbidden,  # insufficient access rights
    51: again,  # busy
    52: again,  # unavailable
    80: again,  # other: the server's own trouble
}
_PLACES = re.compile(r"\{(id|mail|target)\}")
_PLAIN_IN_DN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@")


class LdapRefusedError(Exception):
    """An operation was refused, or no answer came; `code` is LDAP's, or -1."""

    def __init__(self, delivered: Delivered, code: int = -1) -> None:
        super().__init__(delivered.text)
        self.delivered = delivered
        self.code = code


class LdapEntry(msgspec.Struct, frozen=True):
    """An entry with the attributes that were asked for, under names in lower case."""

    dn: str
    attributes: Mapping[str, tuple[bytes, ...]] = {}

    def values(self, attribute: str) -> tuple[str, ...]:
        """Give the values of an attribute as text; none if it is not there."""
        found = self.attributes.get(attribute.lower(), ())
        return tuple(value.decode("utf-8", "replace") for value in found)


class Doing(Enumeration):
    """What a change does with the values of an attribute."""

    ADD = ldap3.MODIFY_ADD
    DELETE = ldap3.MODIFY_DELETE
    REPLACE = ldap3.MODIFY_REPLACE  # with no values: the attribute is gone, or was never there


class Change(msgspec.Struct, frozen=True):
    """One change of one attribute; several of one operation happen together or not at all."""

    doing: Doing
    attribute: str
    values: tuple[str, ...] = ()


class Scope(Enumeration):
    """How far a search looks."""

    ENTRY = ldap3.BASE
    BELOW = ldap3.SUBTREE


def filter_of(template: str, **values: str) -> str:
    """Give a filter with values in the places of their names; none of them can change its sense."""
    return _PLACES.sub(lambda place: escape_filter_chars(values.get(place[1], "")), template)


def is_filter(text: str) -> bool:
    """Say whether a text can be read as a filter, with or without its places."""
    read: Callable[..., Any] = parse_filter  # which has no types
    try:
        read(filter_of(text), None, False, None, False, False)  # noqa: FBT003  # theirs
    except (LDAPExceptionError, ValueError, IndexError):
        return False
    return True


def is_dn(text: str) -> bool:
    """Say whether a text can be read as the name of an entry."""
    try:
        return bool(parse_dn(text))
    except (LDAPExceptionError, ValueError, IndexError):
        return False


def equals(attribute: str, value: str) -> str:
    """Give the filter of entries whose attribute has a value."""
    return f"({attribute}={escape_filter_chars(value)})"


def dn_below(attribute: str, value: str, base: str) -> str:
    """Give the name of the entry right below a base; whatever is not plain is written in hex."""
    name = "".join(
        chr(byte) if byte in _PLAIN_IN_DN else f"\\{byte:02X}" for byte in value.encode("utf-8")
    )
    return f"{attribute}={name},{base}"


class _Tls(ldap3.Tls):
    """TLS as Python has it; ldap3's own checks the name of the host by a deprecated function."""

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._ca_file = ca_file

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002  # as ldap3 calls it
        context = ssl.create_default_context(cafile=self._ca_file)
        host = connection.server.host
        connection.socket = context.wrap_socket(connection.socket, server_hostname=host)


class LdapSession:
    """A connection that is signed in."""

    def __init__(self, connection: ldap3.Connection, where: str) -> None:
        self._connection: Any = connection  # half of it has no types
        self._where = where

    def find(
        self,
        base: str,
        filter_text: str,
        attributes: Sequence[str] = (),
        *,
        scope: Scope = Scope.BELOW,
        most: int = 0,
    ) -> tuple[LdapEntry, ...]:
        """Give the entries that a filter finds, at most `most` if that is not 0."""
        result, response = self._done(
            self._connection.search(
                base,
                filter_text,
                search_scope=scope.value,
                attributes=list(attributes) or [ldap3.NO_ATTRIBUTES],
                size_limit=most,
            )
        )
        if result["result"] == NO_SUCH_OBJECT and scope is Scope.BELOW:
            text = f"there is no `{base}` in {self._where}, or we may not see it"
            raise LdapRefusedError(failed(text), NO_SUCH_OBJECT)
        if result["result"] not in (SUCCESS, SIZE_LIMIT_EXCEEDED):
            raise self._refused(result, f"the search below `{base}`")
        return tuple(_entry(one) for one in response or () if one["type"] == "searchResEntry")

    def change(self, dn: str, *changes: Change) -> None:
        """Change an entry; LdapRefusedError if the server does not."""
        asked: dict[str, list[Any]] = {}
        for change in changes:
            values = list(change.values)
            asked.setdefault(change.attribute, []).append((change.doing.value, values))
        result, _ = self._done(self._connection.modify(dn, asked))
        self._check(result, f"a change of `{dn}`")

    def add(self, dn: str, attributes: Mapping[str, Sequence[str]]) -> None:
        """Make an entry."""
        made = {name: list(values) for name, values in attributes.items()}
        result, _ = self._done(self._connection.add(dn, attributes=made))
        self._check(result, f"the entry `{dn}`")

    def delete(self, dn: str) -> None:
        """Delete an entry."""
        result, _ = self._done(self._connection.delete(dn))
        self._check(result, f"the deletion of `{dn}`")

    def _done(self, answer: Any) -> tuple[Mapping[str, Any], Any]:
        _, result, response, _ = answer
        return result, response

    def _check(self, result: Mapping[str, Any], what: str) -> None:
        if result["result"] != SUCCESS:
            raise self._refused(result, what)

    def _refused(self, result: Mapping[str, Any], what: str) -> LdapRefusedError:
        return refusal(result, f"{self._where} refused {what}")


def refusal(result: Mapping[str, Any], what: str) -> LdapRefusedError:
    """Give the error for a result."""
    code = int(result["result"])
    said = ": ".join(filter(None, (str(result["description"]), str(result["message"] or ""))))
    meaning = _MEANINGS.get(code, failed)
    return LdapRefusedError(meaning(f"{what}: {said}"), code)


class LdapClient:
    """Opens sessions with one directory; any thread may do so."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        url = urlsplit(settings.url)
        self._secure = url.scheme == "ldaps"
        self._host = url.hostname or ""
        self._port = url.port or (636 if self._secure else 389)
        self._where = f"{url.scheme}://{url.netloc}"

    @contextmanager
    def session(self) -> Iterator[LdapSession]:
        """Give a connection that is secured and signed in, for one piece of work.

        LdapRefusedError if there is none, or if it breaks: then the work may be tried again.
        """
        secret = ""
        connection: ldap3.Connection | None = None
        timer = threading.Timer(self._settings.patience.whole, lambda: _cut(connection))
        timer.daemon = True
        timer.start()
        try:
            secret = self._settings.password.read()
            connection = self._connection(secret)
            self._sign_in(connection)
            yield LdapSession(connection, self._where)
        except LdapRefusedError:
            raise
        except SecretUnavailableError as error:
            raise LdapRefusedError(again(f"no password for {self._where}: {error}")) from None
        except Exception as error:
            # ldap3 hands on whatever its decoder raises when a server answers with nonsense.
            if not isinstance(error, LDAPExceptionError | OSError):
                _log.warning("nonsense from %s", self._where, exc_info=True)
            text = hide(_words(error), secret)
            raise LdapRefusedError(again(f"{self._where} cannot be reached: {text}")) from error
        finally:
            timer.cancel()
            _close(connection)

    def _connection(self, secret: str) -> ldap3.Connection:
        patience = self._settings.patience
        server = ldap3.Server(
            self._host,
            port=self._port,
            use_ssl=self._secure,
            tls=_Tls(self._settings.ca_file),
            connect_timeout=patience.connect,
            get_info=ldap3.NONE,
        )
        return ldap3.Connection(
            server,
            self._settings.bind_dn,
            secret,
            client_strategy=ldap3.SAFE_SYNC,
            receive_timeout=max(1, math.ceil(patience.silence)),  # whole seconds, as ldap3 packs it
            auto_referrals=False,  # a referral would be followed with our password
            check_names=False,
            auto_escape=False,
            raise_exceptions=False,
        )

    def _sign_in(self, connection: ldap3.Connection) -> None:
        connection.open()
        if self._settings.start_tls and not self._secure:
            connection.start_tls()
        _, result, _, _ = connection.bind()
        if result["result"] != SUCCESS:
            raise refusal(result, f"{self._where} does not let us in")


def _entry(found: Mapping[str, Any]) -> LdapEntry:
    raw: Mapping[str, Sequence[bytes]] = found["raw_attributes"]
    return LdapEntry(str(found["dn"]), {name.lower(): tuple(raw[name]) for name in raw})


def _words(error: Exception) -> str:
    if isinstance(error, LDAPExceptionError | OSError) and str(error):
        return str(error)
    return f"its answer makes no sense ({type(error).__name__})"


def _cut(connection: ldap3.Connection | None) -> None:
    """Shut a connection that lasts too long: its own time-outs begin anew with each byte."""
    sock = None if connection is None else connection.socket
    if sock is not None:
        with suppress(OSError):  # it is over already
            sock.shutdown(socket.SHUT_RDWR)


def _close(connection: ldap3.Connection | None) -> None:
    if connection is None:
        return
    sock = connection.socket
    with suppress(Exception):  # nobody needs an answer to a farewell
        connection.unbind()
    if sock is not None:
        sock.close()  # what could not be opened, ldap3 does not close
