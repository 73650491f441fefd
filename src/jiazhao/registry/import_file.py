"""A file of holders, read line by line in bounded memory, from its beginning or from a mark."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import BinaryIO

from jiazhao.registry.import_csv import read_header, read_rows
from jiazhao.registry.import_encoding import Encoding
from jiazhao.registry.import_reasons import ImportLineError
from jiazhao.registry.importing import MAX_LINE_BYTES, Line, Told, read_line
from jiazhao.registry.store.fed_files import Progress


class FileFormat(StrEnum):
    """How entries are laid out; both are in `docs/specs/register-import.md`."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def format_of(name: str) -> FileFormat:
    """What the ending of a file's name says; JSON Lines where it says nothing."""
    return FileFormat.CSV if name.lower().endswith(".csv") else FileFormat.JSON_LINES


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """Everything, in pieces that are lines unless a line is longer than the format takes."""
    while piece := stream.readline(MAX_LINE_BYTES + 1):
        yield piece


def lines_of(stream: BinaryIO, done: Progress) -> Iterator[Line]:
    """Lines with their numbers; of one that is too long, the octets beyond are passed over."""
    number, end, held, whole = done.lines, done.octets, b"", True
    for piece in pieces_of(stream):
        end += len(piece)
        if whole:
            number, held = number + 1, piece
        whole = piece.endswith(b"\n")
        if whole:
            yield Line(number, end, held)
    if not whole:
        yield Line(number, end, held)


def holders_in(
    stream: BinaryIO,
    file_format: FileFormat,
    encoding: Encoding,
    *,
    done: Progress | None = None,
    after: Progress | None = None,
) -> Iterator[Told]:
    """Read holders, from behind what is `done`; only a stream that can seek has that.

    `after` is what stands before the first line of holders, such as the head of a change file.
    """
    begin, columns = after or Progress(), tuple[str, ...]()
    if file_format is FileFormat.CSV:
        header = stream.readline(MAX_LINE_BYTES + 1)
        columns = read_header(header, encoding)
        begin = Progress(octets=begin.octets + len(header), lines=begin.lines + 1)
    if done is not None and done.octets > begin.octets:
        stream.seek(done.octets)
        begin = done
    lines = lines_of(stream, begin)
    if file_format is FileFormat.CSV:
        return read_rows(lines, columns, encoding)
    return told_by(lines, encoding)


def told_by(lines: Iterable[Line], encoding: Encoding = Encoding.UTF_8) -> Iterator[Told]:
    """Read JSON Lines, one holder each; what is wrong is told, not raised."""
    for line in lines:
        try:
            holder = read_line(line.octets, number=line.number, encoding=encoding)
        except ImportLineError as error:
            yield Told(line.number, line.number, line.end, len(line.octets), None, error)
        else:
            yield Told(line.number, line.number, line.end, len(line.octets), holder, None)
