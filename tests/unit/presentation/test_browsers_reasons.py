"""What the browser's table of reasons says is what the service says."""

from tests import write_reasons


def test_the_table_is_what_the_service_says() -> None:
    written = write_reasons.PATH.read_text("utf-8")
    assert written == write_reasons.page(), "run python -m tests.write_reasons"


def test_the_table_has_what_the_verifier_and_its_steps_can_say() -> None:
    codes = {code.wire for code in write_reasons.codes()}
    assert codes >= {"no_day_key", "signature_mismatch", "unknown_issuer", "not_checked"}
    assert {"verify-licence-code.js", "verify-steps.js", "rules.js"} <= write_reasons.modules()
