"""White space, and texts without it."""

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What is stripped: Unicode's White_Space. pydantic-core strips the same characters; ``str.strip()`` four more."""


def stripped(text: str) -> str:
    """``text`` without white space at its ends."""
    return text.strip(WHITE_SPACE)
