"""An application whose jobs keep a processor busy, once for each place where handlers can run."""
