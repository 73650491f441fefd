"""Who asks: the sign-in, passkeys, the PIN of the wallet."""

from jiazhao.errors.kinds import Kind, Sentence

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
