"""The application that tests run: shaped like a generated package, written by hand, so that only the runtime is tested."""
