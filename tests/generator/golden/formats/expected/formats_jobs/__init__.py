"""Handlers of jobs: one module for each schema, with one function `handle`."""
