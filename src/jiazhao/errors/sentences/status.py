"""Status lists: what cannot be found out is neither a yes nor a no."""

from jiazhao.errors.kinds import Kind, Sentence

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
