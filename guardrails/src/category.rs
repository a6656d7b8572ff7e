//! The categories a detector can report, and the forest they form for policies.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// Groups and the group each belongs to. A group that is nobody's child (`PII`, `Credential`, `Attack`, `Custom`) is a root.
const GROUPS: &[(&str, &str)] = &[
    ("Contact", "PII"),
    ("Personal", "PII"),
    ("Financial", "PII"),
    ("PCI", "Financial"),
    ("GovernmentId", "PII"),
    ("TaxId", "GovernmentId"),
    ("TravelDocument", "GovernmentId"),
    ("Health", "PII"),
    ("Vehicle", "PII"),
    ("Network", "PII"),
    ("CloudCredential", "Credential"),
    ("Evasion", "Attack"),
];

/// The most custom categories of one process: a configuration that asks for more is a mistake.
const CUSTOM_MAX: usize = 1024;

/// The longest name of a custom category, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// A kind of personal data, secret or attack. Names are Amazon Bedrock's where Bedrock has the type (API reference,
/// `GuardrailPiiEntityConfig`), else Presidio's, else this project's. Ordered as the catalogue is; custom categories
/// follow in the order in which they were made.
#[derive(Clone, Copy)]
pub struct Category(&'static Entry);

/// What is known of a category.
struct Entry {
    index: u32,
    name: &'static str,
    placeholder: &'static str,
    parent: &'static str,
    about: &'static str,
}

/// Custom categories of this process. They live as long as it does: a configuration is read once, and names are few.
static CUSTOM: Mutex<Vec<Category>> = Mutex::new(Vec::new());

/// Why a custom category cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name is not of the form `[A-Z][A-Z0-9_]*`, or is too long.
    #[error("`{0}` is not a category name: upper-case letters, digits and `_`, at most {NAME_BYTES_MAX}")]
    Malformed(String),
    /// The name is one of the catalogue's.
    #[error("`{0}` is a category of the catalogue")]
    Taken(String),
    /// There are too many custom categories.
    #[error("more than {CUSTOM_MAX} custom categories")]
    TooMany,
}

macro_rules! catalogue {
    ($($constant:ident in $group:literal: $about:literal;)+) => {
        #[expect(
            non_camel_case_types,
            clippy::upper_case_acronyms,
            reason = "positions are named after the constants they number"
        )]
        #[derive(Clone, Copy)]
        enum Position { $($constant),+ }

        impl Category {
            $(
                #[doc = $about]
                pub const $constant: Category = Category(&Entry {
                    index: Position::$constant as u32,
                    name: stringify!($constant),
                    placeholder: concat!("{", stringify!($constant), "}"),
                    parent: $group,
                    about: $about,
                });
            )+

            /// Every category of the catalogue, in its order.
            #[must_use]
            pub const fn all() -> &'static [Category] {
                &[$(Category::$constant),+]
            }
        }
    };
}

