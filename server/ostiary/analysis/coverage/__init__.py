"""What tests looked at: which rules, cell classes, policies and scopes, and what they never saw."""
