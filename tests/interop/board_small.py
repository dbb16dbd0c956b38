"""Ids of what is on a board, as docs/PROTOCOL.md has them."""

from protobuf_small import put


def an_id(author, counter, index=0, term=1):
    return author << 49 | term << 37 | counter << 8 | index


def ids(*several):
    """How many, then each as what it is more than the one before."""
    several = sorted(several)
    return put(len(several)) + b"".join(put(b - a) for a, b in zip([0, *several], several))
