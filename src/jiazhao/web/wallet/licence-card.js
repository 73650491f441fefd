// The licence as a card with two pages. It is a document, so its labels stand in both
// languages whatever the reader chose, and it keeps its paper look in the dark.

import { code128Picture } from "../shared/code128.js";
import { dateSpan } from "../shared/dates.js";
import { el, inLanguage, svg } from "../shared/dom.js";
import { clockTime, dayAndTime, pick } from "../shared/i18n.js";
import { pictureIcon } from "../shared/icons.js";
import { masked } from "../shared/mask.js";
import { pointsPicture } from "../shared/points.js";
import { statusPicture } from "../shared/status-picture.js";
import { guilloche } from "./guilloche.js";

/** @typedef {import("../shared/answers.js").LicenceView} LicenceView */
/** @typedef {import("../shared/dom.js").Child} Child */

/**
 * @typedef {object} CardContent
 * @property {LicenceView} licence
 * @property {string | null} photo        address of the photo
 * @property {string | null} issuedAt     when the electronic licence was issued
 * @property {number} generatedAt         when this view was made, milliseconds
 * @property {number} pointsAt            when the register said how many points there are
 * @property {boolean} whole              whether the whole number is shown
 * @property {boolean} turned             whether the second page is up
 */

const SEXES = /** @type {const} */ ({ 1: ["男", "M"], 2: ["女", "F"] });

export class LicenceCard extends HTMLElement {
  #drawn = "";
  /** @type {HTMLElement | null} */
  #clock = null;

  /**
   * Draw the card; nothing is touched when nothing changed, so that a reader keeps the place.
   *
   * @param {CardContent} content
   */
  show(content) {
    const drawn = JSON.stringify({
      ...content,
      pointsAt: chinaDay(content.pointsAt),
      licence: { ...content.licence, confirmed_at: "" },
      lang: document.documentElement.lang,
    });
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const front = this.#front(content);
      const second = secondPage(content);
      this.replaceChildren(front, second);
    }
    this.classList.toggle("turned", content.turned);
    for (const [page, away] of [
      [this.firstElementChild, content.turned],
      [this.lastElementChild, !content.turned],
    ]) {
      if (page instanceof HTMLElement) page.inert = away === true;
    }
  }

  /** @param {number} now milliseconds by the register's clock */
  tick(now) {
    if (this.#clock) this.#clock.textContent = dayAndTime(now);
  }

  /** @param {CardContent} content */
  #front({ licence, photo, generatedAt, pointsAt, whole }) {
    // A card that is drawn anew goes on from where its clock was, for it may be paused.
    const shown = this.#clock?.textContent ?? dayAndTime(generatedAt);
    this.#clock = el("dd", { class: "card-clock" }, shown);
    return page(
      licence,
      "front",
      title("中华人民共和国机动车驾驶证", "Driving Licence of the People's Republic of China"),
      el(
        "dl",
        { class: "card-facts card-facts-number" },
        fact("证号", "No.", whole ? licence.licence_number : masked(licence.licence_number), "number"),
      ),
      el(
        "div",
        { class: "card-body" },
        el(
          "dl",
          { class: "card-facts" },
          fact("姓名", "Name", name(licence), "wide"),
          fact("性别", "Sex", sex(licence.sex)),
          fact("国籍", "Nationality", nationality(licence.nationality)),
          fact("出生日期", "Date of birth", licence.birth_date, "wide"),
          fact("初次领证日期", "First issue", licence.first_issue_date, "wide"),
        ),
        portrait(photo, licence),
      ),
      el(
        "dl",
        { class: "card-facts card-facts-below" },
        fact("准驾车型", "Class", classes(licence), "classes"),
        fact("有效期限", "Valid period", validity(licence)),
        fact("档案编号", "File No.", licence.archive_number, "wide"),
      ),
      statusBand(licence, chinaDay(pointsAt)),
      el(
        "dl",
        { class: "card-times" },
        el("div", {}, label("生成时间", "Made at"), el("dd", {}, clockTime(generatedAt))),
        el("div", {}, label("当前时间", "Now"), this.#clock),
      ),
      licence.instance_number && barCode(licence.instance_number),
    );
  }
}

customElements.define("licence-card", LicenceCard);

/** @param {CardContent} content */
function secondPage({ licence, issuedAt }) {
  return page(
    licence,
    "second",
    title("机动车驾驶证副页", "Driving Licence, second page"),
    el(
      "dl",
      { class: "card-facts card-facts-second" },
      fact("住址", "Address", licence.address, "wide"),
      fact("发证机关", "Issuing office", licence.issuing_office, "wide"),
      fact("记录", "Record", licence.record || "—", "wide"),
      licence.instance_number && fact("证芯编号", "Copy No.", licence.instance_number),
      issuedAt && fact("签发时间", "Issued at", dayAndTime(issuedAt)),
    ),
    classTable(licence),
  );
}

/**
 * @param {LicenceView} licence
 * @param {string} which
 * @param {...Child} content
 */
function page(licence, which, ...content) {
  return el(
    "article",
    { class: `card-page card-${which}` },
    guilloche(),
    el("div", { class: "card-content" }, ...content),
    licence.specimen && watermark(),
  );
}

