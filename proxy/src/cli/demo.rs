//! `palisade demo`: gateway, simulated provider, issuer and three tenants, all on loopback and all real.
//!
//! Nothing here is a special mode of the gateway: the demo writes a configuration, a registry and keys into a folder
//! and starts what `palisade serve` starts.

use super::serve::{Signals, until_stopped};
use super::{DemoArgs, Failure, demo_text, write_bundle, write_env_file, write_private};
use crate::aead::random;
use crate::credentials::Credentials;
use crate::gateway::{Gateway, Rules, Stopped};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use palisade_simulator::{Options, Running, Simulator};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const CONFIG: &str = include_str!("../../../config/demo.toml");
const REGISTRY: &str = include_str!("../../../config/registry.toml");
/// The key that the gateway itself signs with, known to the simulator only.
const PROVIDER_KEY_ID: &str = "SIMULATEDPROVIDER001";
/// Id of the issuer's one key.
const ISSUER_KEY_ID: &str = "demo-1";
/// Tokens live as long as a working day, in seconds.
const TOKEN_LIFE_S: i64 = 12 * 3600;

/// A tenant of the demo and what its client needs.
pub(super) struct Tenant {
    pub(super) id: &'static str,
    pub(super) access_key_id: &'static str,
    pub(super) secret: String,
    pub(super) jwt: String,
}

/// What the demo tells its user.
pub(super) struct Facts {
    pub(super) url: String,
    pub(super) admin_url: String,
    pub(super) simulator_url: String,
    pub(super) audit_dir: PathBuf,
    pub(super) policy_dir: PathBuf,
    pub(super) tenants: Vec<Tenant>,
}

/// The models that the printed lines use, as retail sees them.
pub(super) const ALLOWED_MODEL: &str = "amazon.nova-lite-v1:0";
pub(super) const DENIED_MODEL: &str = "anthropic.claude-3-opus-20240229-v1:0";

/// Retail's endpoint, and one that is not retail's.
pub(super) const ENDPOINT: &str = "retail-chat";
pub(super) const FOREIGN_ENDPOINT: &str = "markets-chat";

const TENANTS: [(&str, &str, &str); 3] = [
    ("retail", "PLSDRETAILASSISTANT1", "analyst"),
    ("markets", "PLSDMARKETSFILINGS01", "quant-researcher"),
    ("research", "PLSDRESEARCHNOTES001", "red-team"),
];

pub(super) async fn run(args: &DemoArgs) -> Result<Stopped, Failure> {
    crate::caller::install_token_crypto();
    let signals = Signals::take()?;
    let folder = make_folder(args.dir.as_deref())?;
    let issuer = IssuerKey::generate()?;
    let provider_secret = secret()?;
    let simulator = Simulator::start(Options {
        credentials: vec![(PROVIDER_KEY_ID.to_owned(), provider_secret.clone())],
        issuer: Some(issuer.jwks()),
        ..Options::default()
    })?;
    let tenants = make_tenants(&folder, &issuer, &simulator)?;
    let config_path = write_config(&folder, args.port, &simulator)?;
    let mut rules = Rules::new(&config_path);
    let checked = rules.read().await?;
    let config = checked.config();

    let credentials = Credentials::new(
        PROVIDER_KEY_ID.to_owned(),
        provider_secret,
        None,
        config.upstream.region.clone(),
    );
    let audit_dir = config.audit.directory.clone();
    let gateway = Gateway::start(checked, credentials)?;
    let facts = Facts {
        url: format!("http://{}", gateway.address()),
        admin_url: format!("http://{}", gateway.admin_address()),
        simulator_url: format!("http://{}", simulator.side_addr),
        audit_dir,
        policy_dir: folder.join("policies"),
        tenants,
    };
    if let Some(path) = &args.env_file {
        write_env_file(path, &demo_text::env_lines(&facts))?;
    }
    writeln!(std::io::stdout(), "{}", demo_text::banner(&facts))?;
    until_stopped(&gateway, rules, signals).await;
    let stopped = gateway.stop().await;
    simulator.shutdown().await;
    writeln!(
        std::io::stdout(),
        "stopped; the audit log stays in {}",
        facts.audit_dir.display()
    )?;
    Ok(stopped)
}

fn make_folder(chosen: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match chosen {
        Some(folder) => folder.to_owned(),
        None => std::env::temp_dir().join(format!("palisade-demo-{}", uuid::Uuid::new_v4())),
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder.join("keys")).map_err(|e| {
        format!(
            "cannot make {}: {e}; choose another folder with --dir",
            folder.display()
        )
    })?;
    Ok(folder.canonicalize()?)
}

fn make_tenants(folder: &Path, issuer: &IssuerKey, simulator: &Running) -> Result<Vec<Tenant>, Failure> {
    let make = |(id, access_key_id, role): &(&'static str, &'static str, &str)| {
        let secret = secret()?;
        write_private(&folder.join("keys").join(id), &secret)?;
        let issuer_url = format!("http://{}", simulator.side_addr);
        Ok(Tenant {
            id,
            access_key_id,
            secret,
            jwt: issuer.token(&issuer_url, id, role)?,
        })
    };
    TENANTS.iter().map(make).collect()
}

fn write_config(folder: &Path, port: u16, simulator: &Running) -> Result<PathBuf, Failure> {
    let text = CONFIG
        .replace("{port}", &port.to_string())
        .replace("{simulator}", &simulator.data_addr.to_string())
        .replace("{issuer}", &simulator.side_addr.to_string());
    write_private(&folder.join("registry.toml"), REGISTRY)?;
    // What is there already has been edited, and stays.
    let policies = folder.join("policies");
    if !policies.exists() {
        write_bundle(&policies)?;
    }
    let path = folder.join("palisade.toml");
    write_private(&path, &text)?;
    Ok(path)
}

/// 30 random bytes as 40 characters, the length of AWS's secrets.
fn secret() -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(random::<30>()?))
}

/// The key of the demo's issuer.
struct IssuerKey {
    pkcs8: Vec<u8>,
    public: Vec<u8>,
}

impl IssuerKey {
    fn generate() -> Result<Self, Failure> {
        let pkcs8 =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| "cannot make an issuer key")?;
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| "cannot read the issuer key")?;
        Ok(Self {
            public: pair.public_key().as_ref().to_vec(),
            pkcs8: pkcs8.as_ref().to_vec(),
        })
    }

    /// The key set (RFC 7517, RFC 8037).
    fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": ISSUER_KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(&self.public),
        }] })
    }

    fn token(&self, issuer: &str, tenant: &str, role: &str) -> Result<String, Failure> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(ISSUER_KEY_ID.to_owned());
        let now = crate::clock::unix_s();
        let claims = serde_json::json!({
            "iss": issuer, "aud": "palisade", "sub": format!("{tenant}-user"), "tenant": tenant,
            "groups": [role], "iat": now, "exp": now + TOKEN_LIFE_S,
        });
        Ok(jsonwebtoken::encode(
            &header,
            &claims,
            &EncodingKey::from_ed_der(&self.pkcs8),
        )?)
    }
}
