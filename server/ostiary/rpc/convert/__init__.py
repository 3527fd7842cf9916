"""The only place where a type of the contract meets a type of the domain."""
