"""Every error that this system raises on purpose, each with its sentence in two languages.

A code is a sentence; the kind decides what HTTP answers (RFC 9457 over `http/problems.py`).
A sentence says what happened, what it means where that is not obvious, and what to do.
Placeholders are the same in both languages and never hold what identifies a person.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Kind(StrEnum):
    """What sort of failure it is, for programs."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    REFUSED = "refused"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_SLOW = "too_slow"
    ADDRESS_TOO_LONG = "address_too_long"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NOT_ACCEPTABLE = "not_acceptable"
    NOT_IMPLEMENTED = "not_implemented"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a person reads, in Chinese and in English."""

    kind: Kind
    zh: str
    en: str


class ErrorCode(Enum):
    """All codes; the name in lower case is the code on the wire."""

    # -- requests and the service itself
    BAD_REQUEST = Sentence(
        Kind.INVALID,
        "请求格式不正确：{field}。请更正后重试。",
        "The request is malformed: {field}. Correct it and retry.",
    )
    BODY_TOO_LARGE = Sentence(
        Kind.TOO_LARGE,
        "内容超过 {limit} 字节的上限。",
        "The content exceeds the limit of {limit} bytes.",
    )
    NOT_FOUND = Sentence(Kind.NOT_FOUND, "没有找到该内容。", "There is nothing here.")
    METHOD_NOT_ALLOWED = Sentence(
        Kind.METHOD_NOT_ALLOWED, "此地址不支持该操作。", "This address does not take that method."
    )
    UNSUPPORTED_MEDIA_TYPE = Sentence(
        Kind.UNSUPPORTED,
        "此处只接受 {accepted} 格式的内容。",
        "Only content of type {accepted} is taken here.",
    )
    ADDRESS_TOO_LONG = Sentence(
        Kind.ADDRESS_TOO_LONG,
        "网址超过 {limit} 字节的上限。",
        "The address exceeds the limit of {limit} bytes.",
    )
    REQUEST_TOO_SLOW = Sentence(
        Kind.TOO_SLOW,
        "内容未能及时收到，未做任何更改。请检查网络后重试。",
        "The content did not arrive in time, and nothing was changed. Check the connection and retry.",
    )
    TOO_MANY_REQUESTS = Sentence(
        Kind.TOO_MANY,
        "请求过于频繁，请在 {seconds} 秒后重试。",
        "Too many requests. Retry in {seconds} seconds.",
    )
    SERVER_FAULT = Sentence(
        Kind.INTERNAL,
        "系统繁忙，未做任何更改。编号 {trace}。",
        "Nothing was changed. Reference {trace}.",
    )
    SEALED_UNREADABLE = Sentence(
        Kind.UNAVAILABLE,
        "登记中的个人信息无法解密，未做任何更改。请联系系统管理员检查密钥。",
        "Personal data of this record cannot be decrypted; nothing was changed. Ask the operator to check the key.",
    )
    BACKUP_DAMAGED = Sentence(
        Kind.INVALID,
        "备份不完整或已被改动，未做任何更改：{part}（{reason}）。请改用另一份备份。",
        "The backup is cut short or was changed, and nothing was done: {part} ({reason}). Use another backup.",
    )
    BACKUP_NOT_TRUSTED = Sentence(
        Kind.INVALID,
        "备份清单不是由受信任的签发机关签署：{reason}。",
        "The backup's manifest was not signed by an issuer that is trusted: {reason}.",
    )
    BACKUP_KEY_MISSING = Sentence(
        Kind.INVALID,
        "恢复还需要 {name}：备份中没有，所给的也不是当时的那一把。",
        "The restore needs {name}: the backup does not have it, and what was given is not the one that belongs to it.",
    )
    PLACE_NOT_EMPTY = Sentence(
        Kind.CONFLICT,
        "目标位置不是空的（{what}），未做任何更改。恢复只写入空位置，从不覆盖现有部署。",
        "The place is not empty ({what}), and nothing was done. A restore goes into an empty place, never over a deployment.",
    )
    PERSON_ERASED = Sentence(
        Kind.REFUSED,
        "此人的个人信息已依法删除，不能再读取，也不再受理变更。",
        "The personal data of this person were erased by law: they can be read no more, and no change is taken.",
    )
    SERVICE_UNAVAILABLE = Sentence(
        Kind.UNAVAILABLE,
        "服务暂时不可用，请稍后重试。",
        "The service is not available now. Retry later.",
    )
    CROSS_ORIGIN = Sentence(
        Kind.FORBIDDEN,
        "请求来自其他网站，已拦截。请从本站页面重试。",
        "The request came from another site and was blocked. Retry from this site's own page.",
    )

    # -- reading bytes
    UNREADABLE = Sentence(
        Kind.INVALID,
        "无法读取：{what}（{reason}）。",
        "This cannot be read: {what} ({reason}).",
    )
    UNWRITABLE = Sentence(
        Kind.INVALID,
        "无法写入：{what}（{reason}）。",
        "This cannot be written: {what} ({reason}).",
    )
    LIMIT_EXCEEDED = Sentence(
        Kind.TOO_LARGE,
        "超出限制：{what} 的上限是 {limit}。",
        "A limit was exceeded: {what} may be {limit} at most.",
    )
    INVALID_IDENTIFIER = Sentence(
        Kind.INVALID,
        "{what} 的格式或校验码不正确。请核对后重新输入。",
        "The {what} has a wrong form or check digit. Compare it with the document and enter it again.",
    )

    # -- configuration and command line
    BAD_CONFIGURATION = Sentence(
        Kind.INVALID,
        "配置项 {key} 不可用：{reason}。",
        "The setting {key} cannot be used: {reason}.",
    )
    STATE_BELONGS_TO_ANOTHER_ADDRESS = Sentence(
        Kind.CONFLICT,
        "此目录中的状态是以 {expected} 建立的，发证机关名称已写入已签发的副本，不能改用 {given}。请恢复原端口，或另选目录。",
        "This state was made as {expected}; that name is inside the issued copies, so it cannot serve as {given}. "
        "Use the former port, or another folder.",
    )
    STATE_SHOWS_ANOTHER_DAY = Sentence(
        Kind.CONFLICT,
        "此目录中的演示从 {expected} 开始，样本人员按该日绘制，不能改为 {given}。请另选目录。",
        "The demonstration in this folder begins on {expected}, for which its people were drawn up; "
        "it cannot begin on {given}. Use another folder.",
    )
    SCHEMA_BEHIND = Sentence(
        Kind.CONFLICT,
        "数据库结构（{found}）落后于本程序（{known}），未做任何更改。请先运行 jiazhao migrate。",
        "The database's schema ({found}) is behind this program's ({known}); nothing was done. Run `jiazhao migrate` first.",
    )
    SCHEMA_LATER = Sentence(
        Kind.CONFLICT,
        "数据库属于更新的版本（{found}，本程序只到 {known}），未做任何更改。请改用该版本或更新的程序。",
        "The database belongs to a later version ({found}; this one knows up to {known}) and was not touched. "
        "Run that version or a later one.",
    )
    UNSAFE_IN_PRODUCTION = Sentence(
        Kind.REFUSED,
        "{what} 只能用于演示，不能在生产环境中启用。",
        "{what} is for demonstrations only and is refused in production.",
    )
    SIGNER_UNAVAILABLE = Sentence(
        Kind.UNAVAILABLE,
        "签名密钥暂时无法使用（{reason}），没有签发任何内容。请稍后重试；运维人员请检查密钥设备和密钥目录。",
        "The signing key cannot be used now ({reason}); nothing was signed. Retry later; operators: check the token and the folder of keys.",
    )
    ROOT_KEY_ELSEWHERE = Sentence(
        Kind.CONFLICT,
        "{role} 的私钥不在本机，未做任何更改。请在保管根私钥的机器上执行。",
        "The private key of the {role} is not on this machine, and nothing was changed. Do this where that key is kept.",
    )
    NO_KEY_TO_ROTATE = Sentence(
        Kind.CONFLICT,
        "没有可轮换的 {role} 密钥，未做任何更改。请先用 keys make 生成。",
        "There is no key of the {role} to rotate, and nothing was changed. Make one first: keys make.",
    )
    SUCCESSOR_WAITS = Sentence(
        Kind.CONFLICT,
        "{role} 的后继密钥已在等待启用，未做任何更改。可用 keys show 查看，用 keys retire 撤下。",
        "A successor of the {role} is waiting already, and nothing was changed. See keys show; keys retire takes it away.",
    )
    KEY_IN_USE = Sentence(
        Kind.CONFLICT,
        "此密钥正在以 {role} 身份签名，未做任何更改。请先轮换，待新密钥启用后再停用。",
        "This key is the {role} that signs now, and nothing was changed. Rotate it first, and retire it once the new one signs.",
    )
    NO_SUCH_KEY = Sentence(
        Kind.NOT_FOUND,
        "没有唯一的密钥与此指纹相符，未做任何更改。请用 keys show 查看，并至少输入 8 位。",
        "No single key has that fingerprint, and nothing was changed. See keys show, and give eight digits or more.",
    )
    SM2_UNAVAILABLE = Sentence(
        Kind.UNAVAILABLE,
        "国密 SM2 不可用（{reason}）。请安装带有 SM2 的 OpenSSL 3。",
        "The SM2 profile is unavailable ({reason}). Install OpenSSL 3 with SM2.",
    )
    IMPORT_LINE = Sentence(
        Kind.INVALID,
        "第 {line} 行，字段 {field}：{reason}。此行未导入，其他行不受影响。",
        "Line {line}, field {field}: {reason}. This line was not imported; the others were.",
    )

    ENCODING_UNCLEAR = Sentence(
        Kind.INVALID,
        "无法确定文件编码：第 {line} 行与其他行不一致，或两种编码都能读。未导入任何内容，请用 --encoding 指明。",
        "The file's encoding is unclear: line {line} fits another one than the rest, or fits both. "
        "Nothing was imported; name it with --encoding.",
    )
    CHANGES_MISSING = Sentence(
        Kind.CONFLICT,
        "缺少第 {expected} 号变更文件：现有第 {found} 号，它及其后的文件未应用。请补齐后重试。",
        "Change file {expected} is missing: {found} is here, and neither it nor what follows was applied. "
        "Bring the missing one and repeat.",
    )
    CHANGES_REPEATED = Sentence(
        Kind.CONFLICT,
        "第 {number} 号变更文件已经应用过，未再应用。",
        "Change file {number} was applied before and was not applied again.",
    )
    CHANGES_DISORDERED = Sentence(
        Kind.CONFLICT,
        "第 {number} 号变更文件排在第 {after} 号之后；已按编号顺序处理。",
        "Change file {number} stands after {after}; they were taken in the order of their numbers.",
    )
    CHANGES_CONFLICT = Sentence(
        Kind.CONFLICT,
        "第 {number} 号变更文件与先前应用的同号文件内容不同，未应用。请向来源登记系统核实。",
        "Change file {number} differs from the one of that number that was applied before, and was not applied. "
        "Ask the register that it came from.",
    )
    CHANGES_REFUSED = Sentence(
        Kind.INVALID,
        "第 {number} 号变更文件有 {count} 行被拒绝，其后的文件未应用。请更正该文件后重试。",
        "Of change file {number}, {count} rows were refused, and no later file was applied. "
        "Correct that file and repeat.",
    )
    CHANGES_OUT_OF_TIME = Sentence(
        Kind.INVALID,
        "第 {number} 号变更文件的 as_of 早于前一文件或晚于当前时间，未应用。",
        "The as_of of change file {number} lies before the file before it, or in the future; it was not applied.",
    )
    FOLLOWS_ANOTHER = Sentence(
        Kind.CONFLICT,
        "本登记系统跟随的是 {followed}，其他来源的变更文件未应用。",
        "This register follows {followed}; change files of another source were not applied.",
    )
    UNEXPECTED_ANSWER = Sentence(
        Kind.UNAVAILABLE,
        "{door} 的回答不符合预期：{answer}。",
        "{door} did not answer as expected: {answer}.",
    )

    # -- sign-in and roles
    SIGN_IN_NEEDED = Sentence(Kind.UNAUTHENTICATED, "请先登录。", "Sign in first.")
    NOT_ALLOWED = Sentence(
        Kind.FORBIDDEN,
        "您的账户没有此项权限。工作人员请联系安全管理员；持有驾驶证而无法查看的，请联系车辆管理所。",
        "Your account may not do this. Staff: ask the security administrator. If you hold a licence and cannot see it: ask the vehicle administration office.",
    )
    SIGN_IN_TOO_OLD = Sentence(
        Kind.FORBIDDEN,
        "为确认是您本人，此操作需要重新登录。请重新登录后继续。",
        "This needs a fresh sign-in, to be sure that it is you. Sign in again and continue.",
    )
    PROOF_TOO_WEAK = Sentence(
        Kind.FORBIDDEN,
        "本次登录的身份核验强度不足。请重新登录，并完成人脸识别等更强的核验。",
        "This sign-in did not prove your identity strongly enough. Sign in again with a stronger proof, such as the face check.",
    )
    SECOND_FACTOR_NEEDED = Sentence(
        Kind.FORBIDDEN,
        "工作人员还需使用通行密钥完成第二步验证。请在登录页面继续。",
        "Staff need a passkey as the second step. Continue on the sign-in page.",
    )
    ENROLMENT_NOT_ALLOWED = Sentence(
        Kind.FORBIDDEN,
        "尚未获准登记通行密钥，或准许已过期、已使用。请联系安全管理员。",
        "You have not been allowed to register a passkey, or the permission has lapsed or was used. Ask the security administrator.",
    )
    KEYS_FOR_HOLDERS = Sentence(
        Kind.FORBIDDEN,
        "您的账户名下没有驾驶证，无需登记密钥。持有驾驶证而无法查看的，请联系车辆管理所。",
        "No licence belongs to your account, so there is nothing that a key would open. If you hold one, contact the vehicle administration office.",
    )
    CHALLENGE_LAPSED = Sentence(
        Kind.INVALID,
        "此次验证已超时或已使用。请重新开始。",
        "This step has lapsed or was used already. Start it again.",
    )
    PASSKEY_REFUSED = Sentence(
        Kind.FORBIDDEN,
        "通行密钥未通过验证：它可能已被移除，或不属于本站。请换一个，或改用身份平台登录。",
        "The passkey was not accepted: it may have been removed, or belong to another site. Use another one, or sign in at the identity provider.",
    )
    PASSKEY_COPIED = Sentence(
        Kind.FORBIDDEN,
        "此通行密钥的使用次数与记录不符，可能已被复制，现已停用。请登录身份平台后重新登记；如非本人所为，请联系车辆管理所。",
        "This passkey's count of uses does not fit ours: it may have been copied, and is ended now. Sign in at the identity provider and register a new one; if it was not you, contact the vehicle administration office.",
    )
    PASSKEY_HELD = Sentence(
        Kind.CONFLICT,
        "此通行密钥已经登记过。",
        "This passkey is registered already.",
    )
    TOO_MANY_KEYS = Sentence(
        Kind.CONFLICT,
        "最多登记 {limit} 个。请先移除不用的。",
        "At most {limit} can be registered. Remove one that you do not use first.",
    )
    LAST_PASSKEY = Sentence(
        Kind.CONFLICT,
        "这是您唯一的通行密钥，移除后将无法登录。请先登记另一个。",
        "This is your only passkey; without it you could not sign in. Register another one first.",
    )
    KEY_UNKNOWN = Sentence(
        Kind.NOT_FOUND,
        "没有找到该密钥，可能已被移除。",
        "There is no such key of yours; it may have been removed already.",
    )
    PIN_REFUSED = Sentence(
        Kind.FORBIDDEN,
        "PIN 码不正确，或此手机的密钥已被移除。连续五次不正确将被锁定。",
        "The PIN is not right, or this phone's key was removed. Five wrong ones in a row lock it.",
    )
    PIN_LOCKED = Sentence(
        Kind.FORBIDDEN,
        "PIN 码连续五次不正确，已锁定。请改用身份平台登录；要重新设置 PIN 码，请携带身份证件到车辆管理所办理。",
        "Five wrong PINs in a row: it is locked. Sign in at the identity provider; for a new PIN, go to the vehicle administration office with your identity papers.",
    )
    PIN_OF_FEW_DIGITS = Sentence(
        Kind.REFUSED,
        "PIN 码太容易猜到：至少要有三个不同的数字。",
        "That PIN is easily guessed: use three different digits at least.",
    )
    PIN_IN_SEQUENCE = Sentence(
        Kind.REFUSED,
        "PIN 码太容易猜到：不能是顺序数字，例如 123456。",
        "That PIN is easily guessed: no digits in sequence, such as 123456.",
    )
    PIN_REPEATS = Sentence(
        Kind.REFUSED,
        "PIN 码太容易猜到：不能是重复或对称的数字，例如 123123、112233、123321。",
        "That PIN is easily guessed: nothing repeated or mirrored, such as 123123, 112233 or 123321.",
    )
    PIN_WELL_KNOWN = Sentence(
        Kind.REFUSED,
        "PIN 码太容易猜到：很多人都用它。",
        "That PIN is easily guessed: many people use it.",
    )
    PIN_FROM_LICENCE = Sentence(
        Kind.REFUSED,
        "PIN 码不能取自您的出生日期、身份证明号码或档案编号。",
        "Do not take the PIN from your date of birth, identity number or archive number.",
    )
    RECOVERY_UNEXPLAINED = Sentence(
        Kind.REFUSED,
        "请选择原因，并写明核对了什么证件（至少四个字）。",
        "Choose a reason, and write which papers you compared (four characters at least).",
    )
    RECOVERY_UNSEEN = Sentence(
        Kind.REFUSED,
        "须先见到本人并核对身份证件，才能提出申请。",
        "See the person and compare the identity papers first.",
    )
    RECOVERY_NOTHING = Sentence(
        Kind.NOT_FOUND,
        "此人名下没有通行密钥或 PIN 码，无需恢复。请核对号码；本人可以直接在身份平台登录。",
        "No passkey or PIN belongs to that person, so there is nothing to recover. Check the number; the person can sign in at the identity provider.",
    )
    RECOVERY_WAITING = Sentence(
        Kind.CONFLICT,
        "此账户已有一个恢复申请在等待批准。",
        "A request for this account is waiting already.",
    )
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
    RECOVERY_UNKNOWN = Sentence(Kind.NOT_FOUND, "没有这个恢复申请。", "There is no such request.")
    RECOVERY_OVER = Sentence(
        Kind.CONFLICT,
        "此申请已被处理、已过期，或申请人已不在岗。请刷新；如仍需恢复，请重新提出。",
        "This request was decided already, has lapsed, or who asked has no post any more. Reload; ask anew if it is still needed.",
    )
    RECOVERY_SAME_PERSON = Sentence(
        Kind.FORBIDDEN,
        "申请人不能批准自己的申请。请由另一位工作人员决定。",
        "Nobody decides on his own request. Another member of staff has to.",
    )
    RECOVERY_OF_STAFF = Sentence(
        Kind.FORBIDDEN,
        "工作人员账户的恢复只能由安全管理员批准。",
        "A security administrator decides on accounts of staff.",
    )
    OWN_RECOVERY = Sentence(
        Kind.FORBIDDEN,
        "不能为自己的账户申请或批准恢复。请由另外两位工作人员办理。",
        "Nobody recovers his own account. Ask two other members of staff.",
    )
    ACCOUNT_UNKNOWN = Sentence(
        Kind.NOT_FOUND,
        "没有这个账户，或该账户没有工作人员角色。",
        "There is no such account, or it has no role among the staff.",
    )
    OWN_ENROLMENT = Sentence(
        Kind.FORBIDDEN,
        "不能为自己准许登记通行密钥。请由另一位安全管理员办理。",
        "Nobody allows a passkey to himself. Ask another security administrator.",
    )
    SIGN_IN_FAILED = Sentence(
        Kind.INVALID,
        "登录未完成，您没有登录。请重新登录。",
        "The sign-in was not completed and you are not signed in. Sign in again.",
    )
    SIGN_IN_LAPSED = Sentence(
        Kind.INVALID,
        "本次登录已超时、已使用，或不是在此浏览器中发起的。请重新登录。",
        "This sign-in has lapsed, was used already, or was started in another browser. Sign in again.",
    )
    SIGN_IN_CANCELLED = Sentence(
        Kind.INVALID,
        "登录已取消，您没有登录。",
        "The sign-in was cancelled and you are not signed in.",
    )
    SIGN_IN_UNAVAILABLE = Sentence(
        Kind.UNAVAILABLE,
        "身份认证服务暂时无法使用，请稍后重新登录。已登录的用户不受影响。",
        "The identity service is not available now. Sign in again later; those who are signed in stay so.",
    )
    OWN_ROLE = Sentence(
        Kind.FORBIDDEN,
        "不能变更自己的角色。请由另一位安全管理员办理。",
        "Nobody changes a role of his own. Ask another security administrator.",
    )
    ROLES_CONFLICT = Sentence(
        Kind.CONFLICT,
        "一个账户不能同时担任 {held} 和 {role}。请先终止其中一个角色。",
        "One account cannot be {held} and {role}. End one of the two roles first.",
    )
    ROLE_HELD = Sentence(
        Kind.CONFLICT, "该账户已有角色 {role}。", "The account already has the role {role}."
    )
    ROLE_NOT_HELD = Sentence(
        Kind.NOT_FOUND, "该账户没有角色 {role}。", "The account does not have the role {role}."
    )
    ROLE_NOT_GRANTED_HERE = Sentence(
        Kind.INVALID,
        "角色 {role} 不能授予：驾驶人的角色来自登记系统。",
        "The role {role} is not granted: being a driver follows from the register.",
    )
    ADMINISTRATOR_EXISTS = Sentence(
        Kind.CONFLICT,
        "已有安全管理员。其他管理员由其在控制台任命。",
        "There is a security administrator already, who appoints others at the console.",
    )
    ROUTE_WITHOUT_PERMISSION = Sentence(
        Kind.INTERNAL,
        "路由 {route} 没有声明所需权限，系统不启动。",
        "The route {route} names no permission; the system does not start.",
    )

    # -- the register
    NO_LICENCE = Sentence(
        Kind.NOT_FOUND,
        "登记系统中没有相应的机动车驾驶证。请核对后重试。",
        "The register holds no such driving licence. Check the entry and retry.",
    )
    HOLDER_KNOWN = Sentence(
        Kind.CONFLICT,
        "登记系统中已有该持证人，且内容不同。请用变更记录更正，不要重复导入。",
        "The register has this holder already, with other content. Record a change instead of importing again.",
    )
    IDENTIFIER_TAKEN = Sentence(
        Kind.CONFLICT,
        "该号码（{kind}）已属于另一持证人。请核对来源数据。",
        "This number ({kind}) belongs to another holder already. Check the source data.",
    )
    NO_PHOTO = Sentence(
        Kind.NOT_FOUND,
        "登记系统中没有照片。请到车辆管理所采集照片。",
        "There is no photo on file. Have one taken at a vehicle administration office.",
    )

    # -- the rules
    NO_RULES_FOR_DAY = Sentence(
        Kind.INVALID,
        "系统没有 {day} 当日适用的规则（规则自 2013-01-01 起）。请更正日期。",
        "There are no rules for {day}; they begin on 2013-01-01. Correct the date.",
    )
    UNKNOWN_LOOKUP_REASON = Sentence(
        Kind.INVALID,
        "所填查询理由不在允许的范围内。请从列表中选择。",
        "That is not a reason for a look-up. Choose one from the list.",
    )

    # -- status lists: what cannot be found out is neither a yes nor a no
    STATUS_UNREADABLE = Sentence(
        Kind.UNAVAILABLE,
        "状态列表无法读取（{reason}），因此无法确认驾驶证状态。请稍后重试，或联网查询登记系统。",
        "The status list cannot be read ({reason}), so the licence's status is not known. Retry, or ask the register.",
    )
    STATUS_NOT_TRUSTED = Sentence(
        Kind.UNAVAILABLE,
        "状态列表的签名或证书不可信（{reason}），因此无法确认驾驶证状态。请稍后重试，或联网查询登记系统。",
        "The status list's signature or certificate is not trusted ({reason}), so the licence's status is not known. "
        "Retry, or ask the register.",
    )
    STATUS_FOR_ANOTHER_LIST = Sentence(
        Kind.UNAVAILABLE,
        "收到的状态列表不是该证所指的列表，因此无法确认驾驶证状态。请稍后重试，或联网查询登记系统。",
        "The status list received is not the one that the licence names, so its status is not known. "
        "Retry, or ask the register.",
    )
    STATUS_STALE = Sentence(
        Kind.UNAVAILABLE,
        "状态列表不在有效时间内（签发于 {issued}），因此无法确认驾驶证状态。请联网更新后重试。",
        "The status list does not hold at this time (it was issued at {issued}), so the licence's status is not known. "
        "Go online to refresh it, then retry.",
    )
    STATUS_ROLLED_BACK = Sentence(
        Kind.UNAVAILABLE,
        "收到的状态列表比已有的更旧，可能被替换，因此无法确认驾驶证状态。请联网更新后重试。",
        "The status list received is older than one already seen, so it may have been swapped and the licence's status "
        "is not known. Go online to refresh it, then retry.",
    )
    STATUS_NOT_COVERED = Sentence(
        Kind.UNAVAILABLE,
        "本机所存的全国状态数据未涵盖该电子驾驶证（通常因其签发较晚），因此无法离线确认其状态。请联网更新，或联网核验。",
        "The country's status data on this device does not cover this electronic licence, mostly because it was issued "
        "later, so its status is not known offline. Refresh the data, or check online.",
    )
    STATUS_FORM_UNKNOWN = Sentence(
        Kind.NOT_ACCEPTABLE,
        "状态列表只提供 statuslist+jwt 和 statuslist+cwt 两种格式。",
        "A status list is served as statuslist+jwt or statuslist+cwt only.",
    )
    STATUS_HISTORY_NOT_KEPT = Sentence(
        Kind.NOT_IMPLEMENTED,
        "不提供过去某一时刻的状态列表。",
        "Status lists of past moments are not served.",
    )
    STATUS_OF_THAT_TIME_NOT_KEPT = Sentence(
        Kind.NOT_FOUND,
        "没有保存该时刻的状态列表。请查询其他时刻，或不带 time 参数获取当前列表。",
        "No status list of that moment is kept. Ask for another moment, or leave out time for the list of now.",
    )
    STATUS_INDEX_OUT_OF_RANGE = Sentence(
        Kind.UNAVAILABLE,
        "状态列表中没有该证的位置，因此无法确认驾驶证状态。请联网查询登记系统。",
        "The status list has no place for this licence, so its status is not known. Ask the register.",
    )

    # -- tokens and offers (the wire has its own form; these are for people and logs)
    OFFER_NOT_USABLE = Sentence(
        Kind.REFUSED,
        "该领取凭据已失效、已使用或不存在。请重新申领。",
        "This offer has lapsed, was used, or never existed. Start the claim again.",
    )
    AUTHORIZATION_LAPSED = Sentence(
        Kind.INVALID,
        "该钱包的请求已失效、已处理或不存在。请回到钱包重新发起。",
        "This request of a wallet has lapsed, was answered, or never existed. Start again in the wallet.",
    )
    WALLET_NOT_KNOWN = Sentence(
        Kind.INVALID,
        "无法确认发起请求的钱包，未作任何授权。请回到钱包重新发起。",
        "The wallet that asks cannot be confirmed, and nothing was granted. Start again in the wallet.",
    )
    PROTOCOL = Sentence(
        Kind.INVALID,
        "钱包请求未被接受：{error}（{description}）。",
        "The wallet's request was not accepted: {error} ({description}).",
    )
    CLAIM_REFUSED = Sentence(
        Kind.REFUSED,
        "目前不能申领电子驾驶证。请查看下列原因和办理方式。",
        "The electronic licence cannot be claimed now. See the reasons and what to do.",
    )
    CLAIM_UNDER_WAY = Sentence(
        Kind.CONFLICT,
        "另一项申领正在进行。如要改在此设备领取，请选择“改在此设备领取”。",
        "Another claim is under way. To claim on this device instead, choose “Claim here instead”.",
    )
    ALREADY_CLAIMED = Sentence(
        Kind.CONFLICT,
        "您已在另一设备上领取电子驾驶证。改在此设备领取后，原设备上的将失效。",
        "You already hold the electronic licence on another device. Claiming it here ends the one there.",
    )

    # -- devices that hold the electronic licence
    CONTACT_REFUSED = Sentence(
        Kind.INVALID,
        "无法确认此设备（{reason}）。请校正设备时间后重试。",
        "This device cannot be confirmed ({reason}). Correct its clock and retry.",
    )
    CONTACT_REPEATED = Sentence(
        Kind.CONFLICT,
        "此次联络早已答复，未做任何更改。请刷新页面后重试。",
        "This contact was answered before, and nothing was changed. Reload the page and retry.",
    )
    DEVICE_NOT_KNOWN = Sentence(
        Kind.NOT_FOUND,
        "登记中没有此设备上的电子驾驶证。请在此设备上重新申领。",
        "The register knows no electronic licence on this device. Claim it here again.",
    )
    WALLET_COPIED = Sentence(
        Kind.CONFLICT,
        "此设备上的电子驾驶证疑被复制，两处均已冻结。请登录后结束此设备并重新申领，或联系车辆管理所。",
        "The electronic licence on this device seems to have been copied; both are frozen. "
        "Sign in, end this device and claim again, or contact the vehicle administration office.",
    )
    NO_LIVE_DEVICE = Sentence(
        Kind.CONFLICT,
        "没有有效的电子驾驶证，未做任何更改。",
        "There is no live electronic licence, and nothing was changed.",
    )

    # -- an own photo: what the machine refuses, each with what to change
    PHOTO_REFUSED = Sentence(
        Kind.REFUSED,
        "照片不符合要求，尚未提交。请按下列说明更换或重拍。",
        "The photo does not fit and was not handed in. Change it, or take another, as said below.",
    )
    PHOTO_FORMAT = Sentence(
        Kind.REFUSED,
        "只接受 JPEG、PNG 或 WebP 格式的照片。请换一张，或用手机相机重新拍摄。",
        "Only JPEG, PNG and WebP photos are taken. Choose another, or take one with the phone's camera.",
    )
    PHOTO_DAMAGED = Sentence(
        Kind.REFUSED,
        "照片文件不完整或已损坏。请重新拍摄或另选一张。",
        "The photo's file is damaged or incomplete. Take it again or choose another.",
    )
    PHOTO_TOO_LARGE = Sentence(
        Kind.REFUSED,
        "照片文件超过 {limit}。请缩小后再试。",
        "The photo's file is larger than {limit}. Make it smaller and try again.",
    )
    PHOTO_TOO_MANY_PIXELS = Sentence(
        Kind.REFUSED,
        "照片超过 {limit} 像素。请缩小后再试。",
        "The photo has more than {limit} pixels. Make it smaller and try again.",
    )
    PHOTO_TOO_MANY_PARTS = Sentence(
        Kind.REFUSED,
        "照片文件由过多部分组成，无法处理。请用手机相机重新拍摄。",
        "The photo's file is made of too many parts. Take it again with the phone's camera.",
    )
    PHOTO_HOLDS_MORE = Sentence(
        Kind.REFUSED,
        "照片文件中还有照片以外的内容（如动态照片）。请在此处裁剪，或关闭动态照片后重拍。",
        "The file holds more than a photo, as moving photos do. Crop it here, or turn moving photos off and take it again.",
    )
    PHOTO_MOVES = Sentence(
        Kind.REFUSED,
        "这是动图。请使用静态照片。",
        "This is an animation. Use a photo that stands still.",
    )
    PHOTO_FOR_PRINT = Sentence(
        Kind.REFUSED,
        "照片是印刷用的 CMYK 色彩。请保存为 RGB 后再试。",
        "The photo has printer's colours (CMYK). Save it as RGB and try again.",
    )
    PHOTO_NOT_IN_COLOUR = Sentence(
        Kind.REFUSED,
        "照片是黑白的。请使用彩色照片。",
        "The photo is black and white. Use one in colour.",
    )
    PHOTO_TOO_FEW_PIXELS = Sentence(
        Kind.REFUSED,
        "照片宽度只有 {found} 像素，至少需要 {least} 像素。请使用更清晰的原图。",
        "The photo is {found} pixels wide; at least {least} are needed. Use the original, not a smaller copy.",
    )
    PHOTO_PROPORTIONS = Sentence(
        Kind.REFUSED,
        "照片尺寸为 {found}，宽高比须在 2:3 与 3:4 之间。请裁剪，建议 520 × 756 像素。",
        "The photo is {found}; its width by height must lie between 2:3 and 3:4. Crop it, for instance to 520 × 756.",
    )
    PHOTO_TOO_OLD = Sentence(
        Kind.REFUSED,
        "照片拍摄于 {day}，需为 6 个月内拍摄。请重新拍摄。",
        "The photo was taken on {day}; it must be from the last 6 months. Take a new one.",
    )
    PHOTO_DATE_AHEAD = Sentence(
        Kind.REFUSED,
        "照片的拍摄日期 {day} 在今天之后。请校正相机日期后重新拍摄。",
        "The photo says it was taken on {day}, after today. Correct the camera's date and take a new one.",
    )
    PHOTO_GROUND_NOT_WHITE = Sentence(
        Kind.REFUSED,
        "背景不是纯白。请站在光线均匀的白墙前重新拍摄。",
        "The background is not white. Take it again before a white, evenly lit wall.",
    )
    PHOTO_NO_FACE = Sentence(
        Kind.REFUSED,
        "没有找到正面人脸。请正对镜头，露出眉毛和耳朵，不戴帽子、口罩和墨镜。",
        "No face is seen from the front. Face the camera, brows and ears uncovered, without hat, mask or sunglasses.",
    )
    PHOTO_SEVERAL_FACES = Sentence(
        Kind.REFUSED,
        "照片中不止一张人脸。请只拍本人。",
        "There is more than one face. Only you may be in the photo.",
    )
    PHOTO_FACE_TOO_SMALL = Sentence(
        Kind.REFUSED,
        "头部太小。请靠近一些，或把照片裁得更紧。",
        "The head is too small. Come closer, or crop the photo more tightly.",
    )
    PHOTO_FACE_TOO_LARGE = Sentence(
        Kind.REFUSED,
        "头部太大。请离镜头远一些，让头顶和肩部都在画面内。",
        "The head is too large. Step back, so that hair and shoulders are in the picture.",
    )
    PHOTO_FACE_OFF_CENTRE = Sentence(
        Kind.REFUSED,
        "头部没有居中。请让脸位于画面左右正中、略偏上。",
        "The head is not in the middle. Keep the face centred, a little above the middle.",
    )
    PHOTO_BLURRED = Sentence(
        Kind.REFUSED,
        "照片模糊。请擦净镜头、拿稳手机重新拍摄。",
        "The photo is blurred. Wipe the lens, hold still and take it again.",
    )
    PHOTO_BADLY_LIT = Sentence(
        Kind.REFUSED,
        "面部过暗或过亮。请在柔和均匀的光线下重新拍摄。",
        "The face is too dark or too bright. Take it again in soft, even light.",
    )
    PHOTO_UNEVENLY_LIT = Sentence(
        Kind.REFUSED,
        "面部一边明一边暗。请正对光源重新拍摄。",
        "One side of the face is in the shade. Face the light and take it again.",
    )
    PHOTO_CHANGE_REFUSED = Sentence(
        Kind.REFUSED,
        "现在不能更换照片。请查看下列原因和办理方式。",
        "The photo cannot be changed now. See the reasons and what to do.",
    )
    PHOTO_WAITING = Sentence(
        Kind.CONFLICT,
        "您已有一张照片正在等待审核。请等待结果，或先撤回。",
        "A photo of yours is waiting for review already. Wait for the answer, or withdraw it first.",
    )
    PHOTO_REVIEW_OVER = Sentence(
        Kind.CONFLICT,
        "这张照片已有审核结果或已撤回，未做任何更改。",
        "This photo has been decided on or withdrawn already. Nothing was changed.",
    )
    PHOTO_REVIEW_UNKNOWN = Sentence(
        Kind.NOT_FOUND,
        "没有这张待审核的照片。",
        "There is no such photo to review.",
    )
    PHOTO_IS_OWN = Sentence(
        Kind.FORBIDDEN,
        "不能审核自己的照片。请由其他工作人员办理。",
        "Nobody reviews a photo of their own. Leave it to someone else.",
    )
    PHOTO_REFUSAL_UNEXPLAINED = Sentence(
        Kind.INVALID,
        "不予通过时必须选择原因；选择“其他”时须写明。",
        "A refusal needs its reason, and “other” needs words.",
    )

    # -- objections and reports of the holder
    OBJECTION_SUBJECT_UNKNOWN = Sentence(
        Kind.NOT_FOUND,
        "没有这条通知或查询记录，可能已被更正。请刷新后重试。",
        "There is no such notice or access record; it may have been corrected. Refresh and retry.",
    )
    OBJECTION_WAITING = Sentence(
        Kind.CONFLICT,
        "您对此已提出异议，正在等待答复。",
        "You have objected to this already; the answer is awaited.",
    )
    TOO_MANY_WAITING = Sentence(
        Kind.CONFLICT,
        "您有 {limit} 条待处理的内容，请等待答复后再提交。",
        "{limit} of yours are waiting. Wait for an answer before you send more.",
    )
    OBJECTION_UNKNOWN = Sentence(Kind.NOT_FOUND, "没有这条异议。", "There is no such objection.")
    OBJECTION_OVER = Sentence(
        Kind.CONFLICT,
        "这条异议已有答复，未做任何更改。",
        "This objection has been answered already. Nothing was changed.",
    )
    OBJECTION_IS_OWN = Sentence(
        Kind.FORBIDDEN,
        "不能处理本人提出的异议，或针对本人查询的异议。请由其他工作人员办理。",
        "Nobody decides on an objection of their own, or on one against their own look. Leave it to "
        "someone else.",
    )

    # -- a presented credential: why a step did not pass
    UNKNOWN_FORMAT = Sentence(
        Kind.REFUSED,
        "不是可识别的电子驾驶证数据（{what}：{reason}）。这不代表证件无效。",
        "This is not licence data that can be read ({what}: {reason}). "
        "This does not mean the licence is invalid.",
    )
    UNKNOWN_ISSUER = Sentence(
        Kind.REFUSED,
        "签发机关不在信任名单中，无法确认。",
        "The issuer is not on the trust list, so nothing can be confirmed.",
    )
    BAD_SIGNER_CERTIFICATE = Sentence(
        Kind.REFUSED,
        "签发证书不符合规定（{reason}），无法确认。",
        "The signer's certificate does not fit its profile ({reason}), so nothing can be confirmed.",
    )
    SIGNER_OUTSIDE_VALIDITY = Sentence(
        Kind.REFUSED,
        "签发证书不在有效期内，无法确认。",
        "The signer's certificate is outside its validity, so nothing can be confirmed.",
    )
    SIGNER_COMPROMISED = Sentence(
        Kind.REFUSED,
        "签发密钥已被公告失密，不能视为有效证件。",
        "The signing key is listed as compromised. Do not accept.",
    )
    SIGNATURE_MISMATCH = Sentence(
        Kind.REFUSED,
        "数据签名不符，不能视为有效证件。请核查本人身份。",
        "The signature does not match. Do not accept. Check the person's identity.",
    )
    DIGEST_MISMATCH = Sentence(
        Kind.REFUSED,
        "数据内容与签发时不一致，不能视为有效证件。请核查本人身份。",
        "The data differ from what was issued. Do not accept. Check the person's identity.",
    )
    ISSUER_DATA_MISMATCH = Sentence(
        Kind.REFUSED,
        "数据各部分不属于同一份证件（{reason}），无法确认。",
        "The parts do not belong to one licence ({reason}), so nothing can be confirmed.",
    )
    NOTHING_DISCLOSED = Sentence(
        Kind.REFUSED,
        "没有出示任何内容，无法确认。请让对方重新出示。",
        "Nothing was disclosed, so nothing can be confirmed. Ask for it to be presented again.",
    )
    NOT_YET_VALID = Sentence(
        Kind.REFUSED,
        "电子驾驶证尚未生效（自 {since} 起有效）。",
        "The electronic licence is not valid yet (valid from {since}).",
    )
    LAPSED = Sentence(
        Kind.REFUSED,
        "电子驾驶证副本已过有效期（{until}）。",
        "This copy of the electronic licence has lapsed ({until}).",
    )
    HOLDER_NOT_SHOWN = Sentence(
        Kind.REFUSED,
        "数据中没有持证人设备的签名，无法确认是本人出示。",
        "The holder's device did not sign, so it is not shown who presents this.",
    )
    NO_CODE_IN_IMAGE = Sentence(
        Kind.INVALID,
        "图片中没有找到唯一清晰的二维码。请上传 PNG 或 JPEG 图片，只包含一个二维码。",
        "No single clear QR code was found. Use a PNG or JPEG picture with one code in it.",
    )
    INSTANCE_ENDED = Sentence(
        Kind.REFUSED,
        "此设备上的电子驾驶证已失效：已在另一设备上重新领取。",
        "The electronic licence on this device has ended: it was claimed again on another device.",
    )
    BACKUP_CODE_ENDED = Sentence(
        Kind.REFUSED,
        "此打印备用码已作废：已到期，或驾驶人已换领、作废。",
        "This printed backup code has ended: it lapsed, or the driver replaced or voided it.",
    )
    INSTANCE_FROZEN = Sentence(
        Kind.REFUSED,
        "此设备上的电子驾驶证已冻结，解除冻结前不能使用。",
        "The electronic licence on this device is frozen and cannot be used until it is released.",
    )
    REGISTER_TOO_OLD = Sentence(
        Kind.UNAVAILABLE,
        "登记数据截至 {as_of}，已超过允许的时限，因此无法确认驾驶证现在的状态。",
        "The register here is as of {as_of}, older than is allowed, so the licence's present state is not known.",
    )
    REGISTER_RESTORED = Sentence(
        Kind.UNAVAILABLE,
        "系统已从 {as_of} 的备份恢复，其后的变更尚未补录，因此无法确认驾驶证现在的状态，也不签发。",
        "The system was restored from a backup of {as_of}; what changed since is not recorded again yet, so the licence's present state is not known and nothing is issued.",
    )
    REGISTER_SAYS_NO = Sentence(
        Kind.REFUSED,
        "登记系统显示：现在不得凭此证驾驶。",
        "The register says: this licence must not be driven on now.",
    )
    SHORT_CODE_UNKNOWN = Sentence(
        Kind.REFUSED,
        "短码已失效或输入有误。请让驾驶人重新生成。",
        "The short code has lapsed or was mistyped. Ask the driver for a new one.",
    )
    HOLDER_SIGNATURE_MISMATCH = Sentence(
        Kind.REFUSED,
        "持证人设备的签名与本次查验不符，不能视为有效证件。请核查本人身份。",
        "The holder's signature does not fit this check. Do not accept. Check the person's identity.",
    )
    ANSWER_TO_ANOTHER_REQUEST = Sentence(
        Kind.REFUSED,
        "持证人设备签名的不是本次请求（{reason}），无法确认。请重新发出请求。",
        "The holder's device signed for another request ({reason}), so nothing can be confirmed. Ask again.",
    )
    STATUS_UNDETERMINED = Sentence(
        Kind.REFUSED,
        "暂时无法确认状态。这不代表证件无效。",
        "The status cannot be confirmed now. This does not mean the licence is invalid.",
    )
    STATUS_ENDED = Sentence(
        Kind.REFUSED,
        "该电子驾驶证副本已失效。",
        "This copy of the electronic licence has ended.",
    )
    STATUS_SUSPENDED = Sentence(
        Kind.REFUSED,
        "驾驶证处于扣留或者暂扣状态。",
        "The licence is detained or suspended.",
    )
    ANSWER_DIFFERS_FROM_REQUEST = Sentence(
        Kind.REFUSED,
        "收到的内容不是所请求的（{reason}），无法确认。",
        "What was received is not what was asked for ({reason}), so nothing can be confirmed.",
    )
    CODE_EXPIRED = Sentence(
        Kind.REFUSED,
        "二维码已过期。请让驾驶人出示新的二维码。",
        "This code has expired. Ask the driver to show the new one.",
    )
    CODE_FROM_THE_FUTURE = Sentence(
        Kind.REFUSED,
        "二维码的时间晚于当前时间。请核对手机和终端的时间。",
        "The code's time lies ahead. Compare the clocks of the phone and the terminal.",
    )
    CODE_USED = Sentence(
        Kind.CONFLICT,
        "此码已被使用过一次。请让驾驶人重新出示。",
        "This code was already used. Ask the driver to present again.",
    )
    NO_DAY_KEY = Sentence(
        Kind.REFUSED,
        "本机没有此码当日的密钥，无法读取。请联网开始新的班次，或使用人工查询。这不代表证件无效。",
        "This device has no key for the day of this code, so it cannot be read. Go online and open a new shift, "
        "or use the manual look-up. This does not mean the licence is invalid.",
    )
    KEY_OF_ANOTHER_DAY = Sentence(
        Kind.REFUSED,
        "此码所用的密钥与其时间不是同一天，无法确认。请让驾驶人联网后重新出示。",
        "The key and the time of this code are of different days, so nothing can be confirmed. "
        "Ask the driver to go online and present again.",
    )
    CODE_PART_LAPSED = Sentence(
        Kind.REFUSED,
        "此码中签发机关的数据已过有效期（{until}），无法确认现在的状态。这不代表证件无效。",
        "What the issuer signed for this code has lapsed ({until}), so the present state is not known. "
        "This does not mean the licence is invalid.",
    )
    CODE_PART_FROM_THE_FUTURE = Sentence(
        Kind.REFUSED,
        "签发时间晚于本机时间。请核对本机的时间。",
        "The issuer signed at a time that lies ahead of this device's clock. Check the clock of this device.",
    )
    LICENCE_EXPIRED = Sentence(
        Kind.REFUSED,
        "驾驶证有效期已于 {until} 届满。",
        "The licence expired: its last day was {until}.",
    )
    CHALLENGE_MISSING = Sentence(
        Kind.REFUSED,
        "此码中没有终端显示的四位数字。请让驾驶人输入后重新出示。",
        "This code does not have the four digits that the terminal shows. "
        "Ask the driver to type them and present again.",
    )
    CHALLENGE_WRONG = Sentence(
        Kind.REFUSED,
        "此码中的四位数字与终端显示的不同。请让驾驶人重新输入并出示。",
        "The four digits in this code are not those that the terminal shows. "
        "Ask the driver to type them again and to present again.",
    )
    CHALLENGE_NEEDED = Sentence(
        Kind.REFUSED,
        "驾驶人的手机较久没有联网，须核对四位数字。请让驾驶人输入终端显示的数字后重新出示。",
        "The driver's phone was long without a network, so four digits are needed. "
        "Ask the driver to type the digits that the terminal shows and to present again.",
    )
    BEACON_WRONG = Sentence(
        Kind.REFUSED,
        "此码中的时间信标与本机所知不符，无法确认。请让驾驶人联网后重新出示。",
        "The time beacon in this code does not fit what this device knows, so nothing can be confirmed. "
        "Ask the driver to go online and present again.",
    )
    COMPARE_FACE = Sentence(
        Kind.REFUSED,
        "这是打印的备用码。请将照片与本人核对并确认。",
        "This is a printed backup code. Compare the photo with the person and confirm.",
    )
    FACE_DIFFERS = Sentence(
        Kind.REFUSED,
        "查验人确认照片与本人不符，无法确认是本人的证件。请核查本人身份。",
        "The officer found that the photo is not of this person, so it is not shown whose licence this is. "
        "Check the person's identity.",
    )
    NO_FACE_IN_CODE = Sentence(
        Kind.REFUSED,
        "此备用码中没有照片，离线时无法核对本人。请联网后重试，或使用人工查询。",
        "This backup code holds no photo, so without a network the person cannot be compared. "
        "Go online and retry, or use the manual look-up.",
    )
    CODE_STATUS_SAYS_NO = Sentence(
        Kind.REFUSED,
        "签发机关签署的状态显示：不得凭此证驾驶。",
        "By the state that the issuer signed, this licence must not be driven on.",
    )
    STATUS_MUST_NOT_DRIVE = Sentence(
        Kind.REFUSED,
        "全国状态数据显示：不得凭此证驾驶。",
        "The country's status data say that this licence must not be driven on.",
    )
    SNAPSHOT_TOO_OLD = Sentence(
        Kind.UNAVAILABLE,
        "本机的全国状态数据截至 {as_of}，已超过允许的时限，无法确认现在的状态。请联网更新。",
        "The country's status data on this device are as of {as_of}, older than is allowed, "
        "so the present state is not known. Go online to update them.",
    )
    SNAPSHOT_AHEAD = Sentence(
        Kind.UNAVAILABLE,
        "全国状态数据的时间（{as_of}）晚于本机时间。请核对本机的时间。",
        "The country's status data are of a time ({as_of}) that lies ahead of this device's clock. "
        "Check the clock of this device.",
    )
    SHIFT_NOT_OPEN = Sentence(
        Kind.REFUSED,
        "此班次的有效时间为 {since} 至 {until}，现在不在其内，不能据此查验。请核对本机时间，或联网开始新的班次。",
        "This shift holds from {since} to {until}, which is not now, so nothing can be checked by it. "
        "Check the clock of this device, or go online and open a new shift.",
    )
    UNKNOWN_DEVICE_KEY = Sentence(
        Kind.REFUSED,
        "没有与此二维码对应的已领取电子驾驶证。",
        "No claimed electronic licence belongs to this code.",
    )
    NOT_CHECKED = Sentence(
        Kind.REFUSED,
        "有必查步骤未执行，无法确认。",
        "A step that this check demands was not taken, so nothing can be confirmed.",
    )
    NOT_VOUCHED_FOR = Sentence(
        Kind.REFUSED,
        "无法为该钱包出具证明（{reason}）。请登录后重试。",
        "Nothing is vouched for ({reason}). Sign in and retry.",
    )
    WALLETS_NOT_VOUCHED = Sentence(
        Kind.NOT_FOUND,
        "此处不为钱包出具证明。",
        "No wallet is vouched for here.",
    )
    BAD_TOKEN = Sentence(
        Kind.INVALID,
        "签名数据不符合要求（{reason}）。",
        "The signed token is not acceptable ({reason}).",
    )

    def __init__(self, sentence: Sentence) -> None:
        self.kind = sentence.kind
        self.zh = sentence.zh
        self.en = sentence.en

    @property
    def wire(self) -> str:
        """The code as programs see it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: an instrument and its article, or how it is known."""

    instrument: str
    article: str = ""
    evidence: str = "law"

    def __str__(self) -> str:
        return f"{self.instrument} {self.article}".strip()


class JiazhaoError(Exception):
    """Root of every error that this system raises on purpose.

    `code` picks the sentence in each language; `values` fill it and never hold
    what identifies a person. `source` names the rule, where a rule is the reason.
    """

    def __init__(self, code: ErrorCode, *, source: Source | None = None, **values: str) -> None:
        super().__init__(code.wire)
        self.code = code
        self.source = source
        self.values = values

    @property
    def kind(self) -> Kind:
        """The sort of failure, from the code."""
        return self.code.kind

    @property
    def zh(self) -> str:
        """The Chinese sentence, filled in."""
        return self.code.zh.format(**self.values)

    @property
    def en(self) -> str:
        """The English sentence, filled in."""
        return self.code.en.format(**self.values)

    def __str__(self) -> str:
        return self.en


class UnreadableError(JiazhaoError):
    """Bytes or text that are not what they should be, or exceed a bound."""


class StoreError(JiazhaoError):
    """The store does not answer."""


class SealError(JiazhaoError):
    """A sealed value of one holder does not open; the store itself is well."""


class RegisterError(JiazhaoError):
    """The register has no answer, or refuses the change."""


class ConfigurationError(JiazhaoError):
    """A setting is missing, wrong or unsafe."""


class SignerError(JiazhaoError):
    """A key cannot sign or verify now: its token or its library does not answer."""


class VerificationError(JiazhaoError):
    """A presented credential failed a check. Raised, never returned as False."""


class UndeterminedError(JiazhaoError):
    """What was asked could not be found out: neither a yes nor a no follows from it."""


class RuleError(JiazhaoError):
    """The rule tables have no answer to what was asked."""


class ClaimError(JiazhaoError):
    """A claim that the rules or the present state refuse."""


class AccessError(JiazhaoError):
    """Who asks is not known, or may not."""
