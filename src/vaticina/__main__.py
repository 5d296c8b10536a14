"""``python -m vaticina``: the command line."""

from vaticina.cli import main

if __name__ == "__main__":
    main()
