"""`ostiary diff`: two sides are opened, compared, and the difference told."""
