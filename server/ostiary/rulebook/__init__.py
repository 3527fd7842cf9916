"""Rule packs and tenant definitions: from text with faults and places to tables and tenants."""
