"""The core imports what is listed here and nothing else, so that a new library is a decision."""

import sys

import grimp
import pytest

CORE = ["jiazhao.rules", "jiazhao.credentials", "jiazhao.licence", "jiazhao.errors"]
LIBRARIES = {"cbor2", "cryptography", "msgspec", "pybase64"}
PURE_STANDARD_LIBRARY = {
    "abc",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "zlib",
}


@pytest.mark.parametrize("package", CORE)
def test_the_core_knows_pure_libraries_only(package: str) -> None:
    graph = grimp.build_graph("jiazhao", include_external_packages=True, cache_dir=None)
    modules = {package, *graph.find_descendants(package)}
    imported = {
        name for module in modules for name in graph.find_modules_directly_imported_by(module)
    }
    outside = {name for name in imported if name.partition(".")[0] != "jiazhao"}

    assert outside <= LIBRARIES | PURE_STANDARD_LIBRARY


def test_the_list_holds_no_stranger() -> None:
    assert sys.stdlib_module_names >= PURE_STANDARD_LIBRARY
