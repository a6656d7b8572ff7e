use super::*;
use crate::checks::check;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

#[test]
fn web_tokens_have_an_algorithm_and_three_or_five_parts() {
    let signed = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = part(r#"{"sub":"1234567890"}"#);
    let encrypted = part(r#"{"alg":"dir","enc":"A256GCM"}"#);
    let unsecured = part(r#"{"alg":"none"}"#);
    let other = part(r#"{"typ":"JWT"}"#);
    check(
        json_web_token,
        &[
            &format!("{signed}.{claims}.c2ln"),
            &format!("{encrypted}..aXY.dGV4dA.dGFn"),
            &format!("{unsecured}.{claims}."),
            &format!("{signed}.{}", "e".repeat(CUT_BYTES)),
        ],
        &[
            &format!("{signed}.{claims}"),
            &format!("{signed}.{claims}."),
            &format!("{signed}.{claims}.c2ln.c2ln"),
            &format!("{other}.{claims}.c2ln"),
            &format!("{other}.{}", "e".repeat(CUT_BYTES)),
            "eyJ.e.e",
            "",
        ],
    );
}

#[test]
fn passwords_in_urls_are_no_stand_ins() {
    let url = |secret: &str| format!("postgres://app:{secret}@db.example.org:5432/app?sslmode=require");
    let accepted = ["hunter2", "postgres", "p@ss", "s3:cret"].map(url);
    let refused = [
        "password",
        "PASS",
        "your-password",
        "****",
        "xxxxxxxx",
        "$PGPASSWORD",
        "",
        "db_password",
    ]
    .map(url);
    check(
        url_with_password,
        &accepted.each_ref().map(String::as_str),
        &refused.each_ref().map(String::as_str),
    );
    check(
        url_with_password,
        &["redis://:hunter2@cache", "://u:hunter2@h"],
        &[
            "https://example.org/a:b@c",
            "https://user@example.org/",
            "user:hunter2@host",
            "",
        ],
    );
}

#[test]
fn connection_strings_hold_a_secret() {
    check(
        connection_string,
        &[
            "jdbc:mysql://db/app?user=app&password=hunter2",
            "jdbc:oracle:thin:app/hunter2@db:1521:orcl",
            "Endpoint=sb://bus/;SharedAccessKeyName=root;SharedAccessKey=aGVsbG8=",
        ],
        &[
            "jdbc:mysql://db/app?user=app&password=changeme",
            "jdbc:oracle:thin:app/password@db:1521:orcl",
            "jdbc:oracle:thin:app",
        ],
    );
}

#[test]
fn authorization_has_a_scheme_and_a_drawn_token() {
    check(
        authorization,
        &["Bearer aB3dE6gH9jK2mN5pQ8", "Basic dXNlcjpodW50ZXIyMjI="],
        &[
            "Bearer YOUR_ACCESS_TOKEN_HERE",
            "Bearer token",
            "aB3dE6gH9jK2mN5pQ8",
            "version aB3dE6gH9jK2mN5pQ8",
            "Bearer xxxxxxxxxxxxxxxxxxxx",
        ],
    );
}

#[test]
fn passwords_are_told_from_words_names_and_code() {
    check(
        assigned_password,
        &[
            "hunter2",
            "123456",
            "P@ssw0rd",
            "p@ssword",
            "Tr0ub4dor&3",
            "Winter-2024",
            "Password123!",
            "admin123",
            "S3cr3t!",
            "$3cretP4ss",
            "a1b2c3d4",
            "qwerty12",
            "letmein!1",
            "$2b$12$aB3dE6gH9jK2",
            "correct4horse",
        ],
        &[
            "",
            "short",
            "a1b2c",
            "required",
            "password",
            "Password",
            "changeme",
            "String!",
            "******",
            "xxxxxxxx",
            "111111",
            "None",
            "null",
            "true",
            "$PASSWORD",
            "$dbPass2",
            "%PASSWORD%",
            ":password1",
            "user_password2",
            "config.password2",
            "os.environ",
            "/run/secrets/db1",
            "./pass1.txt",
            "~/.pgpass1",
            "https://example.org/1",
            "==other1",
            "--flag1",
            "0x7f4a12",
            "sha256",
            "SHA-256",
            "PBKDF2WithHmacSHA1",
            "base64",
            "varchar255",
            "param1",
            "16-character",
            "2024-01-31",
            "127.0.0.1",
            "ada1@example.org",
            "hunter2.",
            "hunter2&user=bob",
            "YOUR_PASSWORD1",
            "example1",
            "Foo::bar1",
            "D3DKMT_DEFRAG_ESCAPE",
        ],
    );
    assert!(!assigned_password(&"a1".repeat(65)));
}

#[test]
fn secrets_are_told_from_names_identifiers_and_digests() {
    check(
        assigned_secret,
        &[
            "aB3dE6gH9jK2mN5p",
            "8f14e45fceea167a5a36dedd4bea2543",
            "43c5fa52f8b2b19b8f89a50f8a8e9bb8",
            "q7Zt-9xK2_mB4vN8",
            "dGhpcyBpcyBhIHNlY3JldA0x==",
        ],
        &[
            "",
            "aB3dE6gH9j",
            "my-app-database-credentials-2",
            "ServiceAccountToken2",
            "123e4567-e89b-42d3-a456-426614174000",
            "projects/12345/secrets/my-secret-1/versions/1",
            "/var/run/secrets/a1b2c3d4e5f6",
            "1.2.3-beta.20240101",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "sha512-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b",
            "your-aB3dE6gH9jK2mN5p",
            "aB3dE6gH9jK2mN5p.",
            "getSecretFromEnvironment1",
        ],
    );
}

#[test]
fn tokens_look_drawn() {
    check(
        drawn,
        &["ghp_aB3dE6gH9jK2mN5pQ8sT", "abcdefghijklmnopqrstuvwxyz0123456789"],
        &[
            "YOUR-API-KEY-HERE",
            "your-api-key-here",
            "xxxxxxxxxxxxxxxxxxxxxxxx1",
            "",
            "00000000000000000000a",
        ],
    );
    check(token::<8>, &["aB3dE6gH"], &["aB3dE6gHa", "aB3dE6g"]);
    check(long_token::<8>, &["aB3dE6gH", "aB3dE6gHj"], &["aB3dE6g"]);
}

#[test]
fn long_secrets_are_told_from_calls_and_queries() {
    let key = ["k7#v2m!x9(q4z&w8d)", "1s$6h3^j5l@0p*b2n+t7r-y4c=g9"].concat();
    check(
        assigned_long_secret,
        &[&key, &format!("django-insecure-{key}")],
        &[
            &key[..38],
            "get_secret_value(SecretId=app_config.secret_name_2)",
            "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6&next=a1b2c3d4",
            "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0a1b2c3",
            &"a1!".repeat(20),
        ],
    );
}
