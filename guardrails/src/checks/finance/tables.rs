//! Tables of cards, countries and account numbers.

/// First four digits from, to (inclusive) and the allowed lengths from, to, in digits, of the card schemes in use.
/// Source: ISO/IEC 7812-1 for the numbering, the schemes' published issuer ranges for the rows.
pub(super) const ISSUERS: &[(u32, u32, usize, usize)] = &[
    (604, 604, 12, 12),   // Maestro, old
    (1000, 1999, 15, 15), // UATP; JCB, old
    (2131, 2131, 15, 15), // JCB, old
    (2200, 2204, 16, 19), // Mir
    (2205, 2205, 16, 16), // Borica
    (2221, 2720, 16, 16), // Mastercard
    (3000, 3059, 14, 19), // Diners Club
    (3095, 3095, 14, 19), // Diners Club
    (3400, 3499, 15, 15), // American Express
    (3500, 3599, 16, 19), // JCB: cards are issued from 3528 to 3589, and made-up ones use all of 35
    (3600, 3699, 14, 19), // Diners Club
    (3700, 3799, 15, 15), // American Express
    (3800, 3999, 14, 19), // Diners Club
    (4000, 4999, 13, 13), // Visa, old
    (4000, 4999, 16, 16), // Visa
    (4000, 4999, 19, 19), // Visa
    (5000, 5099, 12, 19), // Maestro; holds Dankort (5019), Verve (5060-5079) and RuPay (508)
    (5100, 5599, 16, 16), // Mastercard
    (5600, 6999, 12, 19), // Maestro; holds Discover (6011, 644-649, 65), RuPay (60, 65) and UnionPay (62), 16 to 19 digits
    (8100, 8171, 16, 19), // UnionPay
    (8172, 8299, 16, 16), // RuPay
    (8600, 8600, 16, 16), // Uzcard
    (9792, 9792, 16, 16), // Troy
    (9860, 9860, 16, 16), // Humo
];

/// So many characters of a kind: `n` digits, `a` upper-case letters, `c` either.
pub(super) type Run = (usize, u8);

