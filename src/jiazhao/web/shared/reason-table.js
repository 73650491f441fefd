// Written by `python -m tests.write_reasons` from the sentences of errors/ and
// presentation/advice.py, for checks without a network; a test compares them. `zh` and `en` say
// why, `todo` what to do about it where the reason knows better than the outcome.

/** @typedef {{ zh: string, en: string }} Words */

/** @type {Readonly<Record<string, Words & { todo?: Words }>>} */
export const REASONS = {
  unreadable: {
    zh: "无法读取：{what}（{reason}）。",
    en: "This cannot be read: {what} ({reason}).",
    todo: { zh: "请让驾驶人重新出示；仍不成功时使用人工查询。", en: "Ask the driver to present again. If that fails, use the manual look-up." },
  },
  no_rules_for_day: {
    zh: "系统没有 {day} 当日适用的规则（规则自 2013-01-01 起）。请更正日期。",
    en: "There are no rules for {day}; they begin on 2013-01-01. Correct the date.",
  },
  status_unreadable: {
    zh: "状态列表无法读取（{reason}），因此无法确认驾驶证状态。请稍后重试，或联网查询登记系统。",
    en: "The status list cannot be read ({reason}), so the licence's status is not known. Retry, or ask the register.",
  },
  status_not_trusted: {
    zh: "状态列表的签名或证书不可信（{reason}），因此无法确认驾驶证状态。请稍后重试，或联网查询登记系统。",
    en: "The status list's signature or certificate is not trusted ({reason}), so the licence's status is not known. Retry, or ask the register.",
  },
  status_stale: {
    zh: "状态列表不在有效时间内（签发于 {issued}），因此无法确认驾驶证状态。请联网更新后重试。",
    en: "The status list does not hold at this time (it was issued at {issued}), so the licence's status is not known. Go online to refresh it, then retry.",
  },
  status_rolled_back: {
    zh: "收到的状态列表比已有的更旧，可能被替换，因此无法确认驾驶证状态。请联网更新后重试。",
    en: "The status list received is older than one already seen, so it may have been swapped and the licence's status is not known. Go online to refresh it, then retry.",
  },
  status_not_covered: {
    zh: "本机所存的全国状态数据未涵盖该电子驾驶证（通常因其签发较晚），因此无法离线确认其状态。请联网更新，或联网核验。",
    en: "The country's status data on this device does not cover this electronic licence, mostly because it was issued later, so its status is not known offline. Refresh the data, or check online.",
  },
  unknown_format: {
    zh: "不是可识别的电子驾驶证数据（{what}：{reason}）。这不代表证件无效。",
    en: "This is not licence data that can be read ({what}: {reason}). This does not mean the licence is invalid.",
    todo: { zh: "请让驾驶人重新出示；仍不成功时使用人工查询。", en: "Ask the driver to present again. If that fails, use the manual look-up." },
  },
  unknown_issuer: {
    zh: "签发机关不在信任名单中，无法确认。",
    en: "The issuer is not on the trust list, so nothing can be confirmed.",
    todo: { zh: "请联网更新信任名单后重试，或使用人工查询。这不代表证件无效。", en: "Go online to update the trust list and retry, or use the manual look-up. This does not mean the licence is invalid." },
  },
  bad_signer_certificate: {
    zh: "签发证书不符合规定（{reason}），无法确认。",
    en: "The signer's certificate does not fit its profile ({reason}), so nothing can be confirmed.",
    todo: { zh: "请联网更新信任名单后重试，或使用人工查询。这不代表证件无效。", en: "Go online to update the trust list and retry, or use the manual look-up. This does not mean the licence is invalid." },
  },
  signer_outside_validity: {
    zh: "签发证书不在有效期内，无法确认。",
    en: "The signer's certificate is outside its validity, so nothing can be confirmed.",
    todo: { zh: "请联网更新信任名单后重试，或使用人工查询。这不代表证件无效。", en: "Go online to update the trust list and retry, or use the manual look-up. This does not mean the licence is invalid." },
  },
  signer_compromised: {
    zh: "签发密钥已被公告失密，不能视为有效证件。",
    en: "The signing key is listed as compromised. Do not accept.",
    todo: { zh: "不要接受这份副本。请让驾驶人联网更新后重新出示，并在登记系统中查询。", en: "Do not accept this copy. Ask the driver to refresh it online and present again, and ask the register." },
  },
  signature_mismatch: {
    zh: "数据签名不符，不能视为有效证件。请核查本人身份。",
    en: "The signature does not match. Do not accept. Check the person's identity.",
  },
  digest_mismatch: {
    zh: "数据内容与签发时不一致，不能视为有效证件。请核查本人身份。",
    en: "The data differ from what was issued. Do not accept. Check the person's identity.",
  },
  issuer_data_mismatch: {
    zh: "数据各部分不属于同一份证件（{reason}），无法确认。",
    en: "The parts do not belong to one licence ({reason}), so nothing can be confirmed.",
  },
  not_yet_valid: {
    zh: "电子驾驶证尚未生效（自 {since} 起有效）。",
    en: "The electronic licence is not valid yet (valid from {since}).",
    todo: { zh: "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。", en: "Ask the driver to go online, refresh the electronic licence and present again, or use the manual look-up." },
  },
  lapsed: {
    zh: "电子驾驶证副本已过有效期（{until}）。",
    en: "This copy of the electronic licence has lapsed ({until}).",
    todo: { zh: "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。", en: "Ask the driver to go online, refresh the electronic licence and present again, or use the manual look-up." },
  },
  holder_not_shown: {
    zh: "数据中没有持证人设备的签名，无法确认是本人出示。",
    en: "The holder's device did not sign, so it is not shown who presents this.",
    todo: { zh: "请让驾驶人重新出示；仍不成功时使用人工查询。", en: "Ask the driver to present again. If that fails, use the manual look-up." },
  },
  holder_signature_mismatch: {
    zh: "持证人设备的签名与本次查验不符，不能视为有效证件。请核查本人身份。",
    en: "The holder's signature does not fit this check. Do not accept. Check the person's identity.",
  },
  status_undetermined: {
    zh: "暂时无法确认状态。这不代表证件无效。",
    en: "The status cannot be confirmed now. This does not mean the licence is invalid.",
  },
  status_ended: {
    zh: "该电子驾驶证副本已失效。",
    en: "This copy of the electronic licence has ended.",
    todo: { zh: "不要接受这份副本。请让驾驶人联网更新后重新出示，并在登记系统中查询。", en: "Do not accept this copy. Ask the driver to refresh it online and present again, and ask the register." },
  },
  status_suspended: {
    zh: "驾驶证处于扣留或者暂扣状态。",
    en: "The licence is detained or suspended.",
  },
  not_checked: {
    zh: "有必查步骤未执行，无法确认。",
    en: "A step that this check demands was not taken, so nothing can be confirmed.",
  },
  code_expired: {
    zh: "二维码已过期。请让驾驶人出示新的二维码。",
    en: "This code has expired. Ask the driver to show the new one.",
    todo: { zh: "请让驾驶人重新出示；仍不成功时使用人工查询。", en: "Ask the driver to present again. If that fails, use the manual look-up." },
  },
  code_from_the_future: {
    zh: "二维码的时间晚于当前时间。请核对手机和终端的时间。",
    en: "The code's time lies ahead. Compare the clocks of the phone and the terminal.",
    todo: { zh: "请核对手机和本机的时间，再让驾驶人重新出示。", en: "Compare the clocks of the phone and of this device, then ask the driver to present again." },
  },
  code_used: {
    zh: "此码已被使用过一次。请让驾驶人重新出示。",
    en: "This code was already used. Ask the driver to present again.",
    todo: { zh: "请让驾驶人重新出示；仍不成功时使用人工查询。", en: "Ask the driver to present again. If that fails, use the manual look-up." },
  },
  no_day_key: {
    zh: "本机没有此码当日的密钥，无法读取。请联网开始新的班次，或使用人工查询。这不代表证件无效。",
    en: "This device has no key for the day of this code, so it cannot be read. Go online and open a new shift, or use the manual look-up. This does not mean the licence is invalid.",
    todo: { zh: "请联网开始新的班次后重试，或使用人工查询。这不代表证件无效。", en: "Go online, open a new shift and retry, or use the manual look-up. This does not mean the licence is invalid." },
  },
  key_of_another_day: {
    zh: "此码所用的密钥与其时间不是同一天，无法确认。请让驾驶人联网后重新出示。",
    en: "The key and the time of this code are of different days, so nothing can be confirmed. Ask the driver to go online and present again.",
    todo: { zh: "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。", en: "Ask the driver to go online, refresh the electronic licence and present again, or use the manual look-up." },
  },
  code_part_lapsed: {
    zh: "此码中签发机关的数据已过有效期（{until}），无法确认现在的状态。这不代表证件无效。",
    en: "What the issuer signed for this code has lapsed ({until}), so the present state is not known. This does not mean the licence is invalid.",
    todo: { zh: "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。", en: "Ask the driver to go online, refresh the electronic licence and present again, or use the manual look-up." },
  },
  code_part_from_the_future: {
    zh: "签发时间晚于本机时间。请核对本机的时间。",
    en: "The issuer signed at a time that lies ahead of this device's clock. Check the clock of this device.",
    todo: { zh: "请核对本机的时间，联网后重试。", en: "Check the clock of this device, go online and retry." },
  },
  licence_expired: {
    zh: "驾驶证有效期已于 {until} 届满。",
    en: "The licence expired: its last day was {until}.",
  },
  challenge_missing: {
    zh: "此码中没有终端显示的四位数字。请让驾驶人输入后重新出示。",
    en: "This code does not have the four digits that the terminal shows. Ask the driver to type them and present again.",
    todo: { zh: "请让驾驶人在手机上输入本机显示的四位数字，再重新出示。", en: "Ask the driver to type the four digits that this device shows, then to present again." },
  },
  challenge_wrong: {
    zh: "此码中的四位数字与终端显示的不同。请让驾驶人重新输入并出示。",
    en: "The four digits in this code are not those that the terminal shows. Ask the driver to type them again and to present again.",
    todo: { zh: "请让驾驶人在手机上输入本机显示的四位数字，再重新出示。", en: "Ask the driver to type the four digits that this device shows, then to present again." },
  },
  challenge_needed: {
    zh: "驾驶人的手机较久没有联网，须核对四位数字。请让驾驶人输入终端显示的数字后重新出示。",
    en: "The driver's phone was long without a network, so four digits are needed. Ask the driver to type the digits that the terminal shows and to present again.",
    todo: { zh: "请让驾驶人在手机上输入本机显示的四位数字，再重新出示。", en: "Ask the driver to type the four digits that this device shows, then to present again." },
  },
  beacon_wrong: {
    zh: "此码中的时间信标与本机所知不符，无法确认。请让驾驶人联网后重新出示。",
    en: "The time beacon in this code does not fit what this device knows, so nothing can be confirmed. Ask the driver to go online and present again.",
    todo: { zh: "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。", en: "Ask the driver to go online, refresh the electronic licence and present again, or use the manual look-up." },
  },
  compare_face: {
    zh: "这是打印的备用码。请将照片与本人核对并确认。",
    en: "This is a printed backup code. Compare the photo with the person and confirm.",
    todo: { zh: "请将照片与本人核对，并选择“一致”或“不一致”。", en: "Compare the photo with the person, then choose whether they are the same." },
  },
  face_differs: {
    zh: "查验人确认照片与本人不符，无法确认是本人的证件。请核查本人身份。",
    en: "The officer found that the photo is not of this person, so it is not shown whose licence this is. Check the person's identity.",
    todo: { zh: "请核查本人身份，并使用人工查询。", en: "Check the person's identity, and use the manual look-up." },
  },
  no_face_in_code: {
    zh: "此备用码中没有照片，离线时无法核对本人。请联网后重试，或使用人工查询。",
    en: "This backup code holds no photo, so without a network the person cannot be compared. Go online and retry, or use the manual look-up.",
  },
  code_status_says_no: {
    zh: "签发机关签署的状态显示：不得凭此证驾驶。",
    en: "By the state that the issuer signed, this licence must not be driven on.",
  },
  status_must_not_drive: {
    zh: "全国状态数据显示：不得凭此证驾驶。",
    en: "The country's status data say that this licence must not be driven on.",
  },
  snapshot_too_old: {
    zh: "本机的全国状态数据截至 {as_of}，已超过允许的时限，无法确认现在的状态。请联网更新。",
    en: "The country's status data on this device are as of {as_of}, older than is allowed, so the present state is not known. Go online to update them.",
  },
  snapshot_ahead: {
    zh: "全国状态数据的时间（{as_of}）晚于本机时间。请核对本机的时间。",
    en: "The country's status data are of a time ({as_of}) that lies ahead of this device's clock. Check the clock of this device.",
    todo: { zh: "请核对本机的时间，联网后重试。", en: "Check the clock of this device, go online and retry." },
  },
};

/** @type {Readonly<Record<string, Words>>} */
export const ADVICE = {
  NOT_GENUINE: { zh: "不要接受。请核查本人身份，并在登记系统中查询。", en: "Do not accept. Check the person's identity and ask the register." },
  NOT_VALID: { zh: "此证现在不能作为准予驾驶的凭证。请按登记系统的状态处理。", en: "It does not permit driving now. Act on the state in the register." },
  CANNOT_CONFIRM: { zh: "请联网后重试，或使用人工查询。这不代表证件无效。", en: "Go online and retry, or use the manual look-up. This does not mean the licence is invalid." },
  VALID: { zh: "请将照片与本人核对。", en: "Compare the photo with the person." },
};
