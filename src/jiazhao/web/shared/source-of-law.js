// Where a rule comes from, as people of each language write it. The rules name a source as
// "道路交通安全法 art. 19"; how it is known may follow in English.

import { language } from "./i18n.js";

/** @type {readonly (readonly [RegExp, string])[]} */
const IN_CHINESE = [
  [/\bart\. (\d+(?:, \d+)*)/g, "第$1条"],
  [/\bannex (\d+)/g, "附件$1"],
  [/\(order (\d+) as amended by order (\d+)\)/g, "（公安部令第$1号，经第$2号修订）"],
  [/\(order (\d+)\)/g, "（公安部令第$1号）"],
  [/public notice, unverified/g, "公开通告，未经核实"],
  [/public notice; 110 cities in three groups from 20 to 26 October, of which three are known and none by its group/g,
    "公开通告：10月20日至26日分三批开通110个城市，其中已知三个，批次未知"],
  [/public notices on the electronic licence's photo/g, "关于电子驾驶证照片的公开通告"],
  [/public notices on the electronic licence; one says three times a year/g, "关于电子驾驶证的公开通告，其中一则称每年三次"],
  [/status letters of the traffic police as seen in public code/g, "公安交管状态代码，见于公开程序，未经核实"],
  [/ISO\/IEC 18013-1 vehicle categories; mapping decided by this project/g, "ISO/IEC 18013-1 车型类别，对应关系由本系统规定"],
  [/decision of this project/g, "本系统的规定"],
];

/**
 * @param {string} source
 * @returns {string}
 */
export function sourceOfLaw(source) {
  if (language() !== "zh") return source;
  const chinese = IN_CHINESE.reduce((text, [english, zh]) => text.replace(english, zh), source);
  return chinese.replace(/(\d), (\d)/g, "$1、$2").replace(/ (第|附件|（)/g, "$1");
}
