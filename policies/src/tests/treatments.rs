//! What happens to findings.

use super::*;

fn permit(snapshot: &Arc<Snapshot>, tenant: &str, model: &Model) -> Permit {
    decide(snapshot, &principal(tenant), model, &call(Action::Converse)).unwrap()
}

fn found(category: &str, confidence: u8, count: u32) -> FindingFacts<'_> {
    FindingFacts {
        category,
        place: Place::User,
        confidence,
        count,
    }
}

fn permitting(policies: &str) -> Permit {
    let calls = r#"@id("calls") permit (principal, action in Palisade::Action::"Invoke", resource);"#;
    permit(&snapshot_of(&format!("{calls}\n{policies}")), "retail", &sonnet())
}

#[test]
fn the_default_bundle_redacts_personal_and_card_data_and_blocks_credentials() {
    let snapshot = default_snapshot();
    let check = |tenant: &str, category: &str, treatment: Treatment, determining: &[&str]| {
        let permit = permit(&snapshot, tenant, &sonnet());
        for direction in [Direction::Disclose, Direction::Reveal] {
            let treated = permit.treatment(direction, &found(category, 95, 1));
            assert_eq!(treated.treatment, treatment, "{tenant} {category} {direction:?}");
            assert_eq!(
                treated.determining, determining,
                "{tenant} {category} {direction:?}"
            );
            assert_eq!(treated.errors, Vec::<String>::new());
        }
    };
    for tenant in ["retail", "markets", "research"] {
        check(
            tenant,
            "EMAIL",
            Treatment::Redacted,
            &["personal-and-card-data-redacted"],
        );
        check(
            tenant,
            "CREDIT_DEBIT_CARD_NUMBER",
            Treatment::Redacted,
            &["personal-and-card-data-redacted"],
        );
        check(tenant, "AWS_ACCESS_KEY", Treatment::Block, &["credentials-never"]);
        check(tenant, "NOT_IN_THE_FOREST", Treatment::Block, &[]);
    }
    check(
        "retail",
        "IP_ADDRESS",
        Treatment::Redacted,
        &["personal-and-card-data-redacted"],
    );
    check(
        "research",
        "IP_ADDRESS",
        Treatment::Raw,
        &["research-raw-ip-addresses"],
    );
    check(
        "retail",
        "PROJECT_CODENAME",
        Treatment::Redacted,
        &["custom-findings-redacted"],
    );
    check("retail", "PROMPT_ATTACK", Treatment::Raw, &["attacks-flagged"]);
    check("markets", "TAG_CHARACTERS", Treatment::Raw, &["attacks-flagged"]);
}

#[test]
fn with_a_key_the_default_bundle_tokenizes_personal_data_in_requests_and_restores_it() {
    let permit = permit(&default_snapshot(), "retail", &sonnet()).with_tokens();
    let cases = [
        ("EMAIL", Treatment::Tokenized, "personal-data-tokenized", true),
        (
            "CREDIT_DEBIT_CARD_NUMBER",
            Treatment::Redacted,
            "personal-and-card-data-redacted",
            false,
        ),
        (
            "PROJECT_CODENAME",
            Treatment::Redacted,
            "custom-findings-redacted",
            false,
        ),
        ("AWS_ACCESS_KEY", Treatment::Block, "credentials-never", false),
        ("PROMPT_ATTACK", Treatment::Raw, "attacks-flagged", false),
    ];
    for (category, treatment, determining, restored) in cases {
        let treated = permit.treatment(Direction::Disclose, &found(category, 95, 1));
        assert_eq!(
            (treated.treatment, treated.determining),
            (treatment, vec![determining.to_owned()])
        );
        assert_eq!(
            permit.restoring(&found(category, 95, 1)).permitted,
            restored,
            "{category}"
        );
    }
    let restoring = permit.restoring(&found("EMAIL", 95, 1));
    assert_eq!(restoring.determining, ["own-personal-data-restored"]);
    assert_eq!(
        permit
            .treatment(Direction::Reveal, &found("EMAIL", 95, 1))
            .treatment,
        Treatment::Redacted
    );
}

#[test]
fn asks_for_the_mildest_form_first_and_for_tokens_only_with_a_key() {
    let all =
        r#"@id("tokens") permit (principal, action == Palisade::Action::"DiscloseTokenized", resource);"#;
    let redacted =
        r#"@id("redacted") permit (principal, action == Palisade::Action::"DiscloseRedacted", resource);"#;
    let raw = r#"@id("raw") permit (principal, action == Palisade::Action::"DiscloseRaw", resource);"#;
    let cases = [
        (vec![all, redacted, raw], Treatment::Raw, Treatment::Raw),
        (vec![all, redacted], Treatment::Tokenized, Treatment::Redacted),
        (vec![redacted], Treatment::Redacted, Treatment::Redacted),
        (vec![all], Treatment::Tokenized, Treatment::Block),
        (vec![], Treatment::Block, Treatment::Block),
    ];
    for (policies, with, without) in cases {
        let policies = policies.join("\n");
        let treatment = |permit: Permit| {
            permit
                .treatment(Direction::Disclose, &found("EMAIL", 95, 1))
                .treatment
        };
        assert_eq!(treatment(permitting(&policies)), without, "{policies}");
        assert_eq!(treatment(permitting(&policies).with_tokens()), with, "{policies}");
    }
}

