//! What the rows of `catalogue/phone.rs` find and leave alone.

use super::check;
use palisade_guardrails::{Category, Confidence, Engine, Options, Regions};

#[test]
fn international_numbers_are_found_in_every_layout() {
    check(
        Category::PHONE,
        60,
        &[
            "⟦+14155552671⟧ or ⟦+1 (415) 555-2671⟧, ⟦+1-415-555-2671x12⟧",
            "⟦+44 (0)20 7946 0958⟧ / ⟦+49 30 901820⟧ / ⟦+33 6 12 34 56 78⟧ 2024",
            "⟦(+44) 20 7946 0958⟧, ⟦0033 6 12 34 56 78⟧, ⟦011 44 20 7946 0958⟧",
            "⟦+49 30 901820⟧ 4111 1111 1111 1111, ⟦+1 415 555 2671⟧ 4111 1111 1111 1111",
            "<tel:⟦+39-06-678-4343⟧>",
            "++14155552671, 1+14155552671, +1 115 555 2671, +9991234567",
            "+35236450.6, +49.30901820",
            "33 22 11 00 55 44 77 66 88 99 aa",
        ],
    );
    check(
        Category::PHONE,
        40,
        &["⟦+41 (0)96 471 07 95⟧", "⟦001-748-088-2851x818⟧", "+41 96 471 07"],
    );
}

#[test]
fn north_american_numbers_are_found_and_clauses_are_not() {
    check(
        Category::PHONE,
        60,
        &[
            "⟦(415) 555-2671⟧ ⟦415-555-2671⟧, ⟦415.555.2671⟧; ⟦1-415-555-2671 ext. 9⟧",
            "Clause 252.227-7013 of 1995, 115-555-2671, 943-476-59190",
            "phone ⟦259.735.7502x459⟧",
        ],
    );
    check(Category::PHONE, 40, &["⟦259.735.7502x459⟧"]);
}

#[test]
fn national_numbers_of_other_regions_need_a_telling_word() {
    check(
        Category::PHONE,
        60,
        &[
            "call me on ⟦467 3395⟧",
            "Phone: ⟦60-56-85-91⟧",
            "Fax: ⟦07700 900123⟧",
            "They're not answering at ⟦78 651 450⟧",
            "Mobile: ⟦03.93.92.16.85⟧",
            "WhatsApp ⟦07700900123⟧",
            "467 3395, 60-56-85-91, 07700 900123, 78 651 450, 03.93.92.16.85, 07700900123",
            "Phone directory of 2024-01-15 12:30, 31.12.2024, 10.20.30.40, 1.2.3",
            "telephone exchange, see CVE-2016-2183",
        ],
    );
    check(
        Category::PHONE,
        40,
        &[
            "⟦60-56-85-91⟧ ⟦(37) 788-063⟧ ⟦07700 900123⟧ ⟦03.93.92.16.85⟧",
            "My Israeli number is ⟦09-7625400⟧, my Japanese ⟦090-1234-5678⟧, my Chinese ⟦13812345678⟧",
            "2024-01-15 12:30, 10.20.30.40, 467 3395, 12:34:56, 978-3-16-148410-0",
        ],
    );
}

/// Whether `number` is found, exactly, in a sentence that tells of it, by an engine for `region`.
fn finds(region: &str, number: &str) -> bool {
    let engine = Engine::with(Options {
        categories: vec![Category::PHONE],
        regions: Regions::new([region]).unwrap(),
        minimum: Confidence::DEFAULT_MINIMUM,
        ..Options::default()
    })
    .unwrap();
    // A Finnish word tells of Finnish numbers, and of those of the configured region.
    let text = format!("puhelin {number}, please");
    let found = engine.find(&text);
    found
        .iter()
        .any(|found| text.get(found.span.clone()) == Some(number))
}

#[test]
fn national_numbers_of_a_configured_region_are_its_own() {
    for (region, number) in [
        ("US", "4155552671"),
        ("US", "14155552671"),
        ("US", "415 555 2671"),
        ("GB", "020 7946 0958"),
        ("GB", "2079460958"),
        ("DE", "030 901820"),
        ("DE", "030/901820"),
        ("FR", "06 12 34 56 78"),
        ("HU", "06 20 123 4567"),
        ("BR", "(11) 96123-4567"),
    ] {
        assert!(finds(region, number), "{number} in {region}");
    }
    for (region, number) in [
        ("US", "1155552671"),
        ("FR", "1155552671"),
        ("DE", "2024-01-15 12"),
    ] {
        assert!(!finds(region, number), "{number} in {region}");
    }
}

#[test]
fn philippine_mobile_numbers_are_found() {
    check(
        Category::PH_MOBILE_NUMBER,
        60,
        &[
            "⟦+639171234567⟧, ⟦+63 917 123 4567⟧",
            "GCash ⟦0917-123-4567⟧",
            "09171234567, +63281234567",
        ],
    );
    check(
        Category::PH_MOBILE_NUMBER,
        40,
        &[
            "⟦09171234567⟧ ⟦(0917) 123 4567⟧",
            "9171234567, 091712345678, 15091712345678",
        ],
    );
}

#[test]
fn turkish_numbers_are_found() {
    check(
        Category::TR_PHONE_NUMBER,
        60,
        &[
            "⟦+90 (532) 123 45 67⟧, ⟦+905321234567⟧",
            "cep ⟦0532 123 45 67⟧",
            "05321234567, +906321234567",
        ],
    );
    check(
        Category::TR_PHONE_NUMBER,
        40,
        &[
            "⟦05321234567⟧ ⟦0216 123 45 67⟧, ⟦3121234567⟧",
            "6123456789, 53212345678, 15053212345678",
        ],
    );
}
