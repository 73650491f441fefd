"""Make our own vectors again: `python -m vectors`."""

from collections.abc import Iterator
from itertools import chain

from vectors import (
    make,
    make_certificates,
    make_licence_code,
    make_portrait,
    make_sd_jwt,
    make_status_snapshot,
    make_status_token,
    make_training,
)


def folders() -> Iterator[tuple[str, Iterator[tuple[str, make.Vector]]]]:
    """Yield the vectors of each folder that is made here."""
    yield "portrait", make_portrait.portraits()
    yield "licence-code", make_licence_code.licence_codes()
    yield "verify-licence-code", make_licence_code.checks()
    yield "verify", make.presentations()
    yield "sd-jwt-vc", make_sd_jwt.sd_jwts()
    yield "status-token", make_status_token.status_tokens()
    yield "status-snapshot", make_status_snapshot.status_snapshots()
    yield "certificate", make_certificates.certificates()
    yield (
        "clock",
        chain(
            make.mdoc_clocks(),
            make_sd_jwt.sd_jwt_clocks(),
            make_status_token.status_token_clocks(),
            make_certificates.certificate_clocks(),
        ),
    )


def main() -> None:
    """Write all files anew."""
    for folder, vectors in folders():
        (make.FOLDER / folder).mkdir(exist_ok=True)
        for name, vector in vectors:
            path = make.FOLDER / folder / f"{name}.json"
            path.write_text(make.written(vector))
    make_training.PATH.write_text(make_training.written())


if __name__ == "__main__":
    main()
