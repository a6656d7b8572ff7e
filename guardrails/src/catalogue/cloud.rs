//! Credentials of clouds and of models' providers.

use crate::category::Category;
use crate::checks::cloud::{
    aws_example_key_id, aws_example_secret_key, aws_key_id, aws_secret_key, azure_signature, bedrock_key,
    openai_key, symmetric_key,
};
use crate::checks::secrets::{long_token, token};
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;
use crate::specimen::Specimen;

/// A token whose prefix and length nothing else has. It outranks the rows for secrets of unknown kind.
const TOKEN: Detector = Detector {
    alone: Confidence::CERTAIN,
    in_context: Confidence::CERTAIN,
    validator: "length, kinds of characters, entropy",
    ..PLAIN
};

/// A value that only what it is assigned to tells from others.
const ASSIGNED: Detector = Detector {
    before: Before::Assigned,
    alone: Confidence::WEAK,
    in_context: Confidence::VALIDATED_TOLD,
    ..PLAIN
};

/// What an AWS secret access key is called.
const AWS_SECRET: &[&str] = &[
    "secret access key",
    "secretaccesskey",
    "aws secret key",
    "aws secret",
    "aws access key secret",
];

/// A secret key of AWS where no assignment shows it: in the next line or column of a table.
const LISTED: Detector = Detector {
    category: Category::AWS_SECRET_KEY,
    shapes: &["[0-9][A-Za-z0-9/+]{39}"],
    before: Before::Host,
    refuted_by: &["[0-9][A-Za-z0-9/+]{39}[A-Za-z0-9/+=]"],
    check: Check::Value(aws_secret_key),
    validator: "kinds of characters, entropy of 4.25 bits",
    alone: Confidence::WEAK,
    telling: &[
        "secret access key",
        "secretaccesskey",
        "aws_secret_access_key",
        "aws secret key",
    ],
    source: "IAM user guide, \"Manage access keys\": the file of credentials has the heading in one line and the key in the next.",
    ..PLAIN
};

/// A client secret of Entra that starts with a digit.
const ENTRA: Detector = Detector {
    category: Category::SECRET_AZURE_CLIENT_SECRET,
    shapes: &[r"[0-9](?:[A-Za-z0-9_]{2}|[~.-][A-Za-z0-9_]|[A-Za-z0-9_][~.-])[0-9]Q~[A-Za-z0-9_~.-]{31,34}"],
    check: Check::Value(long_token::<37>),
    source: "As gitleaks documents it (rule azure-ad-client-secret): 37 to 40 characters, a digit and the mark `Q~` behind the first three.",
    ..TOKEN
};

