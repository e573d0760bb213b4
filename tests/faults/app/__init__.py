"""The application of the fault suite: jobs that say themselves what becomes of each of their runs."""
