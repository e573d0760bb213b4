"""`python -m memshelf` is the command `memshelf`."""

from memshelf.cli import main

if __name__ == "__main__":
    main()
