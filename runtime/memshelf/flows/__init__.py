"""The storage steps of a job's life, each a flow: calls to MongoDB as data."""
