from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSON_TYPE_UNSPECIFIED: _ClassVar[PersonType]
    PERSON_TYPE_MEMBER: _ClassVar[PersonType]
    PERSON_TYPE_GUEST: _ClassVar[PersonType]
    PERSON_TYPE_EXTERNAL: _ClassVar[PersonType]

class AccountState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCOUNT_STATE_UNSPECIFIED: _ClassVar[AccountState]
    ACCOUNT_STATE_ENABLED: _ClassVar[AccountState]
    ACCOUNT_STATE_BLOCKED: _ClassVar[AccountState]
    ACCOUNT_STATE_DELETED: _ClassVar[AccountState]

class RiskLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RISK_LEVEL_UNSPECIFIED: _ClassVar[RiskLevel]
    RISK_LEVEL_NONE: _ClassVar[RiskLevel]
    RISK_LEVEL_LOW: _ClassVar[RiskLevel]
    RISK_LEVEL_MEDIUM: _ClassVar[RiskLevel]
    RISK_LEVEL_HIGH: _ClassVar[RiskLevel]

class SignIn(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGN_IN_UNSPECIFIED: _ClassVar[SignIn]
    SIGN_IN_NONE: _ClassVar[SignIn]
    SIGN_IN_TENANT: _ClassVar[SignIn]
    SIGN_IN_ONE_TIME_PASSCODE: _ClassVar[SignIn]
    SIGN_IN_FEDERATION: _ClassVar[SignIn]
    SIGN_IN_OTHER_CLOUD: _ClassVar[SignIn]
    SIGN_IN_SOCIAL: _ClassVar[SignIn]
PERSON_TYPE_UNSPECIFIED: PersonType
PERSON_TYPE_MEMBER: PersonType
PERSON_TYPE_GUEST: PersonType
PERSON_TYPE_EXTERNAL: PersonType
ACCOUNT_STATE_UNSPECIFIED: AccountState
ACCOUNT_STATE_ENABLED: AccountState
ACCOUNT_STATE_BLOCKED: AccountState
ACCOUNT_STATE_DELETED: AccountState
RISK_LEVEL_UNSPECIFIED: RiskLevel
RISK_LEVEL_NONE: RiskLevel
RISK_LEVEL_LOW: RiskLevel
RISK_LEVEL_MEDIUM: RiskLevel
RISK_LEVEL_HIGH: RiskLevel
SIGN_IN_UNSPECIFIED: SignIn
SIGN_IN_NONE: SignIn
SIGN_IN_TENANT: SignIn
SIGN_IN_ONE_TIME_PASSCODE: SignIn
SIGN_IN_FEDERATION: SignIn
SIGN_IN_OTHER_CLOUD: SignIn
SIGN_IN_SOCIAL: SignIn

class InlinePerson(_message.Message):
    __slots__ = ("id", "type", "state", "groups", "manager", "sponsors", "home", "attributes", "mail", "governed", "risk")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    MANAGER_FIELD_NUMBER: _ClassVar[int]
    SPONSORS_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    MAIL_FIELD_NUMBER: _ClassVar[int]
    GOVERNED_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: PersonType
    state: AccountState
    groups: GroupMemberships
    manager: Manager
    sponsors: Sponsors
    home: HomeIdentity
    attributes: PersonAttributes
    mail: str
    governed: bool
    risk: RiskLevel
    def __init__(self, id: _Optional[str] = ..., type: _Optional[_Union[PersonType, str]] = ..., state: _Optional[_Union[AccountState, str]] = ..., groups: _Optional[_Union[GroupMemberships, _Mapping]] = ..., manager: _Optional[_Union[Manager, _Mapping]] = ..., sponsors: _Optional[_Union[Sponsors, _Mapping]] = ..., home: _Optional[_Union[HomeIdentity, _Mapping]] = ..., attributes: _Optional[_Union[PersonAttributes, _Mapping]] = ..., mail: _Optional[str] = ..., governed: _Optional[bool] = ..., risk: _Optional[_Union[RiskLevel, str]] = ...) -> None: ...

class GroupMemberships(_message.Message):
    __slots__ = ("groups",)
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, groups: _Optional[_Iterable[str]] = ...) -> None: ...

class Manager(_message.Message):
    __slots__ = ("user", "none")
    USER_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    user: str
    none: _empty_pb2.Empty
    def __init__(self, user: _Optional[str] = ..., none: _Optional[_Union[_empty_pb2.Empty, _Mapping]] = ...) -> None: ...

class Sponsors(_message.Message):
    __slots__ = ("users",)
    USERS_FIELD_NUMBER: _ClassVar[int]
    users: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, users: _Optional[_Iterable[str]] = ...) -> None: ...

class HomeIdentity(_message.Message):
    __slots__ = ("sign_in", "tenant_id", "domain", "issuer", "identifier")
    SIGN_IN_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    sign_in: SignIn
    tenant_id: str
    domain: str
    issuer: str
    identifier: str
    def __init__(self, sign_in: _Optional[_Union[SignIn, str]] = ..., tenant_id: _Optional[str] = ..., domain: _Optional[str] = ..., issuer: _Optional[str] = ..., identifier: _Optional[str] = ...) -> None: ...

class PersonAttributes(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.ScalarMap[str, str]
    def __init__(self, values: _Optional[_Mapping[str, str]] = ...) -> None: ...
