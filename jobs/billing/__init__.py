"""The handlers of the jobs under schemas/billing."""
