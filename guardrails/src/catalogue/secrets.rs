//! Keys, passwords and secrets of no particular issuer.

use crate::category::Category;
use crate::checks::lead_in::names_a_resource;
use crate::checks::secrets::{
    assigned_long_secret, assigned_password, assigned_secret, authorization, connection_string,
    json_web_token, url_with_password,
};
use crate::detector::{After, Before, Check, Detector, PLAIN};
use crate::finding::Confidence;

/// From the user information of a URL to its end, which a URL's own row would take in as well: user, password, host, and the rest.
macro_rules! authority {
    ($scheme:literal) => {
        concat!(
            $scheme,
            "://[A-Za-z0-9._~!$&'*+=%-]*:[A-Za-z0-9._~!$&'()*+,;:=%@^-]+@",
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?",
            r"(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*[A-Za-z0-9/_=&%~-])?)?",
        )
    };
}

/// A value that its keyword tells. Where its shape could end sooner, one that goes on behind a punctuation mark refutes it: what
/// is no secret as a whole has no secret in front.
const ASSIGNED: Detector = Detector {
    before: Before::Assigned,
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    ..PLAIN
};

/// A call or an index is code, whatever it is called. An element that is closed is none.
const CALL: &str = r"[A-Za-z_$@][A-Za-z0-9_.:!]*(?:[(\[{]|<[^/])";

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::SECRET_PRIVATE_KEY,
        shapes: &[
            "-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
            "---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----",
        ],
        before: Before::Anything,
        after: After::Anything,
        terminator: Some(
            "-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 (?:ENCRYPTED )?PRIVATE KEY ----",
        ),
        source: "RFC 7468 §2 and §10-11, RFC 9580 §6.2 (OpenPGP armour), OpenSSH PROTOCOL.key, RFC 4716 §3.2 for the SSH2 marker.",
        ..PLAIN
    },
    Detector {
        category: Category::SECRET_JWT,
        shapes: &[r"ey[AJ][A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){0,4}"],
        check: Check::Value(json_web_token),
        validator: "base64url of an object with `alg`, three or five parts",
        alone: Confidence::CERTAIN,
        in_context: Confidence::CERTAIN,
        overflow: Some("[A-Za-z0-9_.-]"),
        source: "RFC 7515 §3.1 and §4.1.1, RFC 7516 §3.1, RFC 7519 §3: an object begins with a brace and a quotation mark or a space.",
        ..PLAIN
    },
    Detector {
        category: Category::SECRET_CONNECTION_STRING,
        shapes: &[
            authority!(
                r"(?:postgres(?:ql)?|mysqlx?|mariadb|mssql|sqlserver|redshift|cockroachdb|clickhouse)(?:\+[a-z0-9]+)?"
            ),
            authority!(r"(?:mongodb(?:\+srv)?|rediss?|amqps?|ldaps?|couchbases?)"),
        ],
        check: Check::Value(url_with_password),
        validator: "the password is no stand-in",
        alone: Confidence::VALIDATED_TOLD,
        source: "RFC 3986 §3.2.1 and the URI schemes of libpq, MySQL, MongoDB, Redis, AMQP 0-9-1 and LDAP clients.",
        ..PLAIN
    },
    Detector {
        category: Category::SECRET_CONNECTION_STRING,
        shapes: &[
            r"jdbc:[a-z0-9:]+//[A-Za-z0-9._~:/?&;=%,+-]+[?&;][Pp]assword=[A-Za-z0-9._~!$*+%^@#-]+",
            "jdbc:oracle:thin:[A-Za-z0-9_$#]+/[A-Za-z0-9._~!$*+%^#-]+@/{0,2}[A-Za-z0-9.-]*[A-Za-z0-9]",
            "DefaultEndpointsProtocol=https?;[A-Za-z0-9=;.:/_-]*AccountKey=[A-Za-z0-9+/]+={0,2}",
            "Endpoint=sb://[A-Za-z0-9.-]+/?;SharedAccessKeyName=[A-Za-z0-9_.-]+;SharedAccessKey=[A-Za-z0-9+/]+=?",
            "HostName=[A-Za-z0-9.-]+;[A-Za-z0-9=;_.-]*SharedAccessKey=[A-Za-z0-9+/]+={0,2}",
        ],
        after: After::Alphanumeric,
        check: Check::Value(connection_string),
        validator: "the password is no stand-in",
        alone: Confidence::VALIDATED_TOLD,
        source: "JDBC drivers' documentation (MySQL, PostgreSQL, SQL Server, Oracle thin); Azure documentation on connection strings of Storage, Service Bus and IoT Hub.",
        ..PLAIN
    },
    Detector {
        category: Category::SECRET_URL_CREDENTIALS,
        shapes: &[authority!("(?:git[+])?(?:https?|ftps?|sftp|ssh|wss?)")],
        check: Check::Value(url_with_password),
        validator: "the password is no stand-in",
        alone: Confidence::VALIDATED_TOLD,
        source: "RFC 3986 §3.2.1: user information with a password, deprecated and in use.",
        ..PLAIN
    },
    Detector {
        category: Category::SECRET_URL_CREDENTIALS,
        // Every other scheme, which itself stays outside: looking at every word that could be one would cost too much.
        shapes: &[authority!("")],
        before: Before::Anything,
        check: Check::Value(url_with_password),
        validator: "the password is no stand-in",
        alone: Confidence::VALIDATED_TOLD,
        source: "RFC 3986 §3.2.1: user information with a password, deprecated and in use.",
        ..PLAIN
    },
    Detector {
        category: Category::PASSWORD,
        shapes: &["[A-Za-z0-9!#$%*+./:=?@^_~-]+"],
        refuted_by: &["[A-Za-z0-9!#$%*+./:=?@^_~-]*[!#$%*+./:=?@^~-][A-Za-z0-9_]", CALL],
        check: Check::Value(assigned_password),
        validator: "two kinds of characters; no stand-in, name, path or code",
        telling: PASSWORD_WORDS,
        source: "NIST SP 800-63B §3.1.1 (any printable character); the word for it in the languages of the telling words.",
        ..ASSIGNED
    },
    Detector {
        category: Category::PASSWORD,
        // With ampersands, unless one begins the next parameter of a query.
        shapes: &["[A-Za-z0-9!#$%&*+./:=?@^_~-]+"],
        refuted_by: &[
            "[A-Za-z0-9!#$%&*+./:=?@^_~-]*[!#$%&*+./:=?@^~-][A-Za-z0-9_]",
            CALL,
        ],
        check: Check::Value(assigned_password),
        validator: "two kinds of characters; no stand-in, name, path or code",
        telling: PASSWORD_WORDS,
        source: "As above; WHATWG URL §5 for queries.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_GENERIC,
        shapes: &["[A-Za-z0-9_.=+/~-]+"],
        refuted_by: &["[A-Za-z0-9_.=+/~-]*[.=+/~-][A-Za-z0-9_]", CALL],
        check: Check::Value(assigned_secret),
        unless_after: Some(names_a_resource),
        validator: "entropy of 3.5 bits, irregular, no name, path, UUID or digest",
        telling: SECRET_WORDS,
        source: "What configuration files, environment variables and requests call secrets; entropy as secret scanners use it.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_GENERIC,
        shapes: &["[A-Za-z0-9!@#$%^&*()_.=+-]+"],
        check: Check::Value(assigned_long_secret),
        validator: "40 characters, entropy of 4 bits, irregular",
        telling: &["secret key", "secret"],
        source: "Django documentation, `SECRET_KEY`: 50 small letters, digits and punctuation marks.",
        ..ASSIGNED
    },
    Detector {
        category: Category::SECRET_GENERIC,
        shapes: &["[A-Za-z]+ [A-Za-z0-9_.=+/~-]+"],
        check: Check::Value(authorization),
        validator: "known scheme, length, kinds of characters, entropy",
        telling: &["authorization", "proxy authorization"],
        overflow: Some("[A-Za-z0-9_.=+/~-]"),
        source: "RFC 9110 §11.6.2, RFC 6750 §2.1, RFC 7617 §2.",
        ..ASSIGNED
    },
];

