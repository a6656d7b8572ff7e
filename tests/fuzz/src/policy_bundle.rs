use std::time::{Duration, Instant};

use palisade_policies::{Bundle, BundleFile, DEFAULT_BUNDLE, Problem};

/// Far more than loading takes with a debug build on a busy machine, far less than somebody waits for a reload.
const LOADING_MAX: Duration = Duration::from_secs(20);

const PATH: &str = "policies/fuzzed.cedar";

/// Policy texts under the schema that ships: loading ends, quickly, and what is wrong is said of this file and of a
/// place in it.
pub fn policy_bundle(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let schema = DEFAULT_BUNDLE
        .iter()
        .find(|source| source.path == "schema.cedarschema");
    let sources = [
        *schema.expect("the bundle that ships has a schema"),
        BundleFile { path: PATH, text },
    ];
    let began = Instant::now();
    let outcome = Bundle::load(&sources);
    let took = began.elapsed();
    assert!(took < LOADING_MAX, "loading took {took:?}");
    match outcome {
        Ok(bundle) => {
            let ids = bundle.policy_ids();
            assert!(ids.is_sorted_by(|a, b| a < b), "ids are unique and sorted");
            assert!(ids.iter().all(|id| bundle.annotation(id, "id") == Some(id)));
            assert_eq!(bundle.digest().len(), 64);
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            problems.iter().for_each(|problem| check(problem, text));
        }
    }
}

fn check(problem: &Problem, text: &str) {
    assert_eq!(problem.path, PATH, "{problem}");
    assert!(!problem.message.is_empty());
    if let Some(at) = problem.at {
        // The end of a text is a place too, behind its last line feed.
        let line = text.split('\n').nth(at.line - 1);
        assert!(
            line.is_some_and(|line| at.column <= line.chars().count() + 2),
            "{problem}"
        );
    }
}
