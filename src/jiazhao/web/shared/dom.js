// Builds elements. What people wrote or a server sent becomes text and nothing else:
// there is no way here to set markup or inline style.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} AttributeValue */
/** @typedef {Record<string, AttributeValue>} Attributes */

const SVG = "http://www.w3.org/2000/svg";
const FORBIDDEN = new Set(["style", "innerHTML", "outerHTML", "srcdoc"]);

/**
 * Make an HTML element. A function under a name such as `onclick` becomes a listener;
 * `true` sets an empty attribute; `false`, null and undefined set nothing.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  describe(element, attributes);
  fill(element, children);
  return element;
}

/**
 * Make an SVG element.
 *
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  describe(element, attributes);
  fill(element, children);
  return /** @type {SVGElement} */ (element);
}

/**
 * Text in a named language, for what is shown in both at once.
 *
 * @param {"zh-CN" | "en"} lang
 * @param {string} text
 * @param {string} [className]
 */
export function inLanguage(lang, text, className) {
  return el("span", { lang, class: className }, text);
}

/**
 * The element with this id; an error names it where the page lacks it.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function describe(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (FORBIDDEN.has(name)) throw new Error(`Refused to set ${name}`);
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {Element} element
 * @param {readonly Child[]} children
 */
function fill(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}
