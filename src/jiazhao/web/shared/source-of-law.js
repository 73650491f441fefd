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
