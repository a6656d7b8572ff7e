//! What a configuration must not say, though it is well-formed. All that is wrong is told at once.

use super::secret::Secret;
use super::source::WrongValue;
use super::values::{is_region, is_safe};
use super::{Config, Issuer, Limits, Registry, SEGMENT_BYTES_MAX};
use palisade_wire::json::DEPTH_MAX;

/// How many times its size a body of ordinary text takes while it is judged: as it came, decoded, as the JSON that a text
/// can be, and rewritten.
const BODY_BECOMES: usize = 4;

/// Most records that may have room: at about a kilobyte each, sixteen gigabytes.
const QUEUE_MAX: usize = 1 << 24;

/// Shortest segment of a log: shorter ones would be all beginning.
const SEGMENT_BYTES_MIN: u64 = 4_096;

/// Shortest time that a registry is good for when its store does not answer, in seconds.
const STALE_S_MIN: u64 = 5;

/// What is wrong, in the order of the file's sections.
pub(super) fn check(config: &Config) -> Vec<WrongValue> {
    let mut found = Found(Vec::new());
    limits(&config.limits, &mut found);
    let queue = config.audit.queue_max;
    found.unless((2..=QUEUE_MAX).contains(&queue), "audit.queue_max", || {
        format!("is a number from 2, for an exchange needs two records, to {QUEUE_MAX}")
    });
    for witness in &config.audit.witnesses {
        found.unless(is_safe(&witness.url), "audit.witness.url", || {
            "begins with `https://`: whoever can answer in the place of a witness could stop the gateway. `http://` is for this machine".to_owned()
        });
    }
    let segment = config.audit.segment_bytes;
    let fits = (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&segment);
    found.unless(fits, "audit.segment_bytes", || {
        format!("is a number of bytes from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}")
    });
    found.positive("audit.sync_timeout_ms", config.audit.sync_timeout_ms);
    registry(&config.registry, &mut found);
    if let Some(api) = &config.api {
        let is_private = api.tls.is_some() || api.address.ip().is_loopback();
        found.unless(is_private, "api.address", || {
            "is one of this machine, or has `tls`: tokens of administrators would pass in clear".to_owned()
        });
        found.unless(config.registry.file.is_none(), "api", || {
            "changes a store: set `registry.store` or `registry.dynamodb` in the place of `registry.file`"
                .to_owned()
        });
    }
    let upstream = &config.upstream;
    found.unless(is_region(&upstream.region), "upstream.region", || {
        "is the name of an AWS region, such as `us-east-1`".to_owned()
    });
    found.positive("upstream.connect_timeout_ms", upstream.connect_timeout_ms);
    found.positive("upstream.response_timeout_ms", upstream.response_timeout_ms);
    found.positive("upstream.idle_timeout_ms", upstream.idle_timeout_ms);
    config.issuers.iter().for_each(|each| issuer(each, &mut found));
    found.0
}

fn registry(registry: &Registry, found: &mut Found) {
    let Registry {
        file,
        store,
        dynamodb,
        sealing,
    } = registry;
    let count = [file.is_some(), store.is_some(), dynamodb.is_some()]
        .iter()
        .filter(|is_set| **is_set)
        .count();
    found.unless(count == 1, "registry", || {
        "set exactly one of `file`, `store` and `dynamodb`".to_owned()
    });
    if let Some((member, why)) = sealing.as_ref().and_then(Secret::wrong) {
        found.unless(false, &format!("registry.sealing{member}"), || why.to_owned());
    }
    let Some(table) = dynamodb else { return };
    found.unless(is_table(&table.table), "registry.dynamodb.table", || {
        "is 3 to 255 letters, digits, `_`, `-` and `.`".to_owned()
    });
    found.unless(is_region(&table.region), "registry.dynamodb.region", || {
        "is the name of an AWS region, such as `us-east-1`".to_owned()
    });
    found.unless(table.stale_if_error_s >= STALE_S_MIN, "registry.dynamodb.stale_if_error_s", || {
        format!("is a number of seconds from {STALE_S_MIN}: the table is asked every half second, and may be slow")
    });
    let url = table.endpoint_url.as_deref();
    found.unless(url.is_none_or(is_safe), "registry.dynamodb.endpoint_url", || {
        "begins with `https://`: whoever can answer in the place of the table could register what they like. `http://` is for this machine".to_owned()
    });
}