/// An access key id of AWS.
const AWS_KEY_ID: &str = "(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}";

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::AWS_ACCESS_KEY,
        shapes: &[AWS_KEY_ID],
        check: Check::Value(aws_example_key_id),
        specimen: Some(Specimen::ExampleKeys),
        validator: "an example",
        source: "AWS documentation: the keys of its examples end with EXAMPLE, and are nobody's.",
        ..PLAIN
    },
    Detector {
        category: Category::AWS_SECRET_KEY,
        shapes: &["[A-Za-z0-9/+]+"],
        check: Check::Value(aws_example_secret_key),
        specimen: Some(Specimen::ExampleKeys),
        validator: "an example",
        telling: AWS_SECRET,
        source: "AWS documentation: the keys of its examples end with EXAMPLEKEY, and are nobody's.",
        ..ASSIGNED
    },
    Detector {
        category: Category::AWS_ACCESS_KEY,
        shapes: &[AWS_KEY_ID],
        check: Check::Value(aws_key_id),
        validator: "no example",
        alone: Confidence::VALIDATED_TOLD,
        source: "IAM user guide, \"Unique identifiers\": AKIA long-term keys, ASIA temporary, ABIA bearer tokens, ACCA context-specific; A3T is a legacy prefix. The rest is 16 base32 characters (RFC 4648 §6).",
        ..PLAIN
    },
    Detector {
        category: Category::AWS_SECRET_KEY,
        shapes: &["[A-Za-z0-9/+]+"],
        refuted_by: &["[A-Za-z0-9/+]*[/+][A-Za-z0-9]"],
        check: Check::Value(aws_secret_key),
        validator: "kinds of characters, entropy of 4.25 bits",
        telling: AWS_SECRET,
        source: "IAM user guide, \"Manage access keys\": the secret beside an access key id, 40 characters of base64 (RFC 4648 §4).",
        ..ASSIGNED
    },
    Detector {
        // The first digit comes early in 4 of 5 keys.
        shapes: &["[A-Za-z]{1,12}[0-9][A-Za-z0-9/+]{27,38}"],
        refuted_by: &["[A-Za-z]{1,12}[0-9][A-Za-z0-9/+]{27,38}="],
        lead: Lead::Digit,
        ..LISTED
    },
    LISTED,
    Detector {
        category: Category::SECRET_AWS_SESSION_TOKEN,
        shapes: &["(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz|FQoGZXIvYXdz)(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd])+"],
        check: Check::Value(long_token::<100>),
        overflow: Some("[A-Za-z0-9+/=%]"),
        source: "STS API reference, `Credentials`: tokens are opaque; those issued today begin with base64 of `origin_ec` or `er/aws` behind three bytes of framing, bare or percent-encoded in a presigned URL.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_BEDROCK_API_KEY,
        shapes: &["ABSKQmVkcm9ja0FQSUtleS[0-3][A-Za-z0-9+/]+={0,2}"],
        check: Check::Value(bedrock_key),
        validator: "base64 of `BedrockAPIKey-`, a name, a colon and a secret",
        source: "Amazon Bedrock user guide, \"API keys\": long-term keys begin with ABSK.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_BEDROCK_API_KEY,
        shapes: &["bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=]+"],
        check: Check::Value(long_token::<100>),
        overflow: Some("[A-Za-z0-9+/=]"),
        source: "Amazon Bedrock user guide, \"API keys\": short-term keys are `bedrock-api-key-` and base64 of a presigned URL on bedrock.amazonaws.com.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GOOGLE_API_KEY,
        shapes: &["AIza[A-Za-z0-9_-]{35}"],
        check: Check::Value(token::<39>),
        source: "Google Cloud documentation, \"Manage API keys\": 39 characters, the first four being AIza.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GCP_OAUTH,
        shapes: &[r"ya29\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"],
        check: Check::Value(long_token::<30>),
        overflow: Some("[A-Za-z0-9_-]"),
        source: "Google Identity documentation, \"Using OAuth 2.0\": access tokens, at most 2048 bytes.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GCP_OAUTH,
        shapes: &["GOCSPX-[A-Za-z0-9_-]{28}", "1//0[A-Za-z0-9_-]{40,}"],
        check: Check::Value(long_token::<35>),
        source: "Google Identity documentation, \"Using OAuth 2.0\": client secrets begin with GOCSPX-, refresh tokens with 1//0.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GCP_SERVICE_ACCOUNT,
        shapes: &["[0-9a-f]+"],
        check: Check::Value(token::<40>),
        validator: "entropy",
        telling: &["private key id"],
        source: "Google Cloud documentation, \"Create and delete service account keys\": the member `private_key_id` of a key file, 40 hexadecimal digits.",
        ..ASSIGNED
    },
    Detector {
        shapes: &[
            r"[A-Za-z_](?:[A-Za-z0-9_]{2}|[~.-][A-Za-z0-9_]|[A-Za-z0-9_][~.-])[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
        ],
        lead: Lead::Digit,
        ..ENTRA
    },
    ENTRA,
    Detector {
        category: Category::SECRET_AZURE_STORAGE_KEY,
        shapes: &["[A-Za-z0-9+/]+=="],
        check: Check::Value(symmetric_key::<64>),
        validator: "base64 of 64 bytes, entropy",
        telling: &[
            "account key",
            "accountkey",
            "storage key",
            "storage account key",
            "storage access key",
            "azure key",
        ],
        source: "Azure Storage documentation, \"Manage account access keys\": 512-bit keys in base64.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_AZURE_SAS,
        shapes: &["sig=(?:[A-Za-z0-9+/]|%2[BbFf])+(?:=|%3[Dd])"],
        check: Check::Value(azure_signature),
        validator: "base64 of 32 bytes, entropy",
        source: "Azure Storage REST reference, \"Create a service SAS\": `sig` is an HMAC-SHA256 in base64, percent-encoded.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_OPENAI,
        shapes: &[
            "sk-(?:proj|svcacct|admin|service|None)-[A-Za-z0-9_-]+",
            "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
        ],
        check: Check::Value(openai_key),
        validator: "length, kinds of characters, entropy, mark in the middle",
        source: "As gitleaks documents it (rule openai-api-key): `sk-`, the kind of key, and the mark `T3BlbkFJ`; keys without the mark must be long.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_ANTHROPIC,
        shapes: &["sk-ant-(?:api|admin|oat|ort|sid)[0-9]{2}-[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<60>),
        source: "As gitleaks documents it (rules anthropic-api-key, anthropic-admin-api-key): `sk-ant-`, the kind and version of key, 95 base64url characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_HUGGINGFACE,
        shapes: &["hf_[A-Za-z0-9]+"],
        check: Check::Value(token::<37>),
        source: "Hugging Face Hub documentation, \"User access tokens\", for the prefix; gitleaks (rule huggingface-access-token) for the 34 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_HUGGINGFACE,
        shapes: &["api_org_[A-Za-z0-9]+"],
        check: Check::Value(token::<42>),
        source: "As gitleaks documents it (rule huggingface-organization-api-token): api_org_ and 34 characters; no longer issued.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_PERPLEXITY,
        shapes: &["pplx-[A-Za-z0-9]+"],
        check: Check::Value(token::<53>),
        source: "As gitleaks documents it (rule perplexity-api-key): pplx- and 48 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_GROQ,
        shapes: &["gsk_[A-Za-z0-9]+"],
        check: Check::Value(token::<56>),
        source: "As TruffleHog documents it (detector groq): gsk_ and 52 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_XAI,
        shapes: &["xai-[A-Za-z0-9_]+"],
        check: Check::Value(token::<84>),
        source: "As TruffleHog documents it (detector xai): xai- and 80 characters.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_DEEPSEEK,
        shapes: &["sk-[a-z0-9]{32}"],
        check: Check::Value(token::<35>),
        alone: Confidence::VALIDATED,
        in_context: Confidence::VALIDATED_TOLD,
        telling: &[
            "deepseek", "api key", "api_key", "apikey", "key", "token", "secret", "bearer",
        ],
        source: "As TruffleHog documents it (detector deepseek): sk- and 32 characters. Other providers of models have keys of this form, too.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_DIGITALOCEAN,
        shapes: &["do[opr]_v1_[0-9a-f]+"],
        check: Check::Value(token::<71>),
        source: "DigitalOcean API reference, \"Authentication\", for the prefixes dop_v1_, doo_v1_ and dor_v1_; gitleaks (rule digitalocean-pat) for the 64 hexadecimal digits.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_CLOUDFLARE,
        shapes: &["cf(?:k|ut|at)_[A-Za-z0-9_-]+"],
        check: Check::Value(long_token::<48>),
        source: "Cloudflare documentation, \"Token formats\": cfk_, cfut_, cfat_, 40 characters and a checksum.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_CLOUDFLARE,
        shapes: &[r"v1\.0-[0-9a-f]+-[0-9a-f]+"],
        check: Check::Value(token::<176>),
        source: "As gitleaks documents it (rule cloudflare-origin-ca-key): v1.0-, 24 and 146 hexadecimal digits.",
        ..TOKEN
    },
    Detector {
        category: Category::SECRET_CLOUDFLARE,
        shapes: &["[A-Za-z0-9_-]+"],
        check: Check::Value(token::<40>),
        validator: "kinds of characters, entropy",
        telling: &[
            "cloudflare api token",
            "cloudflare token",
            "cloudflare api key",
            "cf api token",
            "cf token",
        ],
        source: "Cloudflare documentation, \"Create API token\": tokens without prefix have 40 characters.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_CLOUDFLARE,
        shapes: &["[0-9a-f]+"],
        check: Check::Value(token::<37>),
        validator: "kinds of characters, entropy",
        telling: &[
            "cloudflare api key",
            "cloudflare global api key",
            "global api key",
            "cf api key",
            "x auth key",
        ],
        source: "Cloudflare documentation, \"Global API key\": 37 hexadecimal digits.",
        ..ASSIGNED
    },
];
