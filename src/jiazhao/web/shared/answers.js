// The shapes of the answers that the pages read. Types only; nothing runs here.

/** @typedef {{ zh: string, en: string }} Words  one meaning in both languages */
/** @typedef {Words & { code: string }} NamedCode */

/**
 * @typedef {object} Session
 * @property {boolean} signed_in
 * @property {string | null} name
 * @property {string[]} roles
 * @property {string | null} authenticated_at
 * @property {string | null} may_claim_until
 * @property {SecondFactor} second_factor
 * @property {string} environment
 * @property {Words | null} banner
 * @property {string} server_time
 */

/**
 * What a session of staff still lacks before it has its roles.
 *
 * @typedef {"not_needed" | "done" | "show" | "register" | "not_allowed"} SecondFactor
 */

/**
 * @typedef {object} OwnKey
 * @property {string} key_id
 * @property {string} label
 * @property {string} created_at
 * @property {string | null} last_used_at
 * @property {boolean} in_use  whether this session was opened with it
 */

/** @typedef {{ passkeys: OwnKey[], may_register: boolean }} OwnKeys */

/** @typedef {OwnKey & { account_id: string, locked: boolean }} PinKey */

/** @typedef {{ pin_keys: PinKey[], may_register: boolean }} PinKeys */

/** @typedef {{ challenge: string, options: any }} PasskeyOptions */

/** @typedef {"black" | "red" | "invalid" | "hidden"} QrColour */

/**
 * @typedef {object} HeldClass
 * @property {string} code
 * @property {string} zh
 * @property {string} en
 * @property {string} issue_date
 * @property {string | null} expiry_date
 */

/**
 * @typedef {object} LicenceView
 * @property {string | null} instance_number
 * @property {string} licence_number
 * @property {string} identity_kind
 * @property {string} name
 * @property {string} family_name_latin
 * @property {string} given_name_latin
 * @property {number} sex  1 male, 2 female (ISO/IEC 5218)
 * @property {string} nationality
 * @property {string} birth_date
 * @property {string} address
 * @property {string} issuing_office
 * @property {string} archive_number
 * @property {string} first_issue_date
 * @property {string} valid_from
 * @property {string | null} valid_until
 * @property {boolean} long_term
 * @property {HeldClass[]} classes
 * @property {NamedCode[]} statuses
 * @property {NamedCode} display_status
 * @property {QrColour} qr_colour
 * @property {boolean} may_drive
 * @property {number} points
 * @property {number} full_score
 * @property {string} record
 * @property {boolean} specimen
 * @property {string} confirmed_at
 */

/**
 * @typedef {object} Refusal
 * @property {string} code
 * @property {string} zh
 * @property {string} en
 * @property {string} todo_zh
 * @property {string} todo_en
 * @property {string} source
 */

/**
 * @typedef {object} Instance  the electronic licence now in force
 * @property {string} instance_number
 * @property {string} device_key  RFC 7638 thumbprint of the device key
 * @property {string} issued_at
 * @property {number | null} last_used_counter
 */

/**
 * @typedef {object} WalletAnswer
 * @property {LicenceView} licence
 * @property {{ allowed: boolean, refusals: Refusal[] }} claim
 * @property {Instance | null} instance
 * @property {string} server_time
 */

/** @typedef {"VALID" | "NOT_VALID" | "NOT_GENUINE" | "CANNOT_CONFIRM"} Verdict */

/**
 * @typedef {object} Access
 * @property {string} record_id
 * @property {string} at
 * @property {string} kind  "check" or "lookup"
 * @property {{ role: string, name: string, unit: string }} actor
 * @property {{ zh: string, en: string, note?: string | null } | null} reason
 * @property {Verdict | null} verdict
 * @property {string} law
 * @property {string[]} fields
 */

/**
 * @typedef {object} ClaimAnswer
 * @property {string} credential_offer_uri
 * @property {CredentialOffer} credential_offer
 * @property {string | null} tx_code
 * @property {string} expires_at
 */

/**
 * @typedef {object} CredentialOffer  OpenID4VCI 1.0 section 4.1.1
 * @property {string} credential_issuer
 * @property {string[]} credential_configuration_ids
 * @property {Record<string, { "pre-authorized_code"?: string, tx_code?: object }>} grants
 */

/** @typedef {{ short_code: string, expires_at: string }} ShortCode */

/** @typedef {"passed" | "failed" | "unchecked"} StepStatus */

/**
 * @typedef {object} Step
 * @property {number} number
 * @property {string} name
 * @property {string} zh
 * @property {string} en
 * @property {StepStatus} status
 * @property {boolean} demanded  whether this kind of check needs the step
 * @property {NamedCode | null} reason
 */

