from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ResourceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_KIND_UNSPECIFIED: _ClassVar[ResourceKind]
    RESOURCE_KIND_GROUP: _ClassVar[ResourceKind]
    RESOURCE_KIND_APPLICATION: _ClassVar[ResourceKind]
    RESOURCE_KIND_SITE: _ClassVar[ResourceKind]
    RESOURCE_KIND_DIRECTORY_ROLE: _ClassVar[ResourceKind]
RESOURCE_KIND_UNSPECIFIED: ResourceKind
RESOURCE_KIND_GROUP: ResourceKind
RESOURCE_KIND_APPLICATION: ResourceKind
RESOURCE_KIND_SITE: ResourceKind
RESOURCE_KIND_DIRECTORY_ROLE: ResourceKind
