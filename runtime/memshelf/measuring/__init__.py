"""Measure a queue on a server that is in use: every job is of a kind of its own, in a place of its own."""
