from google.protobuf import field_mask_pb2 as _field_mask_pb2
from ostiary.v1 import catalog_pb2 as _catalog_pb2
from ostiary.v1 import directory_pb2 as _directory_pb2
from ostiary.v1 import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetTenantRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetTenantResponse(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _catalog_pb2.TenantSettings
    def __init__(self, tenant: _Optional[_Union[_catalog_pb2.TenantSettings, _Mapping]] = ...) -> None: ...

class GetCatalogRequest(_message.Message):
    __slots__ = ("catalog",)
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    def __init__(self, catalog: _Optional[str] = ...) -> None: ...

class GetCatalogResponse(_message.Message):
    __slots__ = ("catalog",)
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    catalog: _catalog_pb2.Catalog
    def __init__(self, catalog: _Optional[_Union[_catalog_pb2.Catalog, _Mapping]] = ...) -> None: ...

class ListCatalogsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCatalogsResponse(_message.Message):
    __slots__ = ("catalogs", "next_page_token")
    CATALOGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    catalogs: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.Catalog]
    next_page_token: str
    def __init__(self, catalogs: _Optional[_Iterable[_Union[_catalog_pb2.Catalog, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateCatalogRequest(_message.Message):
    __slots__ = ("catalog", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: _catalog_pb2.Catalog
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[_Union[_catalog_pb2.Catalog, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateCatalogResponse(_message.Message):
    __slots__ = ("catalog", "warnings")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    catalog: _catalog_pb2.Catalog
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, catalog: _Optional[_Union[_catalog_pb2.Catalog, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateCatalogRequest(_message.Message):
    __slots__ = ("catalog", "update_mask", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: _catalog_pb2.Catalog
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[_Union[_catalog_pb2.Catalog, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateCatalogResponse(_message.Message):
    __slots__ = ("catalog", "warnings")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    catalog: _catalog_pb2.Catalog
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, catalog: _Optional[_Union[_catalog_pb2.Catalog, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteCatalogRequest(_message.Message):
    __slots__ = ("catalog", "etag", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteCatalogResponse(_message.Message):
    __slots__ = ("notes",)
    NOTES_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetResourceRequest(_message.Message):
    __slots__ = ("resource", "catalog")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    resource: str
    catalog: str
    def __init__(self, resource: _Optional[str] = ..., catalog: _Optional[str] = ...) -> None: ...

class GetResourceResponse(_message.Message):
    __slots__ = ("resource",)
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    resource: _catalog_pb2.Resource
    def __init__(self, resource: _Optional[_Union[_catalog_pb2.Resource, _Mapping]] = ...) -> None: ...

class ListResourcesRequest(_message.Message):
    __slots__ = ("catalog", "page_size", "page_token")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    page_size: int
    page_token: str
    def __init__(self, catalog: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListResourcesResponse(_message.Message):
    __slots__ = ("resources", "next_page_token")
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    resources: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.Resource]
    next_page_token: str
    def __init__(self, resources: _Optional[_Iterable[_Union[_catalog_pb2.Resource, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateResourceRequest(_message.Message):
    __slots__ = ("catalog", "resource", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    resource: _catalog_pb2.Resource
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[str] = ..., resource: _Optional[_Union[_catalog_pb2.Resource, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateResourceResponse(_message.Message):
    __slots__ = ("resource", "warnings")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    resource: _catalog_pb2.Resource
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, resource: _Optional[_Union[_catalog_pb2.Resource, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateResourceRequest(_message.Message):
    __slots__ = ("resource", "catalog", "update_mask", "request_id", "validate_only")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    resource: _catalog_pb2.Resource
    catalog: str
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, resource: _Optional[_Union[_catalog_pb2.Resource, _Mapping]] = ..., catalog: _Optional[str] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateResourceResponse(_message.Message):
    __slots__ = ("resource", "warnings")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    resource: _catalog_pb2.Resource
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, resource: _Optional[_Union[_catalog_pb2.Resource, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteResourceRequest(_message.Message):
    __slots__ = ("resource", "catalog", "etag", "request_id", "validate_only")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    resource: str
    catalog: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, resource: _Optional[str] = ..., catalog: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteResourceResponse(_message.Message):
    __slots__ = ("notes",)
    NOTES_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetAccessPackageRequest(_message.Message):
    __slots__ = ("access_package", "catalog")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    catalog: str
    def __init__(self, access_package: _Optional[str] = ..., catalog: _Optional[str] = ...) -> None: ...

class GetAccessPackageResponse(_message.Message):
    __slots__ = ("access_package",)
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    access_package: _catalog_pb2.AccessPackage
    def __init__(self, access_package: _Optional[_Union[_catalog_pb2.AccessPackage, _Mapping]] = ...) -> None: ...

class ListAccessPackagesRequest(_message.Message):
    __slots__ = ("catalog", "page_size", "page_token")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    page_size: int
    page_token: str
    def __init__(self, catalog: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccessPackagesResponse(_message.Message):
    __slots__ = ("access_packages", "next_page_token")
    ACCESS_PACKAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    access_packages: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.AccessPackage]
    next_page_token: str
    def __init__(self, access_packages: _Optional[_Iterable[_Union[_catalog_pb2.AccessPackage, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateAccessPackageRequest(_message.Message):
    __slots__ = ("catalog", "access_package", "first_policy", "require_approval", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    FIRST_POLICY_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    access_package: _catalog_pb2.AccessPackage
    first_policy: _policy_pb2.AssignmentPolicy
    require_approval: bool
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[str] = ..., access_package: _Optional[_Union[_catalog_pb2.AccessPackage, _Mapping]] = ..., first_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ..., require_approval: _Optional[bool] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateAccessPackageResponse(_message.Message):
    __slots__ = ("access_package", "warnings")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    access_package: _catalog_pb2.AccessPackage
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, access_package: _Optional[_Union[_catalog_pb2.AccessPackage, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateAccessPackageRequest(_message.Message):
    __slots__ = ("access_package", "catalog", "update_mask", "request_id", "validate_only")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    access_package: _catalog_pb2.AccessPackage
    catalog: str
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, access_package: _Optional[_Union[_catalog_pb2.AccessPackage, _Mapping]] = ..., catalog: _Optional[str] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateAccessPackageResponse(_message.Message):
    __slots__ = ("access_package", "warnings")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    access_package: _catalog_pb2.AccessPackage
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, access_package: _Optional[_Union[_catalog_pb2.AccessPackage, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteAccessPackageRequest(_message.Message):
    __slots__ = ("access_package", "catalog", "etag", "request_id", "validate_only")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    catalog: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, access_package: _Optional[str] = ..., catalog: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteAccessPackageResponse(_message.Message):
    __slots__ = ("endless_assignments", "cancelled_requests", "notes")
    ENDLESS_ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    endless_assignments: int
    cancelled_requests: int
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, endless_assignments: _Optional[int] = ..., cancelled_requests: _Optional[int] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetAssignmentPolicyRequest(_message.Message):
    __slots__ = ("assignment_policy", "access_package")
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: str
    access_package: str
    def __init__(self, assignment_policy: _Optional[str] = ..., access_package: _Optional[str] = ...) -> None: ...

class GetAssignmentPolicyResponse(_message.Message):
    __slots__ = ("assignment_policy",)
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: _policy_pb2.AssignmentPolicy
    def __init__(self, assignment_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ...) -> None: ...

class ListAssignmentPoliciesRequest(_message.Message):
    __slots__ = ("access_package", "page_size", "page_token")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    page_size: int
    page_token: str
    def __init__(self, access_package: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAssignmentPoliciesResponse(_message.Message):
    __slots__ = ("assignment_policies", "next_page_token")
    ASSIGNMENT_POLICIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assignment_policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.AssignmentPolicy]
    next_page_token: str
    def __init__(self, assignment_policies: _Optional[_Iterable[_Union[_policy_pb2.AssignmentPolicy, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateAssignmentPolicyRequest(_message.Message):
    __slots__ = ("access_package", "assignment_policy", "request_id", "validate_only")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    assignment_policy: _policy_pb2.AssignmentPolicy
    request_id: str
    validate_only: bool
    def __init__(self, access_package: _Optional[str] = ..., assignment_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateAssignmentPolicyResponse(_message.Message):
    __slots__ = ("assignment_policy", "warnings")
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: _policy_pb2.AssignmentPolicy
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, assignment_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateAssignmentPolicyRequest(_message.Message):
    __slots__ = ("assignment_policy", "access_package", "update_mask", "request_id", "validate_only")
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: _policy_pb2.AssignmentPolicy
    access_package: str
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, assignment_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ..., access_package: _Optional[str] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateAssignmentPolicyResponse(_message.Message):
    __slots__ = ("assignment_policy", "warnings")
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: _policy_pb2.AssignmentPolicy
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, assignment_policy: _Optional[_Union[_policy_pb2.AssignmentPolicy, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteAssignmentPolicyRequest(_message.Message):
    __slots__ = ("assignment_policy", "access_package", "etag", "request_id", "validate_only")
    ASSIGNMENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    assignment_policy: str
    access_package: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, assignment_policy: _Optional[str] = ..., access_package: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteAssignmentPolicyResponse(_message.Message):
    __slots__ = ("notes",)
    NOTES_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetCustomExtensionRequest(_message.Message):
    __slots__ = ("custom_extension", "catalog")
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    custom_extension: str
    catalog: str
    def __init__(self, custom_extension: _Optional[str] = ..., catalog: _Optional[str] = ...) -> None: ...

class GetCustomExtensionResponse(_message.Message):
    __slots__ = ("custom_extension",)
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    custom_extension: _catalog_pb2.CustomExtension
    def __init__(self, custom_extension: _Optional[_Union[_catalog_pb2.CustomExtension, _Mapping]] = ...) -> None: ...

class ListCustomExtensionsRequest(_message.Message):
    __slots__ = ("catalog", "page_size", "page_token")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    page_size: int
    page_token: str
    def __init__(self, catalog: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCustomExtensionsResponse(_message.Message):
    __slots__ = ("custom_extensions", "next_page_token")
    CUSTOM_EXTENSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    custom_extensions: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.CustomExtension]
    next_page_token: str
    def __init__(self, custom_extensions: _Optional[_Iterable[_Union[_catalog_pb2.CustomExtension, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateCustomExtensionRequest(_message.Message):
    __slots__ = ("catalog", "custom_extension", "request_id", "validate_only")
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    catalog: str
    custom_extension: _catalog_pb2.CustomExtension
    request_id: str
    validate_only: bool
    def __init__(self, catalog: _Optional[str] = ..., custom_extension: _Optional[_Union[_catalog_pb2.CustomExtension, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateCustomExtensionResponse(_message.Message):
    __slots__ = ("custom_extension", "warnings")
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    custom_extension: _catalog_pb2.CustomExtension
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, custom_extension: _Optional[_Union[_catalog_pb2.CustomExtension, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateCustomExtensionRequest(_message.Message):
    __slots__ = ("custom_extension", "catalog", "update_mask", "request_id", "validate_only")
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    custom_extension: _catalog_pb2.CustomExtension
    catalog: str
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, custom_extension: _Optional[_Union[_catalog_pb2.CustomExtension, _Mapping]] = ..., catalog: _Optional[str] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateCustomExtensionResponse(_message.Message):
    __slots__ = ("custom_extension", "warnings")
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    custom_extension: _catalog_pb2.CustomExtension
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, custom_extension: _Optional[_Union[_catalog_pb2.CustomExtension, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteCustomExtensionRequest(_message.Message):
    __slots__ = ("custom_extension", "catalog", "etag", "request_id", "validate_only")
    CUSTOM_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    custom_extension: str
    catalog: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, custom_extension: _Optional[str] = ..., catalog: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteCustomExtensionResponse(_message.Message):
    __slots__ = ("notes",)
    NOTES_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetConnectedOrganizationRequest(_message.Message):
    __slots__ = ("connected_organization",)
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    connected_organization: str
    def __init__(self, connected_organization: _Optional[str] = ...) -> None: ...

class GetConnectedOrganizationResponse(_message.Message):
    __slots__ = ("connected_organization",)
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    connected_organization: _directory_pb2.ConnectedOrganization
    def __init__(self, connected_organization: _Optional[_Union[_directory_pb2.ConnectedOrganization, _Mapping]] = ...) -> None: ...

class ListConnectedOrganizationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConnectedOrganizationsResponse(_message.Message):
    __slots__ = ("connected_organizations", "next_page_token")
    CONNECTED_ORGANIZATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    connected_organizations: _containers.RepeatedCompositeFieldContainer[_directory_pb2.ConnectedOrganization]
    next_page_token: str
    def __init__(self, connected_organizations: _Optional[_Iterable[_Union[_directory_pb2.ConnectedOrganization, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateConnectedOrganizationRequest(_message.Message):
    __slots__ = ("connected_organization", "request_id", "validate_only")
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    connected_organization: _directory_pb2.ConnectedOrganization
    request_id: str
    validate_only: bool
    def __init__(self, connected_organization: _Optional[_Union[_directory_pb2.ConnectedOrganization, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateConnectedOrganizationResponse(_message.Message):
    __slots__ = ("connected_organization", "warnings")
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    connected_organization: _directory_pb2.ConnectedOrganization
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, connected_organization: _Optional[_Union[_directory_pb2.ConnectedOrganization, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class UpdateConnectedOrganizationRequest(_message.Message):
    __slots__ = ("connected_organization", "update_mask", "request_id", "validate_only")
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    connected_organization: _directory_pb2.ConnectedOrganization
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, connected_organization: _Optional[_Union[_directory_pb2.ConnectedOrganization, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateConnectedOrganizationResponse(_message.Message):
    __slots__ = ("connected_organization", "warnings")
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    connected_organization: _directory_pb2.ConnectedOrganization
    warnings: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionWarning]
    def __init__(self, connected_organization: _Optional[_Union[_directory_pb2.ConnectedOrganization, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionWarning, _Mapping]]] = ...) -> None: ...

class DeleteConnectedOrganizationRequest(_message.Message):
    __slots__ = ("connected_organization", "etag", "request_id", "validate_only")
    CONNECTED_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    connected_organization: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, connected_organization: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteConnectedOrganizationResponse(_message.Message):
    __slots__ = ("notes",)
    NOTES_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ApplyRequest(_message.Message):
    __slots__ = ("options", "piece")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    options: ApplyOptions
    piece: ApplyPiece
    def __init__(self, options: _Optional[_Union[ApplyOptions, _Mapping]] = ..., piece: _Optional[_Union[ApplyPiece, _Mapping]] = ...) -> None: ...

class ApplyOptions(_message.Message):
    __slots__ = ("validate_only",)
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    validate_only: bool
    def __init__(self, validate_only: _Optional[bool] = ...) -> None: ...

class ApplyPiece(_message.Message):
    __slots__ = ("file", "content")
    FILE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    file: str
    content: bytes
    def __init__(self, file: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class ApplyResponse(_message.Message):
    __slots__ = ("faults", "changes", "members_added", "members_removed", "roles_added", "roles_removed", "kept", "notes", "revision", "change_count", "refusals")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_ADDED_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    ROLES_ADDED_FIELD_NUMBER: _ClassVar[int]
    ROLES_REMOVED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CHANGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[DefinitionFault]
    changes: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.DefinitionChange]
    members_added: int
    members_removed: int
    roles_added: int
    roles_removed: int
    kept: _containers.RepeatedScalarFieldContainer[str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    revision: int
    change_count: int
    refusals: _containers.RepeatedCompositeFieldContainer[DefinitionRefusal]
    def __init__(self, faults: _Optional[_Iterable[_Union[DefinitionFault, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[_catalog_pb2.DefinitionChange, _Mapping]]] = ..., members_added: _Optional[int] = ..., members_removed: _Optional[int] = ..., roles_added: _Optional[int] = ..., roles_removed: _Optional[int] = ..., kept: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ..., revision: _Optional[int] = ..., change_count: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[DefinitionRefusal, _Mapping]]] = ...) -> None: ...

class DefinitionRefusal(_message.Message):
    __slots__ = ("code", "description")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    description: str
    def __init__(self, code: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class DefinitionFault(_message.Message):
    __slots__ = ("file", "line", "column", "code", "message", "warning")
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    file: str
    line: int
    column: int
    code: str
    message: str
    warning: bool
    def __init__(self, file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., warning: _Optional[bool] = ...) -> None: ...
