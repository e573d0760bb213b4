"""The application that tests run: shaped like a generated package, written by hand to test the runtime alone."""
