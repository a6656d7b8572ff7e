//! Words that stand before numbers of the United States and Canada.

/// Words before a social security number.
pub(super) const SOCIAL_SECURITY: &[&str] = &[
    "ssn",
    "social security",
    "social security number",
    "ss#",
    "seguro social",
];

/// Words before an individual taxpayer number.
pub(super) const TAXPAYER: &[&str] = &[
    "itin",
    "individual taxpayer",
    "taxpayer",
    "taxpayer id",
    "tax id",
    "tax number",
    "tax identification",
    "tin",
];

/// Words before a driver's licence number.
pub(super) const LICENCE: &[&str] = &[
    "driver's license",
    "driver’s license",
    "drivers license",
    "driver license",
    "driver's licence",
    "driver’s licence",
    "drivers licence",
    "driver licence",
    "driving license",
    "driving licence",
    "driver id",
    "driver's permit",
    "license number",
    "licence number",
    "license no.",
    "dl number",
    "dl no",
    "dl#",
    "permis de conduire",
    "licencia de conducir",
];

/// Words before a Medicare beneficiary identifier.
pub(super) const BENEFICIARY: &[&str] = &[
    "mbi",
    "medicare",
    "medicare beneficiary",
    "beneficiary",
    "medicare number",
    "medicare id",
];

/// Words before a VIN.
pub(super) const VEHICLE: &[&str] = &[
    "vin",
    "vehicle identification number",
    "vehicle identification",
    "chassis",
    "chassis number",
    "fahrgestellnummer",
    "fin",
    "bastidor",
    "numéro de série",
];

/// Words before a vehicle plate.
pub(super) const PLATE: &[&str] = &[
    "license plate",
    "licence plate",
    "number plate",
    "plate number",
    "plate no",
    "registration plate",
    "vehicle registration",
    "vehicle tag",
    "license tag",
    "plaque d'immatriculation",
    "immatriculation",
    "matrícula",
    "kennzeichen",
    "kenteken",
];

/// Words before a social insurance number.
pub(super) const SOCIAL_INSURANCE: &[&str] = &[
    "sin",
    "social insurance",
    "social insurance number",
    "nas",
    "assurance sociale",
    "numéro d'assurance sociale",
];

/// Words before a Canadian health number.
pub(super) const HEALTH: &[&str] = &[
    "health card",
    "health card number",
    "health number",
    "health insurance number",
    "personal health number",
    "ohip",
    "ramq",
    "ahcip",
    "assurance maladie",
    "carte santé",
    "carte soleil",
    "numéro d'assurance maladie",
];

/// Words that a plate, if anything, is assigned to.
pub(super) const PLATE_ASSIGNED: &[&str] = &[
    "plate",
    "plates",
    "license plate",
    "licence plate",
    "number plate",
    "plate number",
    "plate no",
    "registration plate",
    "targa",
    "matrícula",
    "kennzeichen",
    "kenteken",
];

/// Words that a licence number, if anything, is assigned to.
pub(super) const LICENCE_ASSIGNED: &[&str] = &[
    "dl",
    "dln",
    "cdl",
    "driver's license",
    "driver license",
    "drivers license",
    "license no",
    "licence no",
    "dl number",
    "dl no",
];
