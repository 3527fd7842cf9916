"""SCIM 2.0 over our bounded calls: what is asked keeps the RFCs, what comes back is not trusted.

scim2-client makes the requests. Answers are taken as plain JSON, since servers in the field leave
out much that the RFCs want; whoever uses them looks only at what is needed, and checks it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from scim2_client import BaseSyncSCIMClient
from scim2_client.errors import SCIMClientException
from scim2_models import Group, PatchOp, Resource, SCIMException, ScimProvider, User
from scim2_models.resources.user import Email

from ostiary.adapters.connectors.http_calls import (
    Answer,
    CallFailedError,
    HttpCaller,
    failure_of,
    place_of,
)
from ostiary.adapters.connectors.outcomes import RESOURCE_GONE, again, failed, short
from ostiary.adapters.connectors.secret import Secret, SecretUnavailableError, hide
from ostiary.lifecycle.ports import Delivered

_WITHOUT_CASE = frozenset({"userName", "displayName"})

T = TypeVar("T")
Json = Mapping[str, Any]


class ScimRefusedError(Exception):
    """The server did not do what it was asked; `delivered` is what that means to a delivery."""

    def __init__(self, delivered: Delivered, status: int = 0, scim_type: str = "") -> None:
        super().__init__(delivered.text)
        self.delivered = delivered
        self.status = status
        self.scim_type = scim_type


class ScimClient:
    """Users and groups of one server; every method raises ScimRefusedError."""

    def __init__(self, caller: HttpCaller, url: str, token: Secret | None) -> None:
        self._caller = caller
        self._client = _Client(caller, url.rstrip("/"), token)
        self._url = url

    def users(self, attribute: str, value: str) -> tuple[Json, ...]:
        """Give the users with this value of an attribute.

        A server that ignores the filter answers with everybody, so each one is looked at.
        """
        return self._found(User, attribute, value)

    def groups(self, attribute: str, value: str) -> tuple[Json, ...]:
        """Give the groups with this value of an attribute."""
        return self._found(Group, attribute, value)

    def group(self, group_id: str) -> Json:
        """Give a group with its members."""
        return self._object(self._asked(lambda: self._client.query(Group, group_id)))

    def create(self, user: User[Any]) -> Json:
        """Create a user."""
        return self._object(self._listed(lambda: self._client.create(user)))

    def change_user(self, user_id: str, *operations: Json) -> None:
        """Change a user."""
        patch = self._asked(lambda: PatchOp[User[Any]].model_validate({"operations": operations}))
        self._asked(lambda: self._client.modify(User, user_id, patch))

    def change_group(self, group_id: str, *operations: Json) -> None:
        """Change a group."""
        patch = self._asked(lambda: PatchOp[Group].model_validate({"operations": operations}))
        self._asked(lambda: self._client.modify(Group, group_id, patch))

    def delete_user(self, user_id: str) -> None:
        """Delete a user."""
        self._asked(lambda: self._client.delete(User, user_id))

    def together(self) -> AbstractContextManager[None]:
        """Have all questions of a block share the time of one call."""
        return self._caller.together()

    def close(self) -> None:
        """Let go of connections."""
        self._caller.close()

    def _found(self, kind: type[Resource[Any]], attribute: str, value: str) -> tuple[Json, ...]:
        wanted = {"filter": f"{attribute} eq {quoted(value)}"}
        answer = self._object(self._listed(lambda: self._client.query(kind, wanted)))
        found = answer.get("Resources") or []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self._unreadable("a list without resources")
        return tuple(one for one in found if _same(one.get(attribute), value, attribute))

    def _object(self, answer: Any) -> Json:
        if not isinstance(answer, dict):
            raise self._unreadable("no JSON object where one was wanted")
        return answer

    def _listed(self, ask: Callable[[], T]) -> T:
        """Ask a whole collection, which cannot be gone: a 404 means that no SCIM is there."""
        try:
            return self._asked(ask)
        except ScimRefusedError as error:
            if error.delivered.failure != RESOURCE_GONE:
                raise
            raise ScimRefusedError(failed(error.delivered.text), error.status) from None

    def _asked(self, ask: Callable[[], T]) -> T:
        """Give the answer, or raise what became of the question in our terms."""
        try:
            return ask()
        except CallFailedError as error:
            raise ScimRefusedError(again(str(error))) from None
        except SCIMClientException as error:
            raise self._unreadable(str(error)) from None
        except (SCIMException, ValueError) as error:
            text = f"{place_of(self._url)}: cannot be asked in SCIM: {type(error).__name__}"
            raise ScimRefusedError(failed(text)) from None

    def _unreadable(self, what: str) -> ScimRefusedError:
        """Give the error of an answer that is no SCIM: a proxy's page, half an answer."""
        return ScimRefusedError(again(f"{place_of(self._url)}: answered with no SCIM: {what}"))


