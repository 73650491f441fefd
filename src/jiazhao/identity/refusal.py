"""Why a sign-in did not succeed: a sentence for the person, a step for the log."""

from jiazhao.errors import AccessError, ErrorCode


class SignInRefusedError(AccessError):
    """A sign-in that did not succeed.

    `step` is a fixed word for the log. The person reads the same sentence whichever step it
    was, so that a forger learns nothing.
    """

    def __init__(self, step: str, code: ErrorCode = ErrorCode.SIGN_IN_FAILED) -> None:
        super().__init__(code)
        self.step = step
