//! What the rows of `catalogue/secrets.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

pub(super) const HEX: &str = "0123456789abcdef";
pub(super) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
pub(super) const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(super) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `count` characters of `alphabet`, the same each time: secrets are made here so that no scanner takes this file for a leak.
pub(super) fn drawn(alphabet: &str, count: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = count as u64 + 0x9e37_79b9;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            letters[(state >> 33) as usize % letters.len()]
        })
        .collect()
}

/// A token with the header of HS256 and `bytes` bytes of claims.
fn web_token(bytes: usize) -> String {
    let header = concat!("eyJhbGciOiJIUzI1NiIs", "InR5cCI6IkpXVCJ9");
    format!("{header}.eyJ{}.{}", drawn(BASE62, bytes), drawn(BASE62, 43))
}

#[test]
fn finds_web_tokens() {
    let token = web_token(70);
    check(
        Category::SECRET_JWT,
        60,
        &[
            &format!("Authorization: Bearer ⟦{token}⟧"),
            &format!("It is ⟦{token}⟧."),
            &format!("{{\"token\":\"⟦{token}⟧\"}}"),
            &format!(
                "eyJ{}.eyJ{}.{}",
                drawn(BASE62, 30),
                drawn(BASE62, 70),
                drawn(BASE62, 43)
            ),
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJ.e.e",
            "eyes.and.ears",
        ],
    );
}

#[test]
fn overflowing_web_tokens_are_found_to_their_end() {
    let token = web_token(2000);
    check(Category::SECRET_JWT, 60, &[&format!("Bearer ⟦{token}⟧, then")]);
}

#[test]
fn finds_passwords_in_urls() {
    check(
        Category::SECRET_URL_CREDENTIALS,
        60,
        &[
            "clone ⟦https://bot:hunter2@git.example.org/app.git⟧.",
            "(⟦ftp://ada:s3cret@10.0.0.5:2121⟧)",
            "⟦git+ssh://git:hunter2@host/x⟧",
            "proxy=⟦http://u:p%40ss@[::1]:3128/⟧",
            "nats⟦://app:hunter2@queue:4222⟧",
            "https://user:password@example.org/",
            "https://user:<password>@example.org/",
            "https://$USER:$PASS@example.org/",
            "https://${USER}:${PASS}@example.org/",
            "https://user@example.org/ and https://example.org:8080/@scope/package",
            "https://example.org/a:b@c",
            "ssh://git@github.com:22/a/b",
        ],
    );
}

#[test]
fn finds_connection_strings() {
    let key = drawn(BASE62, 43);
    check(
        Category::SECRET_CONNECTION_STRING,
        60,
        &[
            "DATABASE_URL=⟦postgres://app:hunter2@db.example.org:5432/app?sslmode=require⟧\n",
            "⟦postgresql+asyncpg://app:p@ss@db/app⟧",
            "⟦mongodb+srv://app:hunter2@cluster0.example.mongodb.net/?retryWrites=true&w=majority⟧",
            "⟦mongodb://a:b1@h1:27017,h2:27017/db⟧"
                .replace("h1:27017,h2:27017", "h1:27017")
                .as_str(),
            "⟦redis://:hunter2@cache:6379/0⟧, then",
            "⟦amqps://guest:guest@mq⟧",
            "⟦jdbc:postgresql://db/app?user=app&password=hunter2⟧",
            "⟦jdbc:oracle:thin:scott/tiger7@//db.example.org⟧:1521",
            &format!(
                "⟦Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={key}=⟧"
            ),
            &format!(
                "⟦DefaultEndpointsProtocol=https;AccountName=a;AccountKey={key}{key}==⟧;EndpointSuffix=core.windows.net"
            ),
            "postgres://localhost/app",
            "postgres://user:password@localhost/app",
            "postgres://user@localhost/app",
            "jdbc:postgresql://db/app?user=app&password=changeme",
        ],
    );
}

#[test]
fn assigned_passwords_are_found() {
    check(
        Category::PASSWORD,
        60,
        &[
            "password: ⟦hunter2⟧",
            "My password is ⟦Sup3rS3cret!⟧, keep it",
            "\"password\": \"⟦P@ssw0rd⟧\",",
            "DB_PASSWORD=⟦Tr0ub4dor⟧",
            "Passwort: ⟦Winter-2024⟧",
            "password: ⟦Tr0ub4dor&3⟧.",
            "密码：⟦abc12345⟧",
            "password=⟦hunter2⟧&user=bob",
            "password: required",
            "password = getpass.getpass()",
            "password = user.password2",
            "password: ${DB_PASSWORD}",
            "password: <your password>",
            "password: string",
            "password is 8 characters or more",
            "password = sha256(salt1)",
            "hunter2 is not my password",
        ],
    );
}

#[test]
fn assigned_secrets_are_found() {
    let secret = drawn(BASE62, 32);
    let hex = drawn(HEX, 64);
    let long = format!(
        "⟦django-insecure-{}⟧",
        drawn("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^*(-_+)", 50)
    );
    check(
        Category::SECRET_GENERIC,
        60,
        &[
            &format!("client_secret = \"⟦{secret}⟧\""),
            &format!("API_KEY=⟦{secret}⟧"),
            &format!("apiKey: '⟦{secret}⟧',"),
            &format!("secret_key_base: ⟦{hex}⟧"),
            &format!("SECRET_KEY = '{long}'"),
            &format!("Authorization: ⟦Bearer {secret}⟧"),
            &format!("commit: {hex}"),
            &format!("\"integrity\": \"sha512-{}==\"", drawn(BASE64, 86)),
            "secret: 123e4567-e89b-42d3-a456-426614174000",
            "secret: my-app-database-credentials-2",
            "api_key = os.environ.get(KEY1)",
            "token = generate_token_v2_for_user1(name)",
            "access_token: null",
            "Authorization: Bearer YOUR_ACCESS_TOKEN_HERE",
        ],
    );
}
