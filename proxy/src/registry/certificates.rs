//! Applications by the client certificates that they hold.
//!
//! INVARIANT: a tenant's applications hold what its entry lets them. Who may change applications need not be who says whose a name is.

use super::{Identity, WrongValue, wrong};
use palisade_registry::{ApplicationEntry, File};
use std::collections::HashMap;
use std::sync::Arc;

/// How SPIFFE ids begin.
const SPIFFE: &str = "spiffe://";

/// Applications, by what their certificates name: a SPIFFE id, or a subject as RFC 4514 writes it.
#[derive(Debug, Default)]
pub(super) struct Certificates(HashMap<String, Arc<Identity>>);

impl Certificates {
    /// Those of a file, by applications that were made of it.
    pub(super) fn of<'a>(
        file: &'a File,
        applications: &HashMap<(&'a str, &'a str), Option<Arc<Identity>>>,
        found: &mut Vec<WrongValue>,
    ) -> Self {
        let mut all = HashMap::new();
        let tenants = file.tenants.iter();
        let bounds: HashMap<&str, &[String]> = tenants
            .map(|tenant| (tenant.id.as_str(), tenant.certificates.as_slice()))
            .collect();
        for entry in &file.applications {
            let key = (entry.tenant.as_str(), entry.id.as_str());
            let Some(Some(identity)) = applications.get(&key) else {
                continue;
            };
            let bounds = bounds.get(key.0).copied().unwrap_or_default();
            for name in &entry.certificates {
                match named(entry, name, bounds) {
                    Err(wrong) => found.push(wrong),
                    Ok(()) if all.insert(name.clone(), Arc::clone(identity)).is_some() => {
                        found.push(fault(entry, "one of them is another application's"));
                    }
                    Ok(()) => {}
                }
            }
        }
        Self(all)
    }

    pub(super) fn holder(&self, name: &str) -> Option<&Arc<Identity>> {
        self.0.get(name)
    }

    /// All that hold one, in no order.
    pub(super) fn holders(&self) -> impl Iterator<Item = &Arc<Identity>> {
        self.0.values()
    }
}

fn fault(entry: &ApplicationEntry, why: &str) -> WrongValue {
    wrong("application", &entry.id, &format!("`certificates`: {why}"))
}

/// Whether a certificate may name an application so.
fn named(entry: &ApplicationEntry, name: &str, bounds: &[String]) -> Result<(), WrongValue> {
    if !(name.starts_with(SPIFFE) || name.contains('=')) {
        let why = "a SPIFFE id, or a subject such as `CN=assistant,O=Example`";
        return Err(fault(entry, why));
    }
    match bounds.iter().any(|bound| is_within(name, bound)) {
        true => Ok(()),
        false => Err(fault(
            entry,
            "one of them is none that `certificates` of the tenant lets it have",
        )),
    }
}

/// Whether a SPIFFE id is `bound` or lies behind it if it ends with `/`; whether a subject is `bound` or ends with it.
fn is_within(name: &str, bound: &str) -> bool {
    if name == bound {
        return true;
    }
    match (name.starts_with(SPIFFE), bound.starts_with(SPIFFE)) {
        (true, true) => bound.ends_with('/') && name.starts_with(bound),
        (false, false) => name.strip_suffix(bound).is_some_and(ends_a_part),
        _ => false,
    }
}

/// Whether a text ends with the comma between two parts of a name: one that is not escaped (RFC 4514 section 2.4).
fn ends_a_part(text: &str) -> bool {
    text.strip_suffix(',').is_some_and(|rest| {
        let escapes = rest.len() - rest.trim_end_matches('\\').len();
        escapes.is_multiple_of(2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lie_within_what_the_tenant_may_have() {
        let id = "spiffe://example.org/retail/";
        for (name, bound, is) in [
            ("spiffe://example.org/retail/assistant", id, true),
            (id, id, true),
            ("spiffe://example.org/retail-2/assistant", id, false),
            (
                "spiffe://example.org/retailer",
                "spiffe://example.org/retail",
                false,
            ),
            ("CN=assistant,O=Retail", "O=Retail", true),
            ("CN=assistant,O=Not Retail", "Retail", false),
            // The comma is a part of the name before it.
            ("CN=assistant\\,O=Retail", "O=Retail", false),
            ("CN=assistant\\\\,O=Retail", "O=Retail", true),
            ("spiffe://evil.example/,O=Retail", "O=Retail", false),
            ("CN=spiffe://example.org/retail/", id, false),
        ] {
            assert_eq!(is_within(name, bound), is, "{name} within {bound}");
        }
    }
}
