//! Credentials of other services.

mod kinds;

use crate::category::Category;
use crate::checks::secrets::{drawn, long_token, token};
use crate::checks::services::{
    checksummed, datadog_key, discord_token, mixed_token, new_relic_license, starts_with_32_digits,
    terraform_token,
};
use crate::detector::{Before, Check, Detector, Lead};
use crate::finding::Confidence;
use kinds::{ASSIGNED, DOUBTFUL, TOKEN};

/// A key of Mailgun that starts with a digit.
const MAILGUN: Detector = Detector {
    category: Category::SECRET_MAILGUN,
    shapes: &["[0-9][0-9a-f]{31}-[0-9a-f]{8}-[0-9a-f]{8}"],
    check: Check::Value(starts_with_32_digits),
    telling: &["mailgun", "api key", "api_key", "apikey", "secret"],
    source: "Mailgun documentation, \"API keys\": 32, 8 and 8 hexadecimal digits.",
    ..DOUBTFUL
};

/// A key of Mailchimp that starts with a digit.
const MAILCHIMP: Detector = Detector {
    category: Category::SECRET_MAILCHIMP,
    shapes: &["[0-9][0-9a-f]{31}-us[0-9]{1,2}"],
    check: Check::Value(starts_with_32_digits),
    source: "Mailchimp Marketing API, \"Fundamentals\": 32 hexadecimal digits and the data centre.",
    ..TOKEN
};

/// A token of Terraform that starts with a digit.
const TERRAFORM: Detector = Detector {
    category: Category::SECRET_TERRAFORM,
    shapes: &[r"[0-9][A-Za-z0-9]{13}\.atlasv1\.[A-Za-z0-9_-]+"],
    check: Check::Value(terraform_token),
    source: "As gitleaks documents it (rule hashicorp-tf-api-token): 14 characters, .atlasv1. and 60 to 70.",
    ..TOKEN
};