/**
 * @typedef {object} MayDrive
 * @property {string} vehicle_class
 * @property {boolean} answer
 * @property {(Words & { source?: string | null }) | null} reason  why not
 */

/**
 * @typedef {object} CheckAnswer
 * @property {string} check_id
 * @property {string} kind  "check" or "lookup"
 * @property {Verdict} verdict
 * @property {NamedCode | null} reason
 * @property {Words} what_to_do
 * @property {Step[]} steps
 * @property {MayDrive | null} may_drive
 * @property {LicenceView | null} licence
 * @property {string | null} portrait  in base64
 * @property {string} [portrait_type]  JPEG, if not said
 * @property {string} checked_at
 * @property {string | null} last_confirmed_at
 */

/**
 * @typedef {object} OwnCheck
 * @property {string} check_id
 * @property {string} at
 * @property {string} kind
 * @property {Verdict} verdict
 * @property {string | null} vehicle_class
 * @property {string | null} reason  a code: of a look-up's reasons, or `code_shown`
 */

/**
 * @typedef {object} PhotoRequest
 * @property {string} request_id
 * @property {"waiting" | "approved" | "refused" | "withdrawn"} state
 * @property {string} submitted_at
 * @property {string} due_at
 * @property {string | null} decided_at
 * @property {NamedCode | null} reason
 * @property {string} note
 */

/**
 * @typedef {object} PhotoStanding
 * @property {boolean} allowed  whether an own photo may be handed in today
 * @property {Refusal[]} refusals
 * @property {PhotoRequest | null} request  the last one
 */

/**
 * @typedef {object} QueueEntry
 * @property {string} holder_id
 * @property {string} request_id
 * @property {string} submitted_at
 * @property {string} due_at
 * @property {boolean} overdue
 */

/**
 * @typedef {object} PhotoQueue
 * @property {number} waiting
 * @property {QueueEntry[]} entries
 * @property {NamedCode[]} reasons
 */

/**
 * @typedef {object} PhotoLook
 * @property {string} photo  JPEG in base64, like `on_file`
 * @property {string | null} on_file
 * @property {string | null} on_file_captured_on
 * @property {{ width: number, height: number, white: number, face_width: number, sharpness: number, captured_on: string | null }} measured
 */

/** @typedef {{ name: string, unit: string }} Colleague */

/** @typedef {"waiting" | "approved" | "refused" | "withdrawn" | "lapsed"} RecoveryState */

/**
 * @typedef {object} OwnRecovery
 * @property {NamedCode} reason
 * @property {RecoveryState} state
 * @property {Colleague} asked_by
 * @property {string} asked_at
 * @property {Colleague | null} decided_by
 * @property {string | null} decided_at
 */

/** @typedef {{ recoveries: OwnRecovery[] }} OwnRecoveries */

/**
 * @typedef {object} RecoveryMore
 * @property {string} account_id
 * @property {string} recovery_id
 * @property {string} name
 * @property {boolean} staff
 * @property {string} note
 * @property {string} expires_at
 * @property {boolean} asked_by_me
 * @property {boolean} may_decide
 */

/** @typedef {OwnRecovery & RecoveryMore} Recovery */

/** @typedef {{ waiting: Recovery[], decided: Recovery[], reasons: NamedCode[] }} RecoveryList */

export {};

/**
 * An officer's terminal, as its administrator sees it.
 *
 * @typedef {object} Terminal
 * @property {string} terminal_id
 * @property {string} unit
 * @property {string} label
 * @property {string} device_label
 * @property {"waiting" | "lapsed" | "ready" | "on_shift" | "killed"} state
 * @property {string} made_at
 * @property {string | null} registered_at
 * @property {string} officer
 * @property {string | null} shift_ends_at
 * @property {string | null} killed_at
 * @property {string} kill_reason
 */

/**
 * The code that a device is registered with, told once.
 *
 * @typedef {object} RegistrationCode
 * @property {string} terminal_id
 * @property {string} registration_code
 * @property {string} expires_at
 */

/**
 * One look, as a supervisor judges it.
 *
 * @typedef {object} SampledLook
 * @property {string} at
 * @property {string} kind
 * @property {string} officer
 * @property {{ code: string, zh: string, en: string, note: string }} reason
 * @property {string} verdict
 * @property {string} check_id
 * @property {string | null} holder_id
 */

/**
 * @typedef {object} LookSample
 * @property {string} unit
 * @property {string} since
 * @property {{ officer: string, count: number, looks: SampledLook[] }[]} flagged
 * @property {SampledLook[]} sample
 */
