"""Child processes of a worker, in which handlers run that may be killed."""
