"""CBOR (RFC 8949): a strict bounded reader and a deterministic writer."""

from jiazhao.credentials.cbor.reader import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_OCTETS,
    Reader,
    inspect,
    unwrap,
)
from jiazhao.credentials.cbor.values import (
    FullDate,
    TDate,
    as_array,
    as_bytes,
    as_embedded,
    as_embedded_each,
    as_map,
    as_tdate,
    as_text,
    as_uint,
    embedded,
    unreadable,
)
from jiazhao.credentials.cbor.writer import embed, encode, encoded_array, encoded_map

__all__ = [
    "MAX_DEPTH",
    "MAX_ITEMS",
    "MAX_OCTETS",
    "FullDate",
    "Reader",
    "TDate",
    "as_array",
    "as_bytes",
    "as_embedded",
    "as_embedded_each",
    "as_map",
    "as_tdate",
    "as_text",
    "as_uint",
    "embed",
    "embedded",
    "encode",
    "encoded_array",
    "encoded_map",
    "inspect",
    "unreadable",
    "unwrap",
]
