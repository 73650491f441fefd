"""Terminals, shifts, and the records of what was done without a network."""

from jiazhao.errors.kinds import Kind, Sentence

SHIFT_NEEDED = Sentence(
    Kind.FORBIDDEN,
    "此终端没有打开的班次：尚未上班、已下班或班次已到时。请打开班次后继续；离线查验记录不受影响。",
    "No shift is open on this terminal: it has not begun, was closed, or its time is over. Open a shift to go on; checks recorded without a network are not lost.",
)
TERMINAL_KILLED = Sentence(
    Kind.UNAUTHENTICATED,
    "此终端已被停用，不能再查验。如设备已找回，请联系安全管理员重新登记。",
    "This terminal was switched off and checks no more. If the device was found again, ask the security administrator to register it anew.",
)
TERMINAL_UNKNOWN = Sentence(
    Kind.NOT_FOUND,
    "没有这个终端，或它已被停用。请在终端上用登记码重新登记。",
    "There is no such terminal, or it was switched off already. Register the device with a registration code.",
)
TERMINAL_PROOF_REFUSED = Sentence(
    Kind.FORBIDDEN,
    "终端的签名未被接受（{what}）。请核对终端的日期和时间后重试。",
    "The terminal's signature was not accepted ({what}). Check the terminal's date and time, then retry.",
)
REGISTRATION_CODE_REFUSED = Sentence(
    Kind.FORBIDDEN,
    "登记码不对、已用过或已过期。请向安全管理员索取新的登记码。",
    "The registration code is wrong, was used or has lapsed. Ask the security administrator for a new one.",
)
LOOKUPS_USED_UP = Sentence(
    Kind.TOO_MANY,
    "今日人工查询已达 {limit} 次上限，明日零时恢复。扫码核验不受影响；确有需要的，请联系主管。",
    "You have made the {limit} look-ups of a day; more are possible from midnight on. Scanning codes is not affected. If there is need, ask your supervisor.",
)
RECORD_UNREADABLE = Sentence(
    Kind.INVALID,
    "离线查验记录无法读取：已损坏，或其密钥已按期删除。记录已原样留存。",
    "The record of a check cannot be read: it is damaged, or its key was deleted on schedule. It is kept as it came.",
)
RECORD_OUTSIDE_SHIFT = Sentence(
    Kind.INVALID,
    "离线查验记录的时间不在此终端的该班次之内。记录已原样留存。",
    "The record's time lies outside of that shift of this terminal. It is kept as it came.",
)
RECORD_FROM_THE_FUTURE = Sentence(
    Kind.INVALID,
    "离线查验记录的时间在将来。记录已原样留存。",
    "The record's time lies in the future. It is kept as it came.",
)
RECORD_TOO_OLD = Sentence(
    Kind.INVALID,
    "离线查验记录上传过晚。记录已原样留存。",
    "The record was handed in too late. It is kept as it came.",
)
