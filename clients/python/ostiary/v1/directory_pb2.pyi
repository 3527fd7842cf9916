import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import person_pb2 as _person_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GroupKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GROUP_KIND_UNSPECIFIED: _ClassVar[GroupKind]
    GROUP_KIND_SECURITY: _ClassVar[GroupKind]
    GROUP_KIND_MICROSOFT_365: _ClassVar[GroupKind]
    GROUP_KIND_DISTRIBUTION: _ClassVar[GroupKind]

class MembershipRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMBERSHIP_ROLE_UNSPECIFIED: _ClassVar[MembershipRole]
    MEMBERSHIP_ROLE_MEMBER: _ClassVar[MembershipRole]
    MEMBERSHIP_ROLE_OWNER: _ClassVar[MembershipRole]

class OrganizationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORGANIZATION_STATE_UNSPECIFIED: _ClassVar[OrganizationState]
    ORGANIZATION_STATE_CONFIGURED: _ClassVar[OrganizationState]
    ORGANIZATION_STATE_PROPOSED: _ClassVar[OrganizationState]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_ADMINISTRATOR: _ClassVar[Role]
    ROLE_CATALOG_CREATOR: _ClassVar[Role]
    ROLE_CATALOG_OWNER: _ClassVar[Role]
    ROLE_PACKAGE_MANAGER: _ClassVar[Role]
    ROLE_ASSIGNMENT_MANAGER: _ClassVar[Role]
    ROLE_CATALOG_READER: _ClassVar[Role]
    ROLE_EVALUATOR: _ClassVar[Role]
GROUP_KIND_UNSPECIFIED: GroupKind
GROUP_KIND_SECURITY: GroupKind
GROUP_KIND_MICROSOFT_365: GroupKind
GROUP_KIND_DISTRIBUTION: GroupKind
MEMBERSHIP_ROLE_UNSPECIFIED: MembershipRole
MEMBERSHIP_ROLE_MEMBER: MembershipRole
MEMBERSHIP_ROLE_OWNER: MembershipRole
ORGANIZATION_STATE_UNSPECIFIED: OrganizationState
ORGANIZATION_STATE_CONFIGURED: OrganizationState
ORGANIZATION_STATE_PROPOSED: OrganizationState
ROLE_UNSPECIFIED: Role
ROLE_ADMINISTRATOR: Role
ROLE_CATALOG_CREATOR: Role
ROLE_CATALOG_OWNER: Role
ROLE_PACKAGE_MANAGER: Role
ROLE_ASSIGNMENT_MANAGER: Role
ROLE_CATALOG_READER: Role
ROLE_EVALUATOR: Role

class User(_message.Message):
    __slots__ = ("name", "id", "display_name", "type", "state", "manager", "sponsors", "home", "mail", "governed", "attributes", "delete_time", "etag", "risk")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MANAGER_FIELD_NUMBER: _ClassVar[int]
    SPONSORS_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    MAIL_FIELD_NUMBER: _ClassVar[int]
    GOVERNED_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    DELETE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    type: _person_pb2.PersonType
    state: _person_pb2.AccountState
    manager: str
    sponsors: _containers.RepeatedScalarFieldContainer[str]
    home: _person_pb2.HomeIdentity
    mail: str
    governed: bool
    attributes: _containers.ScalarMap[str, str]
    delete_time: _timestamp_pb2.Timestamp
    etag: str
    risk: _person_pb2.RiskLevel
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., type: _Optional[_Union[_person_pb2.PersonType, str]] = ..., state: _Optional[_Union[_person_pb2.AccountState, str]] = ..., manager: _Optional[str] = ..., sponsors: _Optional[_Iterable[str]] = ..., home: _Optional[_Union[_person_pb2.HomeIdentity, _Mapping]] = ..., mail: _Optional[str] = ..., governed: _Optional[bool] = ..., attributes: _Optional[_Mapping[str, str]] = ..., delete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., risk: _Optional[_Union[_person_pb2.RiskLevel, str]] = ...) -> None: ...

class Group(_message.Message):
    __slots__ = ("name", "id", "display_name", "kind", "dynamic", "synchronised", "member_count", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DYNAMIC_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONISED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    kind: GroupKind
    dynamic: bool
    synchronised: bool
    member_count: int
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[_Union[GroupKind, str]] = ..., dynamic: _Optional[bool] = ..., synchronised: _Optional[bool] = ..., member_count: _Optional[int] = ..., etag: _Optional[str] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("group", "user", "nested_group", "role")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    NESTED_GROUP_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    group: str
    user: str
    nested_group: str
    role: MembershipRole
    def __init__(self, group: _Optional[str] = ..., user: _Optional[str] = ..., nested_group: _Optional[str] = ..., role: _Optional[_Union[MembershipRole, str]] = ...) -> None: ...

class ResourceOwner(_message.Message):
    __slots__ = ("application", "site", "user")
    APPLICATION_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    application: str
    site: str
    user: str
    def __init__(self, application: _Optional[str] = ..., site: _Optional[str] = ..., user: _Optional[str] = ...) -> None: ...

class ConnectedOrganization(_message.Message):
    __slots__ = ("name", "id", "display_name", "description", "state", "sources", "internal_sponsors", "external_sponsors", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    INTERNAL_SPONSORS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_SPONSORS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    description: str
    state: OrganizationState
    sources: _containers.RepeatedCompositeFieldContainer[IdentitySource]
    internal_sponsors: _containers.RepeatedScalarFieldContainer[str]
    external_sponsors: _containers.RepeatedScalarFieldContainer[str]
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., state: _Optional[_Union[OrganizationState, str]] = ..., sources: _Optional[_Iterable[_Union[IdentitySource, _Mapping]]] = ..., internal_sponsors: _Optional[_Iterable[str]] = ..., external_sponsors: _Optional[_Iterable[str]] = ..., etag: _Optional[str] = ...) -> None: ...

class IdentitySource(_message.Message):
    __slots__ = ("tenant", "domain", "federation", "other_cloud", "social")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    OTHER_CLOUD_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    domain: str
    federation: Federation
    other_cloud: str
    social: str
    def __init__(self, tenant: _Optional[str] = ..., domain: _Optional[str] = ..., federation: _Optional[_Union[Federation, _Mapping]] = ..., other_cloud: _Optional[str] = ..., social: _Optional[str] = ...) -> None: ...

class Federation(_message.Message):
    __slots__ = ("issuer", "domain")
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    issuer: str
    domain: str
    def __init__(self, issuer: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class RoleAssignment(_message.Message):
    __slots__ = ("holder", "role", "catalog")
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    holder: str
    role: Role
    catalog: str
    def __init__(self, holder: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., catalog: _Optional[str] = ...) -> None: ...
