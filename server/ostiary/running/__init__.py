"""A whole Ostiary put together: store, tenant, worker and the systems behind, for a server."""