/// DynamoDB, "Naming rules".
fn is_table(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (3..=255).contains(&name.len()) && name.bytes().all(is_part)
}

struct Found(Vec<WrongValue>);

impl Found {
    fn unless(&mut self, good: bool, key: &str, why: impl FnOnce() -> String) {
        if !good {
            self.0.push(WrongValue::at(None, key.to_owned(), &why()));
        }
    }

    fn positive(&mut self, key: &str, value: u64) {
        self.unless(value > 0, key, || {
            "is 0, which nothing could keep to; raise it".to_owned()
        });
    }
}

fn limits(limits: &Limits, found: &mut Found) {
    let call = &limits.call;
    let sizes = [
        ("body_bytes_max", limits.body_bytes_max),
        ("connections_max", limits.connections_max),
        ("call.nodes_max", call.nodes_max),
        ("call.depth_max", call.depth_max),
        ("call.regions_max", call.regions_max),
        ("call.decoded_bytes_max", call.decoded_bytes_max),
        ("call.findings_max", call.findings_max),
    ];
    for (key, size) in sizes {
        found.positive(&format!("limits.{key}"), size as u64);
    }
    let times = [
        ("head_timeout_ms", limits.head_timeout_ms),
        ("body_timeout_ms", limits.body_timeout_ms),
        ("write_timeout_ms", limits.write_timeout_ms),
        ("call.cpu_ms_max", call.cpu_ms_max),
    ];
    for (key, time) in times {
        found.positive(&format!("limits.{key}"), time);
    }
    found.unless(call.depth_max <= DEPTH_MAX, "limits.call.depth_max", || {
        format!("is {DEPTH_MAX} at most")
    });
    let becomes = limits.body_bytes_max.saturating_mul(BODY_BECOMES);
    found.unless(
        becomes <= limits.body_bytes_in_flight_max,
        "limits.body_bytes_in_flight_max",
        || format!("is smaller than what one body (`limits.body_bytes_max`) can become; raise it to {becomes} or more"),
    );
    found.unless(
        limits.body_bytes_max <= limits.unproven_bytes_max,
        "limits.unproven_bytes_max",
        || "is smaller than one body (`limits.body_bytes_max`); raise it".to_owned(),
    );
}

fn issuer(issuer: &Issuer, found: &mut Found) {
    found.unless(
        issuer.audience.is_some() != issuer.client_ids.is_some(),
        "issuer.audience",
        || {
            "set exactly one of `audience` and `client_ids`; without either, any token of the issuer would do"
                .to_owned()
        },
    );
    let urls = [
        ("issuer.issuer", Some(&issuer.issuer)),
        ("issuer.jwks_url", issuer.jwks_url.as_ref()),
    ];
    for (key, url) in urls {
        let allowed = |url: &&String| {
            url.starts_with("https://") || (issuer.insecure_http && url.starts_with("http://"))
        };
        found.unless(url.as_ref().is_none_or(allowed), key, || {
            "begins with `https://`; for loopback, `http://` with `insecure_http = true`".to_owned()
        });
    }
    found.unless(
        !issuer.tenants.is_empty() || issuer.tenant.is_some(),
        "issuer.tenants",
        || "names no tenant, so no token of the issuer could be used; name those it may speak for".to_owned(),
    );
    found.unless(
        issuer.tenants.is_empty() || issuer.tenant.is_none(),
        "issuer.tenant",
        || "is that of all users of the issuer, so there are no `tenants` beside it".to_owned(),
    );
    let strays = issuer
        .tenant_values
        .values()
        .any(|tenant| !issuer.tenants.contains(tenant));
    found.unless(!strays, "issuer.tenant_values", || {
        "names a tenant that is none of `tenants`".to_owned()
    });
    found.positive("issuer.jwks_max_age_s", issuer.jwks_max_age_s);
}
