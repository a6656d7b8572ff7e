//! What stays undetected, by category: known and left, because finding it would cost more false alarms, or more waiting in
//! streams, than it is worth.

use crate::category::Category;

/// What is not found of every category.
pub const UNDETECTED_EVERYWHERE: &str = "What is encoded otherwise than in percent, character references of HTML, escapes of JSON (up to \
    three times over each other), quoted-printable (`=40`, `=3D` and soft line breaks) or base64 (once, printable ASCII, 16 characters or more, \
    behind a sign or else with a capital in front): base64 of base64, hexadecimal, ROT13, compressed data. A header of a table of one column, or \
    one that a cell with a sentence, a formula or more than 40 bytes is part of.";

const UNDETECTED: &[(Category, &str)] = &[
    (
        Category::EMAIL,
        "Local parts in quotation marks that hold an `@`, a quotation mark or letters beyond ASCII; addresses written in words \
         (`ann at mail dot example`), or in brackets with several blanks around them; addresses over a line break; \
         a bare `git@host`, and what stands as user information in a URL or as an argument of ssh, scp, sftp, rsync or git.",
    ),
    (
        Category::PHONE,
        "National numbers without a word in front that tells, or with one in a language other than those of the plans' regions; \
         groups with other signs between them than blanks, tabs, line breaks, `.`, `-`, `/` and brackets; letters for digits (1-800-FLOWERS).",
    ),
    (
        Category::CREDIT_DEBIT_CARD_NUMBER,
        "Numbers that fail the Luhn check; groups with several blanks, tabs or line breaks between them without a word that tells; \
         digits written as words.",
    ),
    (
        Category::US_SOCIAL_SECURITY_NUMBER,
        "Nine digits, or groups of another kind than 3-2-4, without a word that tells; numbers after a word for a part, an order or a range.",
    ),
    (
        Category::IP_ADDRESS,
        "Addresses after a word for a version or a clause, or written like the version of a package; reserved addresses, unless asked for; \
         numbers in hexadecimal, octal or one piece.",
    ),
    (
        Category::PASSWORD,
        "Words alone (`password: correcthorse`), fewer than six characters, a value in front of its name, a name and a value more than \
         32 bytes from each other, and a password that nothing names.",
    ),
    (
        Category::SECRET_GENERIC,
        "Fewer than twelve characters, values as regular as a name or a path, and names of secrets: ARNs, paths, references.",
    ),
    (
        Category::AWS_SECRET_KEY,
        "A key that nothing names; the examples of AWS's documentation, unless asked for.",
    ),
];

impl Category {
    /// What stays undetected of it, if that is known; beside [`UNDETECTED_EVERYWHERE`].
    #[must_use]
    pub fn undetected(self) -> Option<&'static str> {
        let known = UNDETECTED.iter().find(|(category, _)| *category == self);
        known.map(|(_, what)| *what)
    }
}