def mails(mail: str | None) -> list[Email] | None:
    """Give the mail address as SCIM has it; None if SCIM does not take it for one."""
    if mail is None:
        return None
    try:
        return [Email(value=mail, primary=True)]
    except ValueError:
        return None


def quoted(value: str) -> str:
    """Give a text as it stands in a filter or path."""
    return json.dumps(value, ensure_ascii=False)


def _same(value: object, wanted: str, attribute: str) -> bool:
    """Compare as the RFC does: names without case, ids to the letter."""
    if not isinstance(value, str):
        return False
    if attribute in _WITHOUT_CASE:
        return value.casefold() == wanted.casefold()
    return value == wanted


def values_of(resource: Json, attribute: str) -> tuple[str, ...]:
    """Give the values of a multi-valued attribute; none if it is not one."""
    found = resource.get(attribute)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    values = (one.get("value") if isinstance(one, dict) else one for one in found)
    return tuple(value for value in values if isinstance(value, str))


class _Raw(msgspec.Struct, frozen=True):
    """An answer in the form in which scim2-client reads it."""

    status_code: int
    headers: Mapping[str, str]
    text: str


class _Headers(dict[str, str]):
    """Headers that are found whatever the case of their names."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # a header or nothing
        return super().get(key.lower(), default)


class _Client(BaseSyncSCIMClient):
    """The client of scim2-client, which sends through our caller."""

    def __init__(self, caller: HttpCaller, url: str, token: Secret | None) -> None:
        super().__init__(provider=ScimProvider(models=[User, Group]), check_response_payload=False)
        self._caller = caller
        self._url = url
        self._token = token

    def request(self, method: str, url: str, **kwargs: Any) -> _Raw:
        """Send a request; raises ScimRefusedError for every status but 2xx."""
        token = self._secret()
        headers = {"accept": "application/scim+json", "content-type": "application/scim+json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        asked = f"{self._url}{url}"
        if kwargs.get("params"):
            asked = f"{asked}?{urlencode(kwargs['params'])}"
        body = json.dumps(kwargs["json"]).encode() if "json" in kwargs else None
        answer = self._caller.call(method, asked, headers=headers, body=body)
        refused = refusal(answer, what=place_of(asked), secret=token)
        if refused is not None:
            raise refused
        text = answer.body.decode("utf-8", "replace")
        return _Raw(answer.status, _Headers(answer.headers), text)

    def _secret(self) -> str:
        if self._token is None:
            return ""
        try:
            return self._token.read()
        except SecretUnavailableError as error:
            raise ScimRefusedError(again(f"the token cannot be read: {error}")) from None


def refusal(answer: Answer, *, what: str, secret: str = "") -> ScimRefusedError | None:
    """Give what a status other than 2xx means, with what the server said about it."""
    failure = failure_of(answer, what=what)
    if failure is None:
        return None
    scim_type, detail = _error(answer)
    said = ": ".join(part for part in (failure.text, scim_type, detail) if part)
    told = msgspec.structs.replace(failure, text=short(hide(said, secret)))
    return ScimRefusedError(told, answer.status, scim_type)


def _error(answer: Answer) -> tuple[str, str]:
    """Give the scimType and detail of an error, as far as the server gave them."""
    try:
        error = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(error, dict):
        return "", ""
    scim_type, detail = error.get("scimType"), error.get("detail")
    return (
        scim_type if isinstance(scim_type, str) else "",
        detail[:200] if isinstance(detail, str) else "",
    )
