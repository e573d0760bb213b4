"""The generator of memshelf: typed queues, models and handler stubs out of a folder of job schemas."""
