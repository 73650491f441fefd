// Names in the reader's language for the codes that access records carry; a code that is not
// known here is shown as it is rather than hidden.

import { t } from "../shared/i18n.js";

const ROLES = /** @type {const} */ ({
  driver: "role.driver",
  system: "role.system",
  officer: "role.officer",
  staff: "role.staff",
  verifier: "role.verifier",
  clerk: "role.clerk",
  registrar: "role.registrar",
  security_administrator: "role.security_administrator",
  auditor: "role.auditor",
});

const FIELDS = /** @type {const} */ ({
  licence_number: "licence.number",
  identity_kind: "licence.identity_kind",
  name: "licence.name",
  family_name_latin: "licence.name_latin",
  given_name_latin: "licence.name_latin",
  sex: "licence.sex",
  nationality: "licence.nationality",
  birth_date: "licence.birth_date",
  address: "licence.address",
  issuing_office: "licence.issuing_office",
  archive_number: "licence.archive_number",
  instance_number: "licence.instance_number",
  first_issue_date: "licence.first_issue_date",
  valid_from: "licence.validity",
  valid_until: "licence.validity",
  validity: "licence.validity",
  classes: "licence.classes",
  statuses: "licence.status",
  status: "licence.status",
  points: "licence.points",
  record: "licence.record",
  portrait: "licence.portrait",
  photo: "licence.portrait",
});

/** @param {string} code */
export function roleName(code) {
  return Object.hasOwn(ROLES, code) ? t(ROLES[/** @type {keyof typeof ROLES} */ (code)]) : code;
}

/** @param {string} code */
export function fieldName(code) {
  return Object.hasOwn(FIELDS, code) ? t(FIELDS[/** @type {keyof typeof FIELDS} */ (code)]) : code;
}