catalogue! {
    // Contact
    EMAIL in "Contact": "An e-mail address.";
    PHONE in "Contact": "A telephone number.";
    PH_MOBILE_NUMBER in "Contact": "A Philippine mobile telephone number.";
    TR_PHONE_NUMBER in "Contact": "A Turkish telephone number.";
    UK_POSTCODE in "Contact": "A British postcode.";
    DE_PLZ in "Contact": "A German postal code.";
    // Network
    URL in "Network": "A web address.";
    IP_ADDRESS in "Network": "An IP address, version 4 or 6.";
    MAC_ADDRESS in "Network": "A hardware address.";
    UUID in "Network": "A universally unique identifier.";
    // Personal
    USERNAME in "Personal": "A user name, after a word that says so.";
    AGE in "Personal": "A person's age.";
    DATE_OF_BIRTH in "Personal": "A date of birth, after a word that says so.";
    DATE_TIME in "Personal": "A date or time.";
    // Financial
    CREDIT_DEBIT_CARD_NUMBER in "PCI": "A payment card number.";
    CREDIT_DEBIT_CARD_CVV in "PCI": "A card's security code.";
    CREDIT_DEBIT_CARD_EXPIRY in "PCI": "A card's expiry date.";
    PIN in "PCI": "A personal identification number, after a word that says so.";
    INTERNATIONAL_BANK_ACCOUNT_NUMBER in "Financial": "An IBAN.";
    SWIFT_CODE in "Financial": "A business identifier code (BIC).";
    US_BANK_ACCOUNT_NUMBER in "Financial": "A bank account number of the United States.";
    US_BANK_ROUTING_NUMBER in "Financial": "An ABA routing transit number.";
    CRYPTO in "Financial": "A Bitcoin address.";
    CRYPTO_ETH in "Financial": "An Ethereum address.";
    // United States
    US_SOCIAL_SECURITY_NUMBER in "GovernmentId": "A social security number of the United States.";
    US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER in "TaxId": "An individual taxpayer identification number (ITIN).";
    US_PASSPORT_NUMBER in "TravelDocument": "A passport number of the United States.";
    DRIVER_ID in "GovernmentId": "A driver's licence number of a state of the United States.";
    US_MBI in "Health": "A Medicare beneficiary identifier.";
    US_NPI in "Health": "A national provider identifier.";
    MEDICAL_LICENSE in "Health": "A DEA registration number.";
    // Vehicles
    VEHICLE_IDENTIFICATION_NUMBER in "Vehicle": "A vehicle identification number (VIN).";
    LICENSE_PLATE in "Vehicle": "A vehicle's licence plate, after a word that says so.";
    UK_VEHICLE_REGISTRATION in "Vehicle": "A British vehicle registration.";
    DE_KFZ in "Vehicle": "A German licence plate.";
    TR_LICENSE_PLATE in "Vehicle": "A Turkish licence plate.";
    IN_VEHICLE_REGISTRATION in "Vehicle": "An Indian vehicle registration.";
    NG_VEHICLE_REGISTRATION in "Vehicle": "A Nigerian vehicle registration.";
    // Canada
    CA_SOCIAL_INSURANCE_NUMBER in "GovernmentId": "A Canadian social insurance number.";
    CA_HEALTH_NUMBER in "Health": "A Canadian provincial health number.";
    // United Kingdom
    UK_NATIONAL_HEALTH_SERVICE_NUMBER in "Health": "An NHS number.";
    UK_NATIONAL_INSURANCE_NUMBER in "GovernmentId": "A British national insurance number.";
    UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER in "TaxId": "A British unique taxpayer reference.";
    UK_PASSPORT in "TravelDocument": "A British passport number.";
    UK_DRIVING_LICENCE in "GovernmentId": "A British driving licence number.";
    // Germany
    DE_TAX_ID in "TaxId": "A German tax identification number.";
    DE_TAX_NUMBER in "TaxId": "A German tax office number.";
    DE_VAT_ID in "TaxId": "A German VAT number.";
    DE_ID_CARD in "GovernmentId": "A German identity card number.";
    DE_PASSPORT in "TravelDocument": "A German passport number.";
    DE_FUEHRERSCHEIN in "GovernmentId": "A German driving licence number.";
    DE_SOCIAL_SECURITY in "GovernmentId": "A German pension insurance number.";
    DE_HEALTH_INSURANCE in "Health": "A German health insurance number.";
    DE_LANR in "Health": "A German physician number.";
    DE_BSNR in "Health": "A German medical practice number.";
    DE_HANDELSREGISTER in "TaxId": "A German commercial register number.";
    // Italy
    IT_FISCAL_CODE in "TaxId": "An Italian fiscal code.";
    IT_VAT_CODE in "TaxId": "An Italian VAT number.";
    IT_PASSPORT in "TravelDocument": "An Italian passport number.";
    IT_IDENTITY_CARD in "GovernmentId": "An Italian identity card number.";
    IT_DRIVER_LICENSE in "GovernmentId": "An Italian driving licence number.";
    // Rest of Europe
    ES_NIF in "TaxId": "A Spanish tax number of a citizen (NIF).";
    ES_NIE in "TaxId": "A Spanish number of a foreigner (NIE).";
    ES_PASSPORT in "TravelDocument": "A Spanish passport number.";
    FR_NIR in "GovernmentId": "A French social security number (NIR).";
    NL_BSN in "GovernmentId": "A Dutch citizen service number.";
    BE_NRN in "GovernmentId": "A Belgian national register number.";
    PT_NIF in "TaxId": "A Portuguese tax number.";
    PL_PESEL in "GovernmentId": "A Polish PESEL number.";
    FI_PERSONAL_IDENTITY_CODE in "GovernmentId": "A Finnish personal identity code.";
    SE_PERSONNUMMER in "GovernmentId": "A Swedish personal identity number.";
    SE_ORGANISATIONSNUMMER in "TaxId": "A Swedish organisation number.";
    // Australia
    AU_TFN in "TaxId": "An Australian tax file number.";
    AU_ABN in "TaxId": "An Australian business number.";
    AU_ACN in "TaxId": "An Australian company number.";
    AU_MEDICARE in "Health": "An Australian Medicare number.";
    // Asia
    IN_AADHAAR in "GovernmentId": "An Indian Aadhaar number.";
    IN_PAN in "TaxId": "An Indian permanent account number.";
    IN_GSTIN in "TaxId": "An Indian goods and services tax number.";
    IN_PASSPORT in "TravelDocument": "An Indian passport number.";
    IN_VOTER in "GovernmentId": "An Indian voter card number.";
    SG_NRIC_FIN in "GovernmentId": "A Singaporean NRIC or FIN.";
    SG_UEN in "TaxId": "A Singaporean unique entity number.";
    KR_RRN in "GovernmentId": "A Korean resident registration number.";
    KR_FRN in "GovernmentId": "A Korean foreigner registration number.";
    KR_BRN in "TaxId": "A Korean business registration number.";
    KR_DRIVER_LICENSE in "GovernmentId": "A Korean driving licence number.";
    KR_PASSPORT in "TravelDocument": "A Korean passport number.";
    CN_RESIDENT_ID in "GovernmentId": "A Chinese resident identity number.";
    JP_MY_NUMBER in "GovernmentId": "A Japanese individual number.";
    TH_TNIN in "GovernmentId": "A Thai national identity number.";
    PH_TIN in "TaxId": "A Philippine tax number.";
    TR_NATIONAL_ID in "GovernmentId": "A Turkish identity number.";
    // Africa and South America
    NG_NIN in "GovernmentId": "A Nigerian national identity number.";
    ZA_ID_NUMBER in "GovernmentId": "A South African identity number.";
    BR_CPF in "TaxId": "A Brazilian tax number of a person (CPF).";
    BR_CNPJ in "TaxId": "A Brazilian tax number of a company (CNPJ).";
    // Credentials
    PASSWORD in "Credential": "A password, after a word that says so.";
    AWS_ACCESS_KEY in "CloudCredential": "An AWS access key id.";
    AWS_SECRET_KEY in "CloudCredential": "An AWS secret access key.";
    SECRET_AWS_SESSION_TOKEN in "CloudCredential": "An AWS session token.";
    SECRET_BEDROCK_API_KEY in "CloudCredential": "An Amazon Bedrock API key.";
    SECRET_PRIVATE_KEY in "Credential": "A private key in PEM or OpenPGP armour.";
    SECRET_JWT in "Credential": "A JSON web token.";
    SECRET_GITHUB in "Credential": "A GitHub token.";
    SECRET_GITLAB in "Credential": "A GitLab token.";
    SECRET_SLACK in "Credential": "A Slack token or webhook.";
    SECRET_STRIPE in "Credential": "A Stripe key.";
    SECRET_OPENAI in "Credential": "An OpenAI API key.";
    SECRET_ANTHROPIC in "Credential": "An Anthropic API key.";
    SECRET_GOOGLE_API_KEY in "CloudCredential": "A Google API key.";
    SECRET_GCP_OAUTH in "CloudCredential": "A Google OAuth token or client secret.";
    SECRET_GCP_SERVICE_ACCOUNT in "CloudCredential": "The key id of a Google service account.";
    SECRET_AZURE_CLIENT_SECRET in "CloudCredential": "A client secret of Microsoft Entra.";
    SECRET_AZURE_STORAGE_KEY in "CloudCredential": "An Azure storage account key.";
    SECRET_AZURE_SAS in "CloudCredential": "An Azure shared access signature.";
    SECRET_HUGGINGFACE in "Credential": "A Hugging Face token.";
    SECRET_NPM in "Credential": "An npm token.";
    SECRET_PYPI in "Credential": "A PyPI token.";
    SECRET_RUBYGEMS in "Credential": "A RubyGems key.";
    SECRET_CRATES in "Credential": "A crates.io token.";
    SECRET_DOCKER in "Credential": "A Docker Hub token.";
    SECRET_SENDGRID in "Credential": "A SendGrid key.";
    SECRET_MAILGUN in "Credential": "A Mailgun key.";
    SECRET_MAILCHIMP in "Credential": "A Mailchimp key.";
    SECRET_TWILIO in "Credential": "A Twilio key.";
    SECRET_TELEGRAM in "Credential": "A Telegram bot token.";
    SECRET_DISCORD in "Credential": "A Discord bot token or webhook.";
    SECRET_SQUARE in "Credential": "A Square token.";
    SECRET_SHOPIFY in "Credential": "A Shopify token.";
    SECRET_VAULT in "Credential": "A HashiCorp Vault token.";
    SECRET_TERRAFORM in "Credential": "A Terraform Cloud token.";
    SECRET_DATABRICKS in "Credential": "A Databricks token.";
    SECRET_GRAFANA in "Credential": "A Grafana token.";
    SECRET_NEWRELIC in "Credential": "A New Relic key.";
    SECRET_DATADOG in "Credential": "A Datadog key.";
    SECRET_SENTRY in "Credential": "A Sentry token.";
    SECRET_DIGITALOCEAN in "CloudCredential": "A DigitalOcean token.";
    SECRET_CLOUDFLARE in "CloudCredential": "A Cloudflare token.";
    SECRET_LINEAR in "Credential": "A Linear key.";
    SECRET_NOTION in "Credential": "A Notion token.";
    SECRET_PERPLEXITY in "Credential": "A Perplexity key.";
    SECRET_GROQ in "Credential": "A Groq key.";
    SECRET_XAI in "Credential": "An xAI key.";
    SECRET_DEEPSEEK in "Credential": "A DeepSeek key.";
    SECRET_SERVICE_TOKEN in "Credential": "A token of one of sixty other services, by its published prefix.";
    SECRET_URL_CREDENTIALS in "Credential": "A password in a URL.";
    SECRET_CONNECTION_STRING in "Credential": "A connection string with a password.";
    SECRET_GENERIC in "Credential": "A secret of unknown kind, after a word that says so.";
    // Attacks
    INVISIBLE_TEXT in "Evasion": "Characters that are not shown, inside a word or in a row.";
    BIDI_CONTROL in "Evasion": "Characters that reorder the text around them.";
    TAG_CHARACTERS in "Evasion": "Unicode tag characters, which carry hidden text.";
    PROMPT_ATTACK in "Attack": "Words that try to override a model's instructions.";
}

