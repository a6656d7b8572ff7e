//! The files of a run: a folder of its own, removed at the end, with configuration, registry and secrets.

use super::credentials::{AUDIENCE, AccessKey, REGION};
use super::failure::{During, Failure};
use super::plan::{ENDPOINT, MODEL};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The tenant that everything is asked for; the policies that ship grant it general-purpose models.
pub const TENANT: &str = "retail";

/// A folder that is removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder in `parent`, which should be on a real disk: strict audit is as fast as its syncs.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(parent: &Path) -> Result<Self, Failure> {
        let path = parent.join(format!("palisade-bench-{}", std::process::id()));
        // What a run with the same id left behind when it was killed.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).during(path.display())?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and returns its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.0.join(name);
        std::fs::write(&path, text).during(path.display())?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left for the operator.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The configuration of one `palisade serve`; `guardrails` are the keys of that section.
#[must_use]
pub fn config(audit_mode: &str, guardrails: &str, upstream: SocketAddr, issuer: SocketAddr) -> String {
    format!(
        r#"
[listen]
address = "127.0.0.1:0"

[admin]
address = "127.0.0.1:0"

[registry]
file = "registry.toml"

[audit]
directory = "audit-{audit_mode}"
mode = "{audit_mode}"

[guardrails]
{guardrails}

[upstream]
region = "{REGION}"
bedrock_url = "http://{upstream}"
sagemaker_url = "http://{upstream}"

[[issuer]]
issuer = "http://{issuer}"
audience = "{AUDIENCE}"
algorithms = ["EdDSA"]
tenants = ["{TENANT}"]
insecure_http = true
"#
    )
}

/// The registry: one tenant, one application with one key, one model, one endpoint.
#[must_use]
pub fn registry(key: &AccessKey, secret_file: &str) -> String {
    let key_id = key.id;
    format!(
        r#"
[[tenant]]
id = "{TENANT}"
jurisdiction = "US"
clearance = 2

[tenant.limits]
output_tokens_max = 4096
default_output_tokens = 1024
input_tokens_max = 100000000

[[application]]
id = "bench"
tenant = "{TENANT}"
environment = "test"

[[key]]
id = "{key_id}"
tenant = "{TENANT}"
application = "bench"
secret_file = "{secret_file}"

[[model]]
id = "{MODEL}"
groups = ["general-purpose"]
provider = "amazon"
family = "nova"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = ["US"]
classification_max = 2

[[endpoint]]
name = "{ENDPOINT}"
owner = "{TENANT}"
dialect = "openai-chat"
provider = "meta"
family = "llama"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = ["US"]
classification_max = 2
"#
    )
}
