"""What rule authors are told: tests, coverage, mutants, lint, differences, proofs, replays."""