/**
 * @param {string} zh
 * @param {string} en
 */
function title(zh, en) {
  return el(
    "header",
    { class: "card-title" },
    el("h2", {}, inLanguage("zh-CN", zh), inLanguage("en", en, "card-title-en")),
    el("p", { class: "card-kind" }, inLanguage("zh-CN", "电子版"), " ", inLanguage("en", "Electronic")),
  );
}

/**
 * @param {string} zh
 * @param {string} en
 */
function label(zh, en) {
  return el("dt", {}, inLanguage("zh-CN", zh), " ", inLanguage("en", en, "card-label-en"));
}

/**
 * @param {string} zh
 * @param {string} en
 * @param {Child} value
 * @param {string} [kind]
 */
function fact(zh, en, value, kind = "") {
  const classes = kind.split(" ").map((word) => word && `card-${word}`);
  return el("div", { class: classes.join(" ") }, label(zh, en), el("dd", {}, value));
}

/** @param {LicenceView} licence */
function name(licence) {
  const latin = [licence.family_name_latin, licence.given_name_latin].filter(Boolean).join(" ");
  return el(
    "span",
    { class: "card-name" },
    inLanguage("zh-CN", licence.name),
    latin && el("span", { lang: "zh-Latn", class: "card-latin" }, latin),
  );
}

/** @param {number} value */
function sex(value) {
  const [zh, en] = SEXES[/** @type {1 | 2} */ (value)] ?? ["—", ""];
  return en ? `${zh} ${en}` : zh;
}

/** @param {string} code */
function nationality(code) {
  return code === "CN" ? "中国 CN" : code;
}

/** @param {LicenceView} licence */
function classes(licence) {
  return licence.classes.map(({ code }) => code).join(" ");
}

/** @param {LicenceView} licence */
function validity({ valid_from, valid_until, long_term }) {
  const until = long_term || valid_until === null ? "长期 long-term" : valid_until;
  return dateSpan(valid_from, until);
}

/**
 * @param {string | null} address
 * @param {LicenceView} licence
 */
function portrait(address, licence) {
  if (address === null) return el("div", { class: "card-photo card-photo-none" }, "—");
  return el("img", { class: "card-photo", src: address, alt: `${licence.name} 照片 photo` });
}

/**
 * @param {LicenceView} licence
 * @param {string} pointsOn  the day on which the points were told
 */
function statusBand(licence, pointsOn) {
  const { tone, ...picture } = statusPicture(licence);
  const others = licence.statuses.filter(({ code }) => code !== licence.display_status.code);
  return el(
    "div",
    { class: `card-status band-${tone}` },
    pictureIcon({ tone, ...picture }),
    el(
      "div",
      { class: "card-status-words" },
      el("span", { class: "unseen" }, "状态 Status: "),
      inLanguage("zh-CN", licence.display_status.zh, "card-status-zh"),
      inLanguage("en", licence.display_status.en, "card-status-en word"),
      others.length > 0 && el("span", { class: "card-status-also" }, others.map(pick).join("、")),
    ),
    el(
      "div",
      { class: "card-points" },
      el("span", { class: "card-points-label" }, inLanguage("zh-CN", "累积记分"), " ", inLanguage("en", "Points")),
      pointsPicture(licence.points, licence.full_score),
      el("span", { class: "card-points-on" }, pointsOn),
    ),
  );
}

/** The number of the copy as bars with the number below. @param {string} number */
function barCode(number) {
  return el(
    "div",
    { class: "card-bars" },
    code128Picture(number, { label: `证芯编号条形码 bar code of the copy number ${number}` }),
    el("span", { class: "card-bars-number", "aria-hidden": "true" }, number),
  );
}

/** @param {number} instant */
function chinaDay(instant) {
  return dayAndTime(instant).slice(0, 10);
}

/** @param {LicenceView} licence */
function classTable({ classes }) {
  return el(
    "table",
    { class: "card-classes-table" },
    el("caption", {}, inLanguage("zh-CN", "准驾车型代号"), " ", inLanguage("en", "Vehicle classes")),
    el(
      "thead",
      {},
      el("tr", {}, ...["代号 Code", "车型 Vehicles", "初领 Since", "止 Until"].map((text) => el("th", { scope: "col" }, text))),
    ),
    el(
      "tbody",
      {},
      ...classes.map(({ code, zh, en, issue_date, expiry_date }) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, code),
          el("td", {}, inLanguage("zh-CN", zh), inLanguage("en", en, "card-class-en")),
          el("td", {}, issue_date),
          el("td", {}, expiry_date ?? "—"),
        ),
      ),
    ),
  );
}

/** The word over the whole card that no screenshot can lose. */
function watermark() {
  const line = (/** @type {number} */ y) =>
    svg("text", { x: 200, y, "text-anchor": "middle" }, "样本 SPECIMEN   样本 SPECIMEN   样本 SPECIMEN");
  return svg(
    "svg",
    {
      viewBox: "0 0 400 400",
      preserveAspectRatio: "xMidYMid slice",
      class: "card-watermark",
      role: "img",
      "aria-label": "样本 SPECIMEN",
    },
    svg("g", { transform: "rotate(-24 200 200)" }, ...[20, 140, 260, 380].map(line)),
  );
}
