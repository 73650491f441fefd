"""What is done to accounts of others: recoveries, permissions to enrol, roles."""

from jiazhao.errors.kinds import Kind, Sentence

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
