"""The handlers of the example application: one module per schema, with one function called `handle`."""
