//! Who a client shows to be by its certificate.
//!
//! A certificate that does not chain to `client_ca` fails the handshake, so a [`Holder`] exists of verified ones only. A client that
//! shows none is as good as before: it has to show something else.

use async_trait::async_trait;
use pingora::listeners::TlsAccept;
use pingora::listeners::tls::TlsSettings;
use pingora::protocols::tls::TlsRef;
use pingora::tls::{RootCertStore, WebPkiClientVerifier, load_ca_file_into_store};
use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// Who holds a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    name: Arc<str>,
    not_after: i64,
}

impl Holder {
    /// Its SPIFFE id if it has one (SPIFFE X509-SVID, section 2: its only URI), else its subject as RFC 4514 writes it. None when
    /// there is neither, or the subject has attributes that RFC 4514 has no names for.
    fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let names = certificate.subject_alternative_name().ok()?;
        let names = names.iter().flat_map(|names| &names.value.general_names);
        let uris: Vec<&str> = names
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Some(*uri),
                _ => None,
            })
            .collect();
        let is_id = |uri: &&str| {
            let scheme = uri.get(.."spiffe:".len());
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("spiffe:"))
        };
        let name = match uris.as_slice() {
            [id] if is_id(id) => (*id).to_owned(),
            // More than one cannot be told apart.
            uris if uris.iter().any(is_id) => return None,
            _ => distinguished(certificate.subject())?,
        };
        Some(Self {
            name: name.into(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }

    /// The SPIFFE id, or the subject.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether its certificate is good no more at a time, in seconds since the Unix epoch: connections outlive handshakes.
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        now > self.not_after
    }
}

/// A name as RFC 4514 writes it, the last part first: `CN=assistant,O=Example`.
fn distinguished(name: &X509Name<'_>) -> Option<String> {
    // RFC 4514 section 3.
    const KNOWN: [(&str, &str); 9] = [
        ("2.5.4.3", "CN"),
        ("2.5.4.7", "L"),
        ("2.5.4.8", "ST"),
        ("2.5.4.10", "O"),
        ("2.5.4.11", "OU"),
        ("2.5.4.6", "C"),
        ("2.5.4.9", "STREET"),
        ("0.9.2342.19200300.100.1.25", "DC"),
        ("0.9.2342.19200300.100.1.1", "UID"),
    ];
    let mut parts = Vec::new();
    for part in name.iter_rdn() {
        let mut attributes = Vec::new();
        for attribute in part.iter() {
            let id = attribute.attr_type().to_id_string();
            let (_, short) = KNOWN.into_iter().find(|(known, _)| *known == id)?;
            attributes.push(format!("{short}={}", escaped(attribute.as_str().ok()?)));
        }
        parts.push(attributes.join("+"));
    }
    parts.reverse();
    (!parts.is_empty()).then(|| parts.join(","))
}

/// RFC 4514 section 2.4.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (at, letter) in value.chars().enumerate() {
        let is_edge = (letter == ' ' && (at == 0 || at == last)) || (letter == '#' && at == 0);
        match letter {
            '\0' => out.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', letter]),
            _ if is_edge => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out
}

/// Notes the holder of each connection.
struct Notes;

#[async_trait]
impl TlsAccept for Notes {
    async fn handshake_complete_callback(&self, tls: &TlsRef) -> Option<Arc<dyn Any + Send + Sync>> {
        let holder = Holder::of(tls.peer_certificate_der()?)?;
        Some(Arc::new(holder))
    }
}

/// Settings of a listener whose clients may show certificates that chain to one of `client_ca`, a PEM file.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn settings(client_ca: &Path) -> Result<TlsSettings, String> {
    let fault = |why: String| format!("`{}`: {why}", client_ca.display());
    let mut roots = RootCertStore::empty();
    load_ca_file_into_store(client_ca, &mut roots).map_err(|error| fault(error.to_string()))?;
    if roots.is_empty() {
        return Err(fault("no certificate in PEM form".to_owned()));
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated();
    let verifier = verifier.build().map_err(|error| fault(error.to_string()))?;
    let mut settings = TlsSettings::with_callbacks(Box::new(Notes)).map_err(|error| error.to_string())?;
    settings.set_client_cert_verifier(verifier);
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_as_the_standard_says() {
        for (value, expected) in [
            ("plain", "plain"),
            ("a,b+c", "a\\,b\\+c"),
            (" edge ", "\\ edge\\ "),
            ("#1", "\\#1"),
            ("a#b c", "a#b c"),
            ("\"<>;\\\0", "\\\"\\<\\>\\;\\\\\\00"),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_holder() {
        assert_eq!(Holder::of(b""), None);
        assert_eq!(Holder::of(&[0x30, 0x03, 0x02, 0x01, 0x01]), None);
    }
}
