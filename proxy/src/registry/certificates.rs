//! Applications by the client certificates that they hold.

use super::{Identity, WrongValue, wrong};
use palisade_registry::File;
use std::collections::HashMap;
use std::sync::Arc;

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
        for entry in &file.applications {
            let key = (entry.tenant.as_str(), entry.id.as_str());
            let Some(Some(identity)) = applications.get(&key) else {
                continue;
            };
            for name in &entry.certificates {
                let fault = |why: &str| wrong("application", &entry.id, &format!("`certificates`: {why}"));
                if !(name.starts_with("spiffe://") || name.contains('=')) {
                    found.push(fault(
                        "a SPIFFE id, or a subject such as `CN=assistant,O=Example`",
                    ));
                } else if all.insert(name.clone(), Arc::clone(identity)).is_some() {
                    found.push(fault("one of them is listed twice"));
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
