"""Time stamps whose certificates do not stand in the order of DER, made readable.

A token holds its certificates as a SET OF (RFC 5652 §5.1), and DER sorts one (X.690 §11.6). Many
authorities send them as they are configured, and the library that we read tokens with refuses that.
No signature is over the certificates (RFC 5652 §5.4), so they are sorted in a copy to be read; what
is kept, and given to others to be checked, is what the authority sent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

CERTIFICATES: Final = 0xA0  # of SignedData: [0] IMPLICIT
LONG: Final = 0x80  # from there on the first byte of a length says how many bytes give it
LENGTH_BYTES: Final = 4  # as many give the length of an element of 4 GB


class Element(NamedTuple):
    """Where an element of DER begins, its content begins, and it ends; and its tag."""

    tag: int
    begin: int
    content: int
    end: int


def token_in(reply: bytes) -> bytes:
    """The token of a reply (RFC 3161 §2.4.2), as it was sent; empty where none was granted.

    Raises `ValueError` for what is no reply.
    """
    _, *tokens = elements(reply, *only(elements(reply)))
    return reply[tokens[0].begin :] if tokens else b""


def with_certificates_in_order(token: bytes) -> bytes:
    """A token that says the same, its certificates sorted. Raises `ValueError` for none at all."""
    _, *explicit = elements(token, *only(elements(token)))
    signed_data = elements(token, *only(explicit))
    for part in elements(token, *only(signed_data)):
        if part.tag == CERTIFICATES:
            found = elements(token, part.content, part.end)
            in_order = b"".join(sorted(token[one.begin : one.end] for one in found))
            return token[: part.content] + in_order + token[part.end :]
    return token


def only(found: list[Element]) -> tuple[int, int]:
    """Where the content of the one element that must be there begins and ends."""
    if len(found) != 1:
        raise ValueError(f"There are {len(found)} elements of DER where one belongs.")
    return found[0].content, found[0].end


def elements(der: bytes, begin: int = 0, end: int | None = None) -> list[Element]:
    """The elements that stand beside each other there. Raises `ValueError`."""
    end = len(der) if end is None else end
    found = []
    while begin < end:
        content = begin + 2
        if content > end:
            raise ValueError("An element of DER is cut short.")
        length = der[begin + 1]
        if length >= LONG:
            many = length - LONG
            if not 1 <= many <= LENGTH_BYTES or content + many > end:
                raise ValueError("An element of DER has no length that can be.")
            length = int.from_bytes(der[content : content + many])
            content += many
        if content + length > end:
            raise ValueError("An element of DER is cut short.")
        found.append(Element(der[begin], begin, content, content + length))
        begin = content + length
    return found
