"""What the documents use of ``curl`` and ``sqlite3``, for machines without: stand_in.py TOOL ARGUMENTS."""

import argparse
import sqlite3
import sys

import httpx


def curl(arguments: list[str]) -> None:
    """``curl [-s] [-X METHOD] [-H HEADER]… [-d BODY] URL``."""
    options = argparse.ArgumentParser("curl")
    options.add_argument("url")
    options.add_argument("-X", dest="method")
    options.add_argument("-H", dest="headers", action="append", default=[])
    options.add_argument("-d", dest="body")
    options.add_argument("-s", action="store_true")
    given = options.parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in given.headers)
    method = given.method or ("GET" if given.body is None else "POST")
    heard = httpx.request(method, given.url, headers=headers, content=given.body, timeout=60)
    sys.stdout.write(heard.text)


def query(arguments: list[str]) -> None:
    """``sqlite3 FILE STATEMENT``: rows as lines, columns divided by bars."""
    file, statement = arguments
    connection = sqlite3.connect(file)
    for row in connection.execute(statement):
        print("|".join("" if value is None else str(value) for value in row))
    connection.close()


if __name__ == "__main__":
    {"curl": curl, "sqlite3": query}[sys.argv[1]](sys.argv[2:])
