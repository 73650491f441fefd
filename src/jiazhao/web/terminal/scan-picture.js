// Pictures that people hand to the page.

/** The first picture among dropped, pasted or chosen files. @param {FileList | undefined | null} files */
export function firstPicture(files) {
  return Array.from(files ?? []).find(({ type }) => type.startsWith("image/")) ?? null;
}
