use palisade_wire::bedrock::{Target, sagemaker};

/// Request paths: what is accepted has one canonical path, which leads back to the same target, is encoded once and
/// climbs nowhere.
///
/// The input is a method, a space and a raw path.
pub fn target(data: &[u8]) {
    let Some((method, path)) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| text.split_once(' '))
    else {
        return;
    };
    if let Ok(target) = Target::parse(method, path) {
        let canonical = target.canonical_path();
        assert_eq!(Target::parse(target.operation().method(), &canonical), Ok(target));
        check(&canonical);
    }
    if let Ok(target) = sagemaker::Target::parse(method, path) {
        let canonical = target.canonical_path();
        assert_eq!(
            sagemaker::Target::parse(target.operation.method(), &canonical),
            Ok(target)
        );
        check(&canonical);
    }
}

fn check(path: &str) {
    assert!(path.is_ascii() && !path.contains("%25"), "encoded twice");
    assert!(!path.contains(['?', '#', '\\', ' ']), "more than a path");
    // Whoever behind us decodes slashes sees these segments.
    let decoded = path.replace("%2F", "/");
    let mut segments = decoded.split('/').skip(1);
    assert!(
        segments.all(|segment| !matches!(segment, "" | "." | "..")),
        "climbs"
    );
}
