"""The systems that rights are provisioned into: Ostiary's own groups, SCIM, webhooks, LDAP."""
