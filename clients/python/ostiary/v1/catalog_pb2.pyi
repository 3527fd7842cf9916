import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import policy_pb2 as _policy_pb2
from ostiary.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChangeAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_ACTION_UNSPECIFIED: _ClassVar[ChangeAction]
    CHANGE_ACTION_CREATE: _ClassVar[ChangeAction]
    CHANGE_ACTION_UPDATE: _ClassVar[ChangeAction]
    CHANGE_ACTION_DELETE: _ClassVar[ChangeAction]
CHANGE_ACTION_UNSPECIFIED: ChangeAction
CHANGE_ACTION_CREATE: ChangeAction
CHANGE_ACTION_UPDATE: ChangeAction
CHANGE_ACTION_DELETE: ChangeAction

class Catalog(_message.Message):
    __slots__ = ("name", "id", "display_name", "description", "enabled", "external", "built_in", "owners", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FIELD_NUMBER: _ClassVar[int]
    BUILT_IN_FIELD_NUMBER: _ClassVar[int]
    OWNERS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    description: str
    enabled: bool
    external: bool
    built_in: bool
    owners: _containers.RepeatedScalarFieldContainer[str]
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., enabled: _Optional[bool] = ..., external: _Optional[bool] = ..., built_in: _Optional[bool] = ..., owners: _Optional[_Iterable[str]] = ..., etag: _Optional[str] = ...) -> None: ...

class Resource(_message.Message):
    __slots__ = ("name", "id", "display_name", "kind", "target", "roles", "questions", "group_connected", "enabled_for_entitlement_management", "personal_accounts_only", "privileged", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    GROUP_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FOR_ENTITLEMENT_MANAGEMENT_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ACCOUNTS_ONLY_FIELD_NUMBER: _ClassVar[int]
    PRIVILEGED_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    kind: _resource_pb2.ResourceKind
    target: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    questions: _containers.RepeatedCompositeFieldContainer[_policy_pb2.Question]
    group_connected: bool
    enabled_for_entitlement_management: bool
    personal_accounts_only: bool
    privileged: bool
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[_Union[_resource_pb2.ResourceKind, str]] = ..., target: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., questions: _Optional[_Iterable[_Union[_policy_pb2.Question, _Mapping]]] = ..., group_connected: _Optional[bool] = ..., enabled_for_entitlement_management: _Optional[bool] = ..., personal_accounts_only: _Optional[bool] = ..., privileged: _Optional[bool] = ..., etag: _Optional[str] = ...) -> None: ...

class CustomExtension(_message.Message):
    __slots__ = ("name", "id", "display_name", "url", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    url: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., url: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class AccessPackage(_message.Message):
    __slots__ = ("name", "id", "display_name", "description", "hidden", "entries", "incompatible_packages", "incompatible_groups", "catalog", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    INCOMPATIBLE_PACKAGES_FIELD_NUMBER: _ClassVar[int]
    INCOMPATIBLE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    description: str
    hidden: bool
    entries: _containers.RepeatedCompositeFieldContainer[PackageEntry]
    incompatible_packages: _containers.RepeatedScalarFieldContainer[str]
    incompatible_groups: _containers.RepeatedScalarFieldContainer[str]
    catalog: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., hidden: _Optional[bool] = ..., entries: _Optional[_Iterable[_Union[PackageEntry, _Mapping]]] = ..., incompatible_packages: _Optional[_Iterable[str]] = ..., incompatible_groups: _Optional[_Iterable[str]] = ..., catalog: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class PackageEntry(_message.Message):
    __slots__ = ("resource", "role")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    resource: str
    role: str
    def __init__(self, resource: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class TenantSettings(_message.Message):
    __slots__ = ("name", "id", "display_name", "profile", "profile_version", "revision", "read_time", "section")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    READ_TIME_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    profile: str
    profile_version: str
    revision: int
    read_time: _timestamp_pb2.Timestamp
    section: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., profile: _Optional[str] = ..., profile_version: _Optional[str] = ..., revision: _Optional[int] = ..., read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., section: _Optional[str] = ...) -> None: ...

class DefinitionWarning(_message.Message):
    __slots__ = ("field", "code", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    code: str
    description: str
    def __init__(self, field: _Optional[str] = ..., code: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class DefinitionChange(_message.Message):
    __slots__ = ("action", "name", "display_name", "fields")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    action: ChangeAction
    name: str
    display_name: str
    fields: _containers.RepeatedCompositeFieldContainer[DefinitionFieldChange]
    def __init__(self, action: _Optional[_Union[ChangeAction, str]] = ..., name: _Optional[str] = ..., display_name: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[DefinitionFieldChange, _Mapping]]] = ...) -> None: ...

class DefinitionFieldChange(_message.Message):
    __slots__ = ("field", "before", "after")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    field: str
    before: str
    after: str
    def __init__(self, field: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...