/// What passwords are called.
const PASSWORD_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass phrase",
    "passcode",
    "pass",
    "pwd",
    "pw",
    "pswd",
    "pgpassword",
    "passwort",
    "kennwort",
    "mot de passe",
    "contraseña",
    "contrasena",
    "clave",
    "senha",
    "palavra-passe",
    "parola",
    "parola d'ordine",
    "wachtwoord",
    "hasło",
    "haslo",
    "heslo",
    "jelszó",
    "lösenord",
    "losenord",
    "adgangskode",
    "passord",
    "salasana",
    "şifre",
    "sifre",
    "пароль",
    "κωδικός",
    "סיסמה",
    "كلمة المرور",
    "पासवर्ड",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "비밀번호",
];

/// What secrets are called.
const SECRET_WORDS: &[&str] = &[
    "secret",
    "secret key",
    "secret token",
    "secret key base",
    "client secret",
    "app secret",
    "consumer secret",
    "shared secret",
    "webhook secret",
    "signing secret",
    "signing key",
    "encryption key",
    "master key",
    "private key",
    "private token",
    "access key",
    "access token",
    "refresh token",
    "auth token",
    "auth key",
    "authentication token",
    "bearer token",
    "session token",
    "api key",
    "api secret",
    "api token",
    "app key",
    "license key",
    "token",
    "credential",
];
