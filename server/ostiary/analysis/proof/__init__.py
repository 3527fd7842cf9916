"""Proofs about everybody who could ever ask: not only the people of today's directory."""