impl Category {
    /// The category called `name`, custom ones included; names are case-sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Category> {
        let named = |category: &Category| category.name() == name;
        let custom = || {
            CUSTOM
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .copied()
                .find(named)
        };
        Self::all().iter().copied().find(named).or_else(custom)
    }

    /// A category of the configuration, in the root group `Custom`. The same name gives the same category.
    ///
    /// # Errors
    /// [`NameError`] for a malformed name, a name of the catalogue, or too many categories.
    pub fn custom(name: &str) -> Result<Category, NameError> {
        let shaped = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.len() <= NAME_BYTES_MAX
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if !shaped {
            return Err(NameError::Malformed(name.to_owned()));
        }
        if Self::all().iter().any(|category| category.name() == name) {
            return Err(NameError::Taken(name.to_owned()));
        }
        let mut custom = CUSTOM.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = custom.iter().find(|category| category.name() == name) {
            return Ok(*known);
        }
        if custom.len() == CUSTOM_MAX {
            return Err(NameError::TooMany);
        }
        let index = u32::try_from(Self::all().len() + custom.len()).unwrap_or(u32::MAX);
        let category = Category(Box::leak(Box::new(Entry {
            index,
            name: Box::leak(name.into()),
            placeholder: Box::leak(format!("{{{name}}}").into()),
            parent: "Custom",
            about: "A category of the configuration.",
        })));
        custom.push(category);
        Ok(category)
    }

    /// The name that policies, configuration and audit records use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What stands in for a redacted value: the name in braces, as Bedrock guardrails write it.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        self.0.placeholder
    }

    /// The group this category belongs to.
    #[must_use]
    pub const fn parent(self) -> &'static str {
        self.0.parent
    }

    /// A sentence about it.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.0.about
    }

    /// The groups this category is in, nearest first, up to the root.
    pub fn ancestors(self) -> impl Iterator<Item = &'static str> {
        std::iter::successors(Some(self.parent()), |group| {
            GROUPS
                .iter()
                .find(|(child, _)| child == group)
                .map(|(_, parent)| *parent)
        })
    }
}

impl PartialEq for Category {
    fn eq(&self, other: &Self) -> bool {
        self.0.index == other.0.index
    }
}

impl Eq for Category {}

impl PartialOrd for Category {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Category {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.index.cmp(&other.0.index)
    }
}

impl Hash for Category {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.index.hash(state);
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every edge of the forest as (child, parent): each category under its group, and each group that is not a root under
/// its own. Custom categories made so far are in it.
#[must_use]
pub fn forest() -> Vec<(&'static str, &'static str)> {
    let custom = CUSTOM.lock().unwrap_or_else(PoisonError::into_inner);
    let categories = Category::all().iter().chain(custom.iter());
    let edges = categories.map(|category| (category.name(), category.parent()));
    edges.chain(GROUPS.iter().copied()).collect()
}

#[cfg(test)]
mod tests;
