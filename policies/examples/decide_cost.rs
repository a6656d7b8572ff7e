//! What a decision costs: `cargo run --release -p palisade-policies --example decide_cost`.
//!
//! Prints microseconds a call, the best of several batches, for the default bundle and for the default bundle with many
//! further policies of other tenants.

use palisade_policies::{
    Action, Base, Bundle, BundleFile, CallFacts, Classification, DEFAULT_BUNDLE, Direction, Environment,
    FindingFacts, Jurisdiction, Lifecycle, Limits, Modality, Model, ModelFacts, ModelKind, Place, Principal,
    PrincipalFacts, PrincipalKind, Provider, Purpose, Snapshot, admit, decide,
};
use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// The gateway's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EMAIL: FindingFacts<'_> = FindingFacts {
    category: "EMAIL",
    place: Place::User,
    confidence: 90,
    count: 1,
};

const BATCHES: u32 = 20;
const CALLS: u32 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    for further in [0, 1_000, 10_000] {
        let start = Instant::now();
        let snapshot = snapshot(further)?;
        let loading = start.elapsed();
        let (principal, model, call) = (principal("ana")?, model()?, call()?);
        let permit = decide(&snapshot, &principal, &model, &call).map_err(|denial| format!("{denial:?}"))?;
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{} policies, loaded in {} ms",
            snapshot.bundle().policy_ids().len(),
            loading.as_millis()
        )?;
        let mut row = |name: &str, micros: f64| writeln!(out, "  {name:<40} {micros:>8.2} us");
        row(
            "admit",
            best(|_| admit(&snapshot, &principal, call.action, &model).is_ok()),
        )?;
        row(
            "decide",
            best(|_| decide(&snapshot, &principal, &model, &call).is_ok()),
        )?;
        let others: Vec<Principal> = (0..BATCHES * CALLS)
            .map(|n| self::principal(&n.to_string()))
            .collect::<Result<_, _>>()?;
        let fresh = |n: usize| {
            others
                .get(n)
                .map(|other| decide(&snapshot, other, &model, &call).is_ok())
        };
        row("decide, first call of a principal", best(fresh))?;
        row(
            "treatment, raw, else redacted",
            best(|_| permit.treatment(Direction::Disclose, &EMAIL)),
        )?;
    }
    Ok(())
}

/// Microseconds a call in the fastest batch.
fn best<T>(mut work: impl FnMut(usize) -> T) -> f64 {
    let mut number = 0;
    let batches = (0..BATCHES).map(|_| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(work(number));
            number += 1;
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    });
    batches.fold(f64::INFINITY, f64::min)
}

fn snapshot(further: usize) -> Result<Arc<Snapshot>, Box<dyn Error>> {
    let mut text = String::new();
    for n in 0..further {
        writeln!(
            text,
            "@id(\"further-{n}\") permit (principal in Palisade::Tenant::\"t{n}\", action in Palisade::Action::\"Invoke\", \
             resource in Palisade::ModelGroup::\"g{n}\") when {{ context.maxTokens < {n} }};"
        )?;
    }
    let mut sources = DEFAULT_BUNDLE.to_vec();
    sources.push(BundleFile {
        path: "policies/further.cedar",
        text: &text,
    });
    let bundle = Bundle::load(&sources).map_err(|problems| format!("{problems:?}"))?;
    let forest = [
        ("EMAIL", "PII"),
        ("CREDIT_DEBIT_CARD_NUMBER", "PCI"),
        ("AWS_ACCESS_KEY", "Credential"),
    ];
    let snapshot = Snapshot::new(Arc::new(bundle), &forest).map_err(|problems| format!("{problems:?}"))?;
    Ok(Arc::new(snapshot))
}

fn principal(id: &str) -> Result<Principal, Box<dyn Error>> {
    Ok(Principal::new(PrincipalFacts {
        granted: Vec::new(),
        kind: PrincipalKind::Application {
            environment: Environment::Prod,
        },
        id: id.to_owned(),
        tenant: "retail".to_owned(),
        teams: vec!["cards".to_owned()],
        roles: vec!["analyst".to_owned()],
        jurisdiction: Jurisdiction::Eu,
        limits: Limits {
            max_output_tokens: 4_096,
            max_input_tokens: 100_000,
        },
        suspended: false,
        clearance: Classification::new(2)?,
    })?)
}

fn model() -> Result<Model, Box<dyn Error>> {
    Ok(Model::new(ModelFacts {
        deprecated_from_ms: None,
        lineage: None,
        kind: ModelKind::Model,
        id: "amazon.nova-pro-v1:0".to_owned(),
        groups: vec!["general-purpose".to_owned()],
        provider: Provider::Amazon,
        family: "nova".to_owned(),
        modalities: vec![Modality::Text],
        lifecycle: Lifecycle::Approved,
        end_of_life_ms: None,
        jurisdictions: vec![Jurisdiction::Eu],
        max_classification: Classification::new(3)?,
        retains_data: false,
    })?)
}

fn call() -> Result<CallFacts, Box<dyn Error>> {
    let (now_ms, client_ip) = (1_795_424_400_000, "10.1.2.3".parse()?);
    Ok(CallFacts {
        action: Action::Converse,
        input_tokens: 200,
        max_tokens: 1_000,
        modalities: vec![Modality::Text],
        tools: vec!["search".to_owned()],
        unscanned: vec![],
        uses: Vec::new(),
        base: Base::new(
            now_ms,
            10,
            true,
            client_ip,
            Purpose::Coding,
            Classification::new(1)?,
        )?,
    })
}