#[test]
fn restores_nothing_without_a_permit_on_errors_and_for_an_unknown_category() {
    let restores = r#"@id("restores") permit (principal, action == Palisade::Action::"Restore", resource);"#;
    let broken = r#"@id("broken") forbid (principal, action == Palisade::Action::"Restore", resource)
        when { context.count + 9223372036854775807 < 0 };"#;
    let reveals = r#"@id("reveals") permit (principal, action in Palisade::Action::"Reveal", resource);"#;

    let permitted = permitting(restores);
    assert!(permitted.restoring(&found("EMAIL", 1, 1)).permitted);
    assert!(!permitted.restoring(&found("email", 1, 1)).permitted);
    assert!(!permitting(reveals).restoring(&found("EMAIL", 1, 1)).permitted);
    let errs = permitting(&format!("{restores}\n{broken}")).restoring(&found("EMAIL", 1, 1));
    assert_eq!(
        errs,
        Restoring {
            permitted: false,
            determining: Vec::new(),
            errors: vec!["broken".to_owned()],
        }
    );
}

#[test]
fn a_block_by_a_forbid_says_what_the_caller_may_be_told() {
    let permit = permit(&default_snapshot(), "retail", &sonnet());
    let message = permit
        .treatment(Direction::Disclose, &found("AWS_ACCESS_KEY", 95, 1))
        .message
        .unwrap();
    assert!(
        message.starts_with("the text holds a password, key or token"),
        "{message}"
    );
    assert_eq!(
        permit
            .treatment(Direction::Disclose, &found("EMAIL", 95, 1))
            .message,
        None
    );
}

#[test]
fn blocks_an_unknown_category_whatever_is_permitted() {
    let permit =
        permitting(r#"@id("raw") permit (principal, action in Palisade::Action::"Disclose", resource);"#);
    let treatment = |category| {
        permit
            .treatment(Direction::Disclose, &found(category, 1, 1))
            .treatment
    };
    assert_eq!(treatment("EMAIL"), Treatment::Raw);
    assert_eq!(treatment("PII"), Treatment::Raw);
    assert_eq!(treatment("email"), Treatment::Block);
    assert_eq!(treatment(""), Treatment::Block);
}

#[test]
fn blocks_when_a_policy_errs() {
    let broken = r#"
        @id("raw") permit (principal, action in Palisade::Action::"Disclose", resource);
        @id("broken") forbid (principal, action == Palisade::Action::"DiscloseRaw", resource)
        when { context.count + 9223372036854775807 < 0 };"#;
    let permit = permitting(broken);
    let treated = permit.treatment(Direction::Disclose, &found("EMAIL", 1, 1));
    assert_eq!(
        (treated.treatment, treated.errors),
        (Treatment::Block, vec!["broken".to_owned()])
    );
    assert_eq!(treated.determining, Vec::<String>::new());
    assert_eq!(
        permit
            .treatment(Direction::Disclose, &found("EMAIL", 1, 0))
            .treatment,
        Treatment::Raw
    );
}

#[test]
fn the_place_decides_too() {
    let permit = permit(&default_snapshot(), "retail", &sonnet());
    let treatment = |place, category| {
        let finding = FindingFacts {
            place,
            ..found(category, 95, 1)
        };
        permit.treatment(Direction::Disclose, &finding).treatment
    };
    for place in Place::ALL {
        let expected = match place {
            Place::ToolDefinition => Treatment::Raw,
            _ => Treatment::Redacted,
        };
        assert_eq!(treatment(*place, "EMAIL"), expected, "{place:?}");
        assert_eq!(treatment(*place, "AWS_ACCESS_KEY"), Treatment::Block, "{place:?}");
    }
}

#[test]
fn confidence_and_count_decide_too() {
    let permit = permitting(
        r#"@id("few") permit (principal, action == Palisade::Action::"RevealRaw", resource)
           when { context.confidence < 50 && context.count <= 2 };
           @id("many") permit (principal, action == Palisade::Action::"RevealRedacted", resource)
           when { context.confidence <= 100 };"#,
    );
    let treatment = |confidence, count| {
        permit
            .treatment(Direction::Reveal, &found("EMAIL", confidence, count))
            .treatment
    };
    assert_eq!(treatment(49, 2), Treatment::Raw);
    assert_eq!(treatment(50, 2), Treatment::Redacted);
    assert_eq!(treatment(49, 3), Treatment::Redacted);
    assert_eq!(treatment(u8::MAX, u32::MAX), Treatment::Redacted);
    assert_eq!(
        permit
            .treatment(Direction::Disclose, &found("EMAIL", 0, 1))
            .treatment,
        Treatment::Block
    );
}

#[test]
fn a_permit_keeps_to_the_snapshot_that_made_it() {
    let old = permit(&default_snapshot(), "retail", &sonnet());
    let new = permitting("");
    let treatment = |permit: &Permit| {
        permit
            .treatment(Direction::Disclose, &found("EMAIL", 95, 1))
            .treatment
    };
    assert_eq!(treatment(&old), Treatment::Redacted);
    assert_eq!(treatment(&new), Treatment::Block);
    assert_ne!(old.digest(), new.digest());
}

#[test]
fn the_strictest_treatment_is_the_greatest() {
    let strictest = [
        Treatment::Redacted,
        Treatment::Block,
        Treatment::Raw,
        Treatment::Tokenized,
    ]
    .into_iter()
    .max();
    assert_eq!(strictest, Some(Treatment::Block));
}
