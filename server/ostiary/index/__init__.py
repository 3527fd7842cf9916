"""The index: a tenant turned into subject keys, bitmaps and compiled packages, all immutable."""