/// A license key of New Relic that starts with a digit.
const NEW_RELIC: Detector = Detector {
    category: Category::SECRET_NEWRELIC,
    shapes: &["[0-9][0-9a-f]{31,35}(?:FFFF)?NRAL"],
    check: Check::Value(new_relic_license),
    source: "New Relic documentation, \"License key\": 40 characters, hexadecimal digits but for a region in front and the mark at the end.",
    ..TOKEN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::SECRET_GITHUB,
        shapes: &["gh[opsur]_[A-Za-z0-9]{36}"],
        check: Check::Value(checksummed),
        validator: "CRC-32 in base62",
        source: "GitHub blog, 2021-04-05, \"Behind GitHub's new authentication token formats\".",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GITHUB,
        // A wrong checksum is a mistake in copying more often than another thing.
        shapes: &[
            "gh[opsur]_[A-Za-z0-9]+",
            r"gh[su]_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
        ],
        check: Check::Value(long_token::<40>),
        alone: Confidence::VALIDATED_TOLD,
        overflow: Some("[A-Za-z0-9._-]"),
        source: "GitHub changelog 2021-03-31 (tokens may become longer) and 2026-04-24 (installation tokens are ghs_, the app's id and a JSON web token).",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GITHUB,
        shapes: &["github_pat_[A-Za-z0-9]+_[A-Za-z0-9]+"],
        check: Check::Value(token::<93>),
        source: "GitHub documentation, \"Managing your personal access tokens\": github_pat_, 22 characters, an underscore and 59 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GITLAB,
        shapes: &[
            r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|rtr|soat|wt)-[A-Za-z0-9_-]+(?:\.[0-9a-z]{2}\.[0-9a-z]{7,9})?",
            "GR1348941[A-Za-z0-9_-]{20,}",
        ],
        check: Check::Value(long_token::<25>),
        source: "GitLab documentation, \"Token overview\": token prefixes; the handbook's \"Routable tokens\" for those with a length and a checksum.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_SLACK,
        shapes: &[
            r"xoxe\.xox[bp]-[0-9]-[A-Za-z0-9]+",
            "xox[abcdeoprs]-[A-Za-z0-9%-]+",
            "xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-f0-9]+",
        ],
        before: Before::Host,
        check: Check::Value(long_token::<24>),
        overflow: Some("[A-Za-z0-9%-]"),
        source: "Slack API documentation, \"Token types\" and \"Token rotation\".",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_SLACK,
        shapes: &[
            r"(?:https://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9/]+",
        ],
        check: Check::Value(drawn),
        source: "Slack API documentation, \"Sending messages using incoming webhooks\": the URL contains a secret.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_STRIPE,
        shapes: &["[sr]k_(?:live|test|prod)_[A-Za-z0-9]+"],
        check: Check::Value(long_token::<24>),
        source: "Stripe documentation, \"API keys\": secret and restricted keys. Publishable keys (pk_) are public.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_STRIPE,
        shapes: &["whsec_[A-Za-z0-9+/]+={0,2}"],
        check: Check::Value(long_token::<38>),
        source: "Stripe documentation, \"Verify webhook signatures\": whsec_ and at least 32 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_NPM,
        shapes: &["npm_[A-Za-z0-9]{36}"],
        check: Check::Value(checksummed),
        validator: "CRC-32 in base62",
        source: "GitHub changelog 2021-09-23, \"npm has a new access token format\".",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_NPM,
        shapes: &["npm_[A-Za-z0-9]{36}"],
        check: Check::Value(token::<40>),
        alone: Confidence::VALIDATED_TOLD,
        source: "As above; a wrong checksum is a mistake in copying more often than another thing.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_PYPI,
        shapes: &["pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<70>),
        overflow: Some("[A-Za-z0-9_-]"),
        source: "PyPI help, \"API tokens\": pypi- and a macaroon, whose location is pypi.org or test.pypi.org.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_RUBYGEMS,
        shapes: &["rubygems_[0-9a-f]+"],
        check: Check::Value(token::<57>),
        source: "RubyGems guides, \"API key scopes\": rubygems_ and 48 hexadecimal digits.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_CRATES,
        shapes: &["cio[A-Za-z0-9]{32}"],
        check: Check::Value(mixed_token::<35>),
        source: "crates.io source, `utils/token.rs`: cio and 32 alphanumeric characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_DOCKER,
        shapes: &["dckr_(?:pat|oat)_[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<36>),
        source: "Docker documentation, \"Personal access tokens\" and \"Organization access tokens\", for the prefixes; at least 27 characters follow.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_SENDGRID,
        shapes: &[r"SG\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"],
        check: Check::Value(token::<69>),
        source: "Twilio SendGrid documentation, \"API keys\": SG, 22 and 43 base64url characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_MAILGUN,
        shapes: &["key-[0-9a-f]{32}", "pubkey-[0-9a-f]{32}"],
        check: Check::Value(long_token::<36>),
        telling: &["mailgun", "api key", "api_key", "apikey", "secret"],
        source: "Mailgun documentation, \"Authentication\": key- and 32 hexadecimal digits.",
        ..DOUBTFUL
    },
    Detector {
        shapes: &["[a-f]{1,8}[0-9][0-9a-f]{23,30}-[0-9a-f]{8}-[0-9a-f]{8}"],
        lead: Lead::Digit,
        ..MAILGUN
    },
    MAILGUN,
    Detector {
        shapes: &["[a-f]{1,8}[0-9][0-9a-f]{23,30}-us[0-9]{1,2}"],
        lead: Lead::Digit,
        ..MAILCHIMP
    },
    MAILCHIMP,
    Detector {
        category: Category::SECRET_TWILIO,
        shapes: &["SK[0-9a-f]{32}"],
        check: Check::Value(token::<34>),
        alone: Confidence::VALIDATED,
        telling: &["twilio", "api key", "api_key", "apikey", "key", "sid", "secret"],
        source: "Twilio documentation, \"String identifier (SID)\": SK and 32 hexadecimal digits name an API key.",
        ..DOUBTFUL
    },
    Detector {
        category: Category::SECRET_TWILIO,
        shapes: &["[0-9a-f]+"],
        check: Check::Value(token::<32>),
        telling: &[
            "twilio auth token",
            "twilio token",
            "twilio secret",
            "twilio api secret",
        ],
        source: "Twilio documentation, \"Auth tokens\": 32 hexadecimal digits.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_TELEGRAM,
        shapes: &["(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"],
        check: Check::Value(long_token::<44>),
        source: "Telegram Bot API, \"Authorizing your bot\": the bot's number, a colon and 35 characters; in URLs after `bot`.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_DISCORD,
        shapes: &[r"[MNO][DTjz][AEIMQUYcgk][w-z0-5][A-Za-z0-9]+\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"],
        check: Check::Value(discord_token),
        validator: "base64 of a decimal id, entropy",
        source: "Discord developer reference, \"Authentication\": the bot's id in base64, a time, a signature.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_DISCORD,
        shapes: &[
            r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{17,20}/[A-Za-z0-9_-]+",
        ],
        check: Check::Value(long_token::<100>),
        source: "Discord developer documentation, \"Webhook resource\": whoever has the URL can post.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_SQUARE,
        shapes: &["sq0(?:atp|csp|idp)-[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<29>),
        source: "As detect-secrets documents it (plugin square_oauth) and gitleaks (rule square-access-token): sq0atp- and 22 characters, sq0csp- and 43.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_SQUARE,
        shapes: &["EAAA[A-Za-z0-9_-]{60}"],
        check: Check::Value(mixed_token::<64>),
        telling: &["square", "access token", "access_token", "accesstoken", "bearer"],
        source: "Square developer documentation, \"Access tokens\": EAAA and 60 characters. A line of wrapped base64 can look so.",
        ..DOUBTFUL
    },
    Detector {
        category: Category::SECRET_SHOPIFY,
        shapes: &["shp(?:at|ca|pa|ss|tka|ua)_[0-9A-Fa-f]+"],
        check: Check::Value(long_token::<38>),
        source: "As gitleaks documents it (rules shopify-access-token and its kin): shpat_, shpca_, shppa_, shpss_ and 32 hexadecimal digits.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_VAULT,
        shapes: &[r"hv[bsr]\.[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<28>),
        overflow: Some("[A-Za-z0-9_-]"),
        source: "HashiCorp Vault documentation, \"Tokens\": hvs., hvb. and hvr., at least 24 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_VAULT,
        shapes: &[r"[bsr]\.[A-Za-z0-9]{24}"],
        before: Before::Undotted,
        check: Check::Value(mixed_token::<26>),
        telling: &["vault", "vault_token", "x-vault-token", "client_token", "token"],
        source: "HashiCorp Vault documentation, \"Tokens\": the form before version 1.10, 24 characters.",
        ..DOUBTFUL
    },
    Detector {
        shapes: &[r"[A-Za-z]{1,13}[0-9][A-Za-z0-9]{0,12}\.atlasv1\.[A-Za-z0-9_-]+"],
        lead: Lead::Digit,
        ..TERRAFORM
    },
    TERRAFORM,
    Detector {
        // The secret part, where the name in front has no digit to be noticed by.
        shapes: &[r"\.atlasv1\.[A-Za-z0-9_-]+"],
        before: Before::Anything,
        ..TERRAFORM
    },
    Detector {
        category: Category::SECRET_DATABRICKS,
        shapes: &["dapi[0-9a-f]{32}(?:-[0-9])?", "dose[0-9a-f]{32}"],
        check: Check::Value(long_token::<36>),
        source: "Databricks documentation, \"Personal access token authentication\" (dapi) and \"OAuth machine-to-machine\" (dose); gitleaks (rule databricks-api-token) for the 32 hexadecimal digits.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GRAFANA,
        shapes: &["glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"],
        check: Check::Value(token::<46>),
        source: "Grafana documentation, \"Service accounts\": glsa_, 32 characters and a checksum.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GRAFANA,
        shapes: &["glc_eyJ[A-Za-z0-9+/]+={0,2}", "eyJrIjoi[A-Za-z0-9]+={0,2}"],
        check: Check::Value(long_token::<60>),
        source: "Grafana documentation, \"Cloud access policies\" and \"API keys\" (older): base64 of an object with the key.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_NEWRELIC,
        shapes: &[
            "NR(?:AK|AA|IQ|RA)-[A-Z0-9]{27}",
            "NRII-[A-Za-z0-9-]{32}",
            "NRJS-[0-9a-f]{19}",
        ],
        check: Check::Value(long_token::<24>),
        source: "New Relic documentation, \"API keys\": the prefix tells the kind; gitleaks (rules new-relic-…) for the lengths.",
        ..TOKEN
    },
    Detector {
        shapes: &[
            "[a-f]{1,8}[0-9][0-9a-f]{23,34}(?:FFFF)?NRAL",
            "(?:eu|jp|us)01xx[0-9a-f]{30}NRAL",
        ],
        lead: Lead::Digit,
        ..NEW_RELIC
    },
    NEW_RELIC,
    Detector {
        category: Category::SECRET_DATADOG,
        shapes: &["[0-9a-f]+"],
        check: Check::Value(datadog_key),
        validator: "length, entropy",
        telling: &[
            "dd api key",
            "dd app key",
            "dd application key",
            "datadog api key",
            "datadog app key",
            "datadog application key",
            "datadog key",
        ],
        source: "Datadog documentation, \"API and application keys\": 32 and 40 hexadecimal digits.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_SENTRY,
        shapes: &["sntry[aiu]_[0-9a-f]+", "sntrys_eyJ[A-Za-z0-9+/=_-]+"],
        check: Check::Value(long_token::<60>),
        overflow: Some("[A-Za-z0-9+/=_-]"),
        source: "Sentry documentation, \"Auth tokens\", and RFC 0091 of the project: sntryu_ and 64 hexadecimal digits, sntrys_ and base64 of an object.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_LINEAR,
        shapes: &["lin_(?:api|oauth)_[A-Za-z0-9]+"],
        check: Check::Value(long_token::<40>),
        source: "As gitleaks documents it (rule linear-api-key): lin_api_ and 40 characters; lin_oauth_ tokens are longer.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_NOTION,
        shapes: &["ntn_[0-9]{11}[A-Za-z0-9]{35}"],
        check: Check::Value(token::<50>),
        source: "As gitleaks documents it (rule notion-api-token): ntn_, 11 digits and 35 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_NOTION,
        shapes: &["secret_[A-Za-z0-9]{43}"],
        check: Check::Value(mixed_token::<50>),
        source: "Notion developer documentation, \"Authorization\": the older form, secret_ and 43 characters.",
        ..TOKEN
    },
];
