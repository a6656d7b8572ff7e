//! Tokens of services by the prefixes that their makers publish, so that leaked ones can be found.

use crate::category::Category;
use crate::checks::secrets::long_token;
use crate::detector::{Check, Detector, PLAIN};
use crate::finding::Confidence;

/// A row for tokens of one shape, of at least so many bytes.
macro_rules! token {
    ($shape:literal, $bytes:literal, $source:literal) => {
        Detector {
            shapes: &[$shape],
            check: Check::Value(long_token::<$bytes>),
            source: $source,
            ..TOKEN
        }
    };
}

/// A token whose prefix and length nothing else has.
const TOKEN: Detector = Detector {
    category: Category::SECRET_SERVICE_TOKEN,
    alone: Confidence::CERTAIN,
    in_context: Confidence::CERTAIN,
    validator: "length, kinds of characters, entropy",
    overflow: Some("[A-Za-z0-9_=+/.-]"),
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    token!(
        "AGE-SECRET-KEY-1[A-Z0-9]+",
        74,
        "age specification, \"Recipient stanzas\": AGE-SECRET-KEY-1 and 58 characters of Bech32."
    ),
    token!(
        r"pat[A-Za-z0-9]{14}\.[0-9a-f]+",
        82,
        "Airtable Web API, \"Personal access tokens\": pat, 14 characters and 64 hexadecimal digits."
    ),
    token!(
        "aio_[A-Za-z0-9]+",
        32,
        "As gitleaks documents it (rule adafruit-api-key): 28 characters."
    ),
    token!(
        "LTAI[A-Za-z0-9]+",
        20,
        "Alibaba Cloud documentation, \"AccessKey pair\": ids begin with LTAI; gitleaks (rule alibaba-access-key-id) for the length."
    ),
    token!(
        "AKCp[A-Za-z0-9]+",
        73,
        "JFrog documentation, \"API key\": AKCp and 69 characters."
    ),
    token!(
        "cmVmdGtu[A-Za-z0-9]+",
        64,
        "JFrog documentation, \"Reference token\": base64 of reftkn and 56 characters."
    ),
    token!(
        "AT(?:ATT|CTT)3[A-Za-z0-9_=-]+",
        180,
        "Atlassian documentation, \"API tokens\": ATATT3, or ATCTT3 for repositories, and 186 characters."
    ),
    token!(
        "ATBB[A-Za-z0-9]+",
        36,
        "Atlassian documentation, \"App passwords\" of Bitbucket: ATBB, 24 characters and a checksum."
    ),
    token!(
        "xkeysib-[0-9a-f]+-[A-Za-z0-9]+",
        89,
        "Brevo API documentation: xkeysib-, 64 hexadecimal digits and 16 characters."
    ),
    token!(
        "bkua_[0-9a-f]+",
        45,
        "Buildkite documentation, \"Managing API access tokens\": bkua_ and 40 hexadecimal digits."
    ),
    token!(
        "CLOJARS_[0-9a-f]+",
        68,
        "Clojars wiki, \"Deploy tokens\": CLOJARS_ and 60 hexadecimal digits."
    ),
    token!(
        "CCIP(?:AT|RJ)_[A-Za-z0-9]+_[0-9a-f]+",
        60,
        "CircleCI documentation, \"Managing API tokens\": the kind of token, an id and 40 hexadecimal digits."
    ),
    token!(
        "CFPAT-[A-Za-z0-9_-]+",
        49,
        "Contentful documentation, \"Personal access tokens\": CFPAT- and 43 characters."
    ),
    token!(
        "csk-[a-z0-9]+",
        50,
        "Cerebras documentation, \"API keys\": csk- and 48 characters."
    ),
    token!(
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]+",
        46,
        "Doppler documentation, \"Auth token formats\": the kind of token, the configuration if any, 40 to 44 characters."
    ),
    token!(
        "duffel_(?:test|live)_[A-Za-z0-9_=-]+",
        55,
        "As gitleaks documents it (rule duffel-api-token): 43 characters."
    ),
    token!(
        r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]+",
        95,
        "Dynatrace documentation, \"Access tokens\": a prefix, 24 public and 64 secret characters."
    ),
    token!(
        "EZ[AT]K[A-Za-z0-9]+",
        58,
        "EasyPost documentation, \"API keys\": EZAK or EZTK and 54 characters."
    ),
    token!(
        "sk_[0-9a-f]+",
        51,
        "ElevenLabs documentation, \"API keys\": sk_ and 48 hexadecimal digits."
    ),
    token!(
        "fig[du]_[A-Za-z0-9_-]+",
        40,
        "Figma developer documentation, \"Personal access tokens\": figd_ and 40 characters or more."
    ),
    token!(
        "fc-[0-9a-f]+",
        35,
        "Firecrawl documentation, \"API keys\": fc- and 32 hexadecimal digits."
    ),
    token!(
        "FLWSECK(?:_TEST)?-[0-9a-z]+-X",
        24,
        "As gitleaks documents it (rule flutterwave-secret-key): hexadecimal digits between FLWSECK and -X."
    ),
    token!(
        "fo1_[A-Za-z0-9_-]+",
        47,
        "Fly.io documentation, \"Access tokens\": fo1_ and 43 characters."
    ),
    token!(
        "fm[12][ar]?_[A-Za-z0-9+/]+={0,2}",
        100,
        "Fly.io documentation, \"Access tokens\": macaroons in base64."
    ),
    token!(
        "fio-u-[A-Za-z0-9_=-]+",
        70,
        "As gitleaks documents it (rule frameio-api-token): 64 characters."
    ),
    token!(
        r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]+",
        72,
        "Harness documentation, \"API keys\": account, token and secret."
    ),
    token!(
        "HRKU-[A-Za-z0-9_-]+",
        60,
        "Heroku changelog, 2023: HRKU- in front of tokens of the platform."
    ),
    token!(
        "pat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]+",
        43,
        "HubSpot developer documentation, \"Private apps\": the data centre and a UUID."
    ),
    token!(
        "ico-[A-Za-z0-9]+",
        36,
        "As gitleaks documents it (rule infracost-api-token): 32 characters."
    ),
    token!(
        "jina_[A-Za-z0-9_-]+",
        60,
        "Jina AI documentation, \"API key\": jina_ and 60 characters."
    ),
    token!(
        "lsv2_(?:pt|sk)_[0-9a-f]+_[0-9a-f]+",
        51,
        "LangSmith documentation, \"API keys\": the kind of key, 32 and 10 hexadecimal digits."
    ),
    token!(
        "sk-lf-[0-9a-f-]+",
        42,
        "Langfuse documentation, \"API keys\": sk-lf- and a UUID."
    ),
    token!(
        "llx-[A-Za-z0-9]+",
        40,
        "LlamaCloud documentation, \"API key\": llx- and 48 characters."
    ),
    token!(
        r"sk\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
        70,
        "Mapbox documentation, \"Access tokens\": secret ones begin with sk."
    ),
    token!(
        r"https://[a-z0-9-]+\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/_-]+",
        150,
        "Microsoft Teams documentation, \"Incoming webhooks\": whoever has the URL can post."
    ),
    token!(
        "napi_[a-z0-9]+",
        60,
        "Neon documentation, \"API keys\": napi_ and 64 characters."
    ),
    token!(
        "nfp_[A-Za-z0-9]+",
        40,
        "Netlify changelog, 2023: nfp_ and 36 characters."
    ),
    token!(
        "nvapi-[A-Za-z0-9_-]+",
        66,
        "NVIDIA NGC documentation, \"API keys\": nvapi- and 64 characters."
    ),
    token!(
        "ops_eyJ[A-Za-z0-9+/]+={0,2}",
        250,
        "1Password documentation, \"Service account tokens\": ops_ and base64 of an object."
    ),
    token!(
        "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        39,
        "1Password documentation, \"Secret Key\": A3 and 34 characters in groups."
    ),
    token!(
        "sk-or-v1-[0-9a-f]+",
        73,
        "OpenRouter documentation, \"Authentication\": sk-or-v1- and 64 hexadecimal digits."
    ),
    token!(
        "sha256~[A-Za-z0-9_-]+",
        50,
        "OpenShift documentation, \"OAuth tokens\": sha256~ and 43 characters."
    ),
    token!(
        "pcsk_[A-Za-z0-9_]+",
        65,
        "Pinecone documentation, \"API keys\": pcsk_ and 70 characters."
    ),
    token!(
        "pscale_(?:pw|tkn|oauth)_[A-Za-z0-9_=.-]+",
        42,
        "PlanetScale documentation, \"Passwords\" and \"Service tokens\"; gitleaks (rules planetscale-…) for the lengths."
    ),
    token!(
        "access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]+",
        51,
        "Plaid API documentation, \"Token exchange\": the environment and a UUID."
    ),
    token!(
        "PMAK-[0-9a-f]+-[0-9a-f]+",
        64,
        "Postman documentation, \"API keys\": PMAK-, 24 and 34 hexadecimal digits."
    ),
    token!(
        "phx_[A-Za-z0-9]+",
        47,
        "PostHog documentation, \"Personal API keys\": phx_ and 43 characters. Project keys (phc_) are public."
    ),
    token!(
        "pn[ub]_[A-Za-z0-9]+",
        40,
        "Prefect documentation, \"API keys\": pnu_ or pnb_ and 36 characters."
    ),
    token!(
        "pul-[0-9a-f]+",
        44,
        "Pulumi documentation, \"Access tokens\": pul- and 40 hexadecimal digits."
    ),
    token!(
        "rdme_[a-z0-9]+",
        75,
        "As gitleaks documents it (rule readme-api-token): 70 characters."
    ),
    token!(
        "rnd_[A-Za-z0-9]+",
        32,
        "Render documentation, \"API keys\": rnd_ and 28 characters or more."
    ),
    token!(
        "r8_[A-Za-z0-9]+",
        40,
        "Replicate documentation, \"API tokens\": r8_ and 37 characters."
    ),
    token!(
        "re_[A-Za-z0-9]{8}_[A-Za-z0-9]+",
        33,
        "Resend documentation, \"API keys\": re_, 8 and 24 characters."
    ),
    token!(
        "tk-us-[A-Za-z0-9_-]+",
        54,
        "As gitleaks documents it (rule scalingo-api-token): 48 characters."
    ),
    token!(
        "shippo_(?:live|test)_[0-9a-f]+",
        52,
        "Shippo documentation, \"Authentication\": the mode and 40 hexadecimal digits."
    ),
    token!(
        "sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]+",
        44,
        "Sourcegraph documentation, \"Access tokens\": sgp_, the instance, 40 hexadecimal digits."
    ),
    token!(
        "sq[apu]_[0-9a-f]+",
        44,
        "SonarQube documentation, \"Managing tokens\": the kind of token and 40 hexadecimal digits."
    ),
    token!(
        "sbp_[0-9a-f]+",
        44,
        "Supabase documentation, \"Access tokens\": sbp_ and 40 hexadecimal digits."
    ),
    token!(
        "sb_secret_[A-Za-z0-9_-]+",
        41,
        "Supabase documentation, \"API keys\": sb_secret_, 22 characters and a checksum."
    ),
    token!(
        "tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]+",
        40,
        "Tailscale documentation, \"Key prefixes\": the kind of key, an id and the secret."
    ),
    token!(
        "tvly-[A-Za-z0-9-]+",
        36,
        "Tavily documentation, \"API keys\": tvly- and 32 characters."
    ),
    token!(
        "tfp_[A-Za-z0-9_.=-]+",
        63,
        "As gitleaks documents it (rule typeform-api-token): 59 characters."
    ),
    token!(
        "ATTA[0-9a-fA-F]+",
        68,
        "Atlassian documentation, \"Trello REST API authorization\": ATTA and 64 digits or more."
    ),
    token!(
        "wandb_v1_[A-Za-z0-9_]+",
        60,
        "Weights & Biases documentation, \"API keys\": wandb_v1_ and the secret."
    ),
    token!(
        "AQVN[A-Za-z0-9_-]+",
        39,
        "As gitleaks documents it (rule yandex-api-key): 35 characters or more."
    ),
    token!(
        "zpka_[a-z0-9]+_[0-9a-f]+",
        46,
        "Zuplo documentation, \"API key format\": zpka_, 32 characters and a checksum."
    ),
];
