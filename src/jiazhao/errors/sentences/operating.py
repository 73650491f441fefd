"""What an operator meets: settings, the schema, keys, backups."""

from jiazhao.errors.kinds import Kind, Sentence

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
ROUTE_WITHOUT_PERMISSION = Sentence(
    Kind.INTERNAL,
    "路由 {route} 没有声明所需权限，系统不启动。",
    "The route {route} names no permission; the system does not start.",
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