/// What follows the two check digits of an IBAN, by country. Source: SWIFT, IBAN Registry (ISO 13616-2), where the
/// notation is `4!n`.
pub(super) const ACCOUNTS: &[([u8; 2], &[Run])] = &[
    (*b"AD", &[(8, b'n'), (12, b'c')]),
    (*b"AE", &[(19, b'n')]),
    (*b"AL", &[(8, b'n'), (16, b'c')]),
    (*b"AT", &[(16, b'n')]),
    (*b"AZ", &[(4, b'a'), (20, b'c')]),
    (*b"BA", &[(16, b'n')]),
    (*b"BE", &[(12, b'n')]),
    (*b"BG", &[(4, b'a'), (6, b'n'), (8, b'c')]),
    (*b"BH", &[(4, b'a'), (14, b'c')]),
    (*b"BI", &[(23, b'n')]),
    (*b"BR", &[(23, b'n'), (1, b'a'), (1, b'c')]),
    (*b"BY", &[(4, b'c'), (4, b'n'), (16, b'c')]),
    (*b"CH", &[(5, b'n'), (12, b'c')]),
    (*b"CR", &[(18, b'n')]),
    (*b"CY", &[(8, b'n'), (16, b'c')]),
    (*b"CZ", &[(20, b'n')]),
    (*b"DE", &[(18, b'n')]),
    (*b"DJ", &[(23, b'n')]),
    (*b"DK", &[(14, b'n')]),
    (*b"DO", &[(4, b'c'), (20, b'n')]),
    (*b"EE", &[(16, b'n')]),
    (*b"EG", &[(25, b'n')]),
    (*b"ES", &[(20, b'n')]),
    (*b"FI", &[(14, b'n')]),
    (*b"FK", &[(2, b'a'), (12, b'n')]),
    (*b"FO", &[(14, b'n')]),
    (*b"FR", &[(10, b'n'), (11, b'c'), (2, b'n')]),
    (*b"GB", &[(4, b'a'), (14, b'n')]),
    (*b"GE", &[(2, b'a'), (16, b'n')]),
    (*b"GI", &[(4, b'a'), (15, b'c')]),
    (*b"GL", &[(14, b'n')]),
    (*b"GR", &[(7, b'n'), (16, b'c')]),
    (*b"GT", &[(24, b'c')]),
    (*b"HN", &[(4, b'a'), (20, b'n')]),
    (*b"HR", &[(17, b'n')]),
    (*b"HU", &[(24, b'n')]),
    (*b"IE", &[(4, b'a'), (14, b'n')]),
    (*b"IL", &[(19, b'n')]),
    (*b"IQ", &[(4, b'a'), (15, b'n')]),
    (*b"IS", &[(22, b'n')]),
    (*b"IT", &[(1, b'a'), (10, b'n'), (12, b'c')]),
    (*b"JO", &[(4, b'a'), (4, b'n'), (18, b'c')]),
    (*b"KW", &[(4, b'a'), (22, b'c')]),
    (*b"KZ", &[(3, b'n'), (13, b'c')]),
    (*b"LB", &[(4, b'n'), (20, b'c')]),
    (*b"LC", &[(4, b'a'), (24, b'c')]),
    (*b"LI", &[(5, b'n'), (12, b'c')]),
    (*b"LT", &[(16, b'n')]),
    (*b"LU", &[(3, b'n'), (13, b'c')]),
    (*b"LV", &[(4, b'a'), (13, b'c')]),
    (*b"LY", &[(21, b'n')]),
    (*b"MC", &[(10, b'n'), (11, b'c'), (2, b'n')]),
    (*b"MD", &[(20, b'c')]),
    (*b"ME", &[(18, b'n')]),
    (*b"MK", &[(3, b'n'), (10, b'c'), (2, b'n')]),
    (*b"MN", &[(16, b'n')]),
    (*b"MR", &[(23, b'n')]),
    (*b"MT", &[(4, b'a'), (5, b'n'), (18, b'c')]),
    (*b"MU", &[(4, b'a'), (19, b'n'), (3, b'a')]),
    (*b"NI", &[(4, b'a'), (20, b'n')]),
    (*b"NL", &[(4, b'a'), (10, b'n')]),
    (*b"NO", &[(11, b'n')]),
    (*b"OM", &[(3, b'n'), (16, b'c')]),
    (*b"PK", &[(4, b'a'), (16, b'c')]),
    (*b"PL", &[(24, b'n')]),
    (*b"PS", &[(4, b'a'), (21, b'c')]),
    (*b"PT", &[(21, b'n')]),
    (*b"QA", &[(4, b'a'), (21, b'c')]),
    (*b"RO", &[(4, b'a'), (16, b'c')]),
    (*b"RS", &[(18, b'n')]),
    (*b"RU", &[(14, b'n'), (15, b'c')]),
    (*b"SA", &[(2, b'n'), (18, b'c')]),
    (*b"SC", &[(4, b'a'), (20, b'n'), (3, b'a')]),
    (*b"SD", &[(14, b'n')]),
    (*b"SE", &[(20, b'n')]),
    (*b"SI", &[(15, b'n')]),
    (*b"SK", &[(20, b'n')]),
    (*b"SM", &[(1, b'a'), (10, b'n'), (12, b'c')]),
    (*b"SO", &[(19, b'n')]),
    (*b"ST", &[(21, b'n')]),
    (*b"SV", &[(4, b'a'), (20, b'n')]),
    (*b"TL", &[(19, b'n')]),
    (*b"TN", &[(20, b'n')]),
    (*b"TR", &[(6, b'n'), (16, b'c')]),
    (*b"UA", &[(6, b'n'), (19, b'c')]),
    (*b"VA", &[(18, b'n')]),
    (*b"VG", &[(4, b'a'), (16, b'n')]),
    (*b"XK", &[(16, b'n')]),
    (*b"YE", &[(4, b'a'), (4, b'n'), (18, b'c')]),
];

/// The ISO 3166-1 alpha-2 codes, and `XK`, which ISO 9362 uses for Kosovo.
pub(super) const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";
