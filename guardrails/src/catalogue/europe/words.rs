//! Words that tell, in the languages that use the number.

pub(super) const FISCAL_CODE: &[&str] = &[
    "codice fiscale",
    "cod. fisc",
    "cod fiscale",
    "codice_fiscale",
    "cf",
    "c.f",
    "tax code",
    "fiscal code",
];

pub(super) const ITALIAN_VAT: &[&str] = &[
    "partita iva",
    "partita_iva",
    "p.iva",
    "p. iva",
    "p.i",
    "piva",
    "iva",
    "codice fiscale",
    "italian vat",
];

pub(super) const ITALIAN_LICENCE: &[&str] = &[
    "patente",
    "patente di guida",
    "licenza di guida",
    "driving licence",
    "driving license",
    "driver license",
    "driver's license",
];

pub(super) const ITALIAN_CARD: &[&str] = &[
    "carta d'identità",
    "carta di identità",
    "carta d'identita",
    "carta di identita",
    "carta identità",
    "identità",
    "cie",
    "documento d'identità",
    "documento di identità",
    "documento di riconoscimento",
    "valida per l'espatrio",
    "identity card",
    "id card",
];

pub(super) const ITALIAN_PASSPORT: &[&str] =
    &["passaporto", "passaporti", "passport", "documento di viaggio"];

pub(super) const SPANISH_NIF: &[&str] = &[
    "dni",
    "d.n.i",
    "nif",
    "n.i.f",
    "documento nacional de identidad",
    "número de identificación fiscal",
    "numero de identificacion fiscal",
    "identificación",
    "identificacion",
    "spanish id",
];

pub(super) const SPANISH_NIE: &[&str] = &[
    "nie",
    "n.i.e",
    "número de identificación de extranjero",
    "número de identidad de extranjero",
    "numero de identidad de extranjero",
    "extranjero",
    "tarjeta de residencia",
];

pub(super) const SPANISH_PASSPORT: &[&str] =
    &["pasaporte", "número de pasaporte", "passport", "passport number"];

pub(super) const FRENCH_NIR: &[&str] = &[
    "nir",
    "numéro de sécurité sociale",
    "numero de securite sociale",
    "n° de sécurité sociale",
    "sécurité sociale",
    "securite sociale",
    "sécu",
    "secu",
    "numéro insee",
    "insee",
    "carte vitale",
    "numéro d'inscription au répertoire",
    "assuré",
    "french social security",
];

pub(super) const DUTCH_BSN: &[&str] = &[
    "bsn",
    "bsn-nummer",
    "bsn nummer",
    "burgerservicenummer",
    "sofinummer",
    "sofi-nummer",
    "sofi",
    "citizen service number",
    "dutch id",
];

pub(super) const BELGIAN_NRN: &[&str] = &[
    "rijksregisternummer",
    "rijksregister",
    "rr-nummer",
    "numéro de registre national",
    "numero de registre national",
    "registre national",
    "numéro national",
    "insz",
    "niss",
    "nationalregisternummer",
    "nationalregister",
    "national register number",
    "national number",
    "bis-nummer",
];

pub(super) const PORTUGUESE_NIF: &[&str] = &[
    "nif",
    "n.i.f",
    "nipc",
    "contribuinte",
    "número de identificação fiscal",
    "numero de identificacao fiscal",
    "número fiscal",
    "portuguese tax number",
];

pub(super) const POLISH_PESEL: &[&str] = &["pesel", "numer pesel", "nr pesel", "numer ewidencyjny"];

pub(super) const FINNISH_CODE: &[&str] = &[
    "hetu",
    "henkilötunnus",
    "henkilötunnukseni",
    "henkilotunnus",
    "sotu",
    "sosiaaliturvatunnus",
    "personbeteckning",
    "personbeteckningen",
    "personal identity code",
];

pub(super) const PERSONNUMMER: &[&str] = &[
    "personnummer",
    "personnumret",
    "personnr",
    "person nr",
    "pnr",
    "samordningsnummer",
    "svensk id",
    "svenskt personnummer",
    "swedish id",
    "swedish personal identity number",
    "personal identity number",
    "personal number",
    "coordination number",
    "ssn",
];

pub(super) const ORGANISATIONSNUMMER: &[&str] = &[
    "organisationsnummer",
    "organisationsnumret",
    "org.nr",
    "org nr",
    "org.nummer",
    "orgnr",
    "orgnummer",
    "org-nr",
    "företagsnummer",
    "foretagsnummer",
    "company registration number",
    "organisation number",
    "organization number",
];
