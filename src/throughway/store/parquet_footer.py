"""The compact encoding in which Parquet writes its footers, read into plain values and written back.

A struct is a dict of field number → (type, value), a list a `Many`; so that what is not known
here passes through unchanged. Apache Thrift, doc/specs/thrift-compact-protocol.md.
"""

import struct
from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
WHOLE = frozenset({I16, I32, I64})
Struct = dict[int, tuple[int, Any]]


@dataclass
class Many:
    """A list: the type of its values, and the values."""

    kind: int
    values: list[Any]


def read(content: bytes) -> Struct:
    """The struct that these bytes begin with; ValueError when they are none."""
    try:
        return _Reader(content).struct()
    except (IndexError, struct.error, RecursionError):
        raise ValueError("these bytes are no struct of Thrift's compact encoding") from None


def written(value: Struct) -> bytes:
    """The struct as bytes."""
    out = bytearray()
    _write_struct(out, value)
    return bytes(out)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def struct(self) -> Struct:
        found: Struct = {}
        number = 0
        while head := self._byte():
            kind, step = head & 15, head >> 4
            number = number + step if step else self._zigzag()
            found[number] = (kind, self._value(kind))
        return found

    def _value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind in WHOLE:
            return self._zigzag()
        if kind == BYTE:
            return self._byte()
        if kind == DOUBLE:
            return self._take(8)
        if kind == BINARY:
            return self._take(self._varint())
        if kind in (LIST, SET):
            head = self._byte()
            size, of = head >> 4, head & 15
            size = self._varint() if size == 15 else size
            return Many(of, [self._element(of) for _ in range(size)])
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"a value of type {kind}, which Parquet's footers do not have")

    def _element(self, kind: int) -> Any:
        return self._byte() if kind in (TRUE, FALSE) else self._value(kind)

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _take(self, size: int) -> bytes:
        if self._at + size > len(self._content):
            raise IndexError
        self._at += size
        return self._content[self._at - size : self._at]

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _zigzag(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)


def _write_struct(out: bytearray, value: Struct) -> None:
    last = 0
    for number, (kind, held) in sorted(value.items()):
        stated = kind if kind not in (TRUE, FALSE) else TRUE if held else FALSE
        if 0 < number - last < 16:
            out.append((number - last) << 4 | stated)
        else:
            out.append(stated)
            _write_varint(out, number << 1)
        last = number
        if kind not in (TRUE, FALSE):
            _write_value(out, kind, held)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in WHOLE:
        _write_varint(out, (value << 1) ^ (value >> 63))
    elif kind in (BYTE, TRUE, FALSE):
        out.append(value)
    elif kind == DOUBLE:
        out += value
    elif kind == BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind in (LIST, SET):
        size = len(value.values)
        out.append(min(size, 15) << 4 | value.kind)
        if size >= 15:
            _write_varint(out, size)
        for each in value.values:
            _write_value(out, value.kind, each)
    else:
        _write_struct(out, value)


def _write_varint(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
