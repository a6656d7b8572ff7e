use super::*;
use crate::category::Category;

fn key(seed: u8) -> TokenKey {
    TokenKey::new(&[seed; 32])
}

/// An exchange that issued tokens for `values`, and the tokens.
fn issued(values: &[(Category, &str)]) -> (Pseudonyms, Vec<String>) {
    let mut pseudonyms = Pseudonyms::new(key(1));
    let token = |&(category, value): &(Category, &str)| pseudonyms.token(category, value).unwrap().to_owned();
    let tokens = values.iter().map(token).collect();
    (pseudonyms, tokens)
}

fn restored(pseudonyms: &Pseudonyms, text: &str) -> String {
    let mut out = String::new();
    let mut restorer = Restorer::default();
    let mut sink = |part: Restored<'_>| {
        out.push_str(match part {
            Restored::Text(text) => text,
            Restored::Value { value, .. } => value,
        });
    };
    restorer.push(pseudonyms, text, &mut sink);
    restorer.finish(pseudonyms, &mut sink);
    out
}

#[test]
fn a_value_has_one_token_for_each_category() {
    let (pseudonyms, tokens) = issued(&[
        (Category::EMAIL, "ada@example.org"),
        (Category::PHONE, "+14155552671"),
        (Category::EMAIL, "bob@example.org"),
        (Category::EMAIL, "ada@example.org"),
        (Category::USERNAME, "ada@example.org"),
    ]);
    assert_eq!(tokens[0], tokens[3]);
    assert_eq!((pseudonyms.len(), pseudonyms.is_empty()), (4, false));
    let begins = ["<EMAIL_", "<PHONE_", "<EMAIL_", "<EMAIL_", "<USERNAME_"];
    for (token, begin) in tokens.iter().zip(begins) {
        let check = token.strip_prefix(begin).unwrap().strip_suffix('>').unwrap();
        assert_eq!(check.len(), 8, "{token}");
        let digit = |c: char| c.is_ascii_digit() || (c.is_ascii_lowercase() && !"ilou".contains(c));
        assert!(check.chars().all(digit), "{token}");
    }
}

#[test]
fn the_check_part_depends_on_key_category_and_value() {
    let tenant = key(1).derive("a");
    let keys = [
        &tenant,
        &key(1),
        &key(2),
        &key(1).derive("b"),
        &key(1).derive(""),
        &key(2).derive("a"),
        &tenant.derive("a"),
    ];
    let mut checks: Vec<String> = keys.iter().map(|key| key.check(Category::EMAIL, "v")).collect();
    checks.extend([
        tenant.check(Category::PHONE, "v"),
        tenant.check(Category::EMAIL, "w"),
    ]);
    let different: std::collections::HashSet<_> = checks.iter().collect();
    assert_eq!(different.len(), checks.len(), "{checks:?}");
    assert_eq!(key(1).derive("a").check(Category::EMAIL, "v"), checks[0]);
}

/// Known answers, computed with Python's `hmac` module: tokens outlive a release, because prompt caches do.
#[test]
fn tokens_do_not_change_from_release_to_release() {
    let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[7; 32]).derive("acme"));
    let known = [
        (Category::EMAIL, "ada@example.org", "<EMAIL_qftecg37>"),
        (Category::PHONE, "+14155552671", "<PHONE_k5yc50cb>"),
        (Category::EMAIL, "bob@example.org", "<EMAIL_awmcdnvm>"),
    ];
    for (category, value, token) in known {
        assert_eq!(pseudonyms.token(category, value), Ok(token));
    }
}

/// Restores each template with its body in the place of `{}`, and compares with what is expected, filled in alike.
fn check_restored(pseudonyms: &Pseudonyms, cases: &[(&str, &str, &str)]) {
    for (template, body, expected) in cases {
        let text = template.replace("{}", body);
        assert_eq!(
            restored(pseudonyms, &text),
            expected.replace("{}", body),
            "{text}"
        );
    }
}

#[test]
fn restores_tokens_in_the_spellings_that_models_give_them_and_nothing_else() {
    let (pseudonyms, tokens) = issued(&[(Category::IP_ADDRESS, "8.8.8.8")]);
    let body = tokens[0].trim_matches(['<', '>']);
    let cases = [
        // As issued, whatever is around it.
        ("{}", body, "8.8.8.8"),
        ("<{}>", body, "8.8.8.8"),
        ("a<{}>b", body, "a8.8.8.8b"),
        ("<{}><{}>", body, "8.8.8.88.8.8.8"),
        ("<<{}>>", body, "<8.8.8.8>"),
        (r"CORP\<{}>", body, r"CORP\8.8.8.8"),
        ("&lt;<{}>&gt;", body, "&lt;8.8.8.8&gt;"),
        // In another case.
        ("<{}>", &body.to_uppercase(), "8.8.8.8"),
        ("<{}>", &body.to_lowercase(), "8.8.8.8"),
        // Escaped for Markdown, HTML and JSON.
        (r"\<{}\>", &body.replace('_', r"\_"), "8.8.8.8"),
        (r"<{}>", &body.replacen('_', r"\_", 1), "8.8.8.8"),
        ("&lt;{}&gt;", body, "8.8.8.8"),
        ("&LT;{}&Gt;", body, "8.8.8.8"),
        (r"x\u003c{}\u003E", body, "x8.8.8.8"),
        ("?to=%3C{}%3e&", body, "?to=8.8.8.8&"),
        // Over a line break.
        ("<{}>", &body.replacen('_', "_\n", 1), "8.8.8.8"),
        ("<{}>", &body.replace("DRESS", "DRE\r\nSS"), "8.8.8.8"),
        ("<\n{}>", body, "8.8.8.8"),
        ("<{}\n>", body, "8.8.8.8"),
        // Emphasised, linked, with one delimiter or none.
        ("**{}**", body, "**8.8.8.8**"),
        ("_{}_", body, "_8.8.8.8_"),
        ("`{}`, {}.", body, "`8.8.8.8`, 8.8.8.8."),
        ("[{}](http://{}/)", body, "[8.8.8.8](http://8.8.8.8/)"),
        ("<{}", body, "<8.8.8.8"),
        ("{}>", body, "8.8.8.8>"),
        (r"\<{}>", body, r"\8.8.8.8"),
        ("< {} >", body, "< 8.8.8.8 >"),
        ("中{}é", body, "中8.8.8.8é"),
        // Part of another word.
        ("x{}", body, "x{}"),
        ("{}x", body, "{}x"),
        ("1{} {}1", body, "1{} {}1"),
        (r"\u003c{} x", body, r"\u003c{} x"),
    ];
    check_restored(&pseudonyms, &cases);
}

#[test]
fn what_was_not_issued_or_is_cut_short_stays() {
    let (pseudonyms, tokens) = issued(&[(Category::IP_ADDRESS, "8.8.8.8")]);
    let body = tokens[0].trim_matches(['<', '>']);
    let (front, check) = body.split_at(body.len() - 8);
    let wrong = front.to_owned()
        + if check == "00000000" {
            "00000001"
        } else {
            "00000000"
        };
    let cases = [
        ("<{}>", wrong.as_str(), "<{}>"),
        ("<{}>", &body.replace("ADDRESS_", "ADDRESS_1_"), "<{}>"),
        ("<{}>", &body.replace("ADDRESS_", "ADDRESS__"), "<{}>"),
        // Over two line breaks, or blanks, or without delimiters.
        ("<{}>", &body.replace('_', "_\n"), "<{}>"),
        ("<{}>", &body.replacen('_', "_ ", 1), "<{}>"),
        ("{}", &body.replacen('_', "_\n", 1), "{}"),
        ("<{}>", &body.replace("IP_", "IP"), "<{}>"),
        ("<{}>", &body.replace("IP_ADDRESS", "EMAIL"), "<{}>"),
        // Cut short.
        ("<{}", &body[..body.len() - 1], "<{}"),
        ("<{}>", &body[..body.len() - 1], "<{}>"),
    ];
    check_restored(&pseudonyms, &cases);
}

/// A configuration can name a category so that one token begins with another.
#[test]
fn the_longer_of_two_tokens_counts_once_it_is_whole() {
    let (mut pseudonyms, tokens) = issued(&[(Category::EMAIL, "short")]);
    let short = tokens[0].trim_matches(['<', '>']);
    let named_alike = Category::custom(&short.to_uppercase()).unwrap();
    let long = pseudonyms.token(named_alike, "long").unwrap().to_owned();
    let long = long.trim_matches(['<', '>']);
    let cut = &long[..long.len() - 1];
    for (text, expected) in [
        (short, "short".to_owned()),
        (long, "long".to_owned()),
        (cut, cut.replace(&short.to_uppercase(), "short")),
        (&format!("<{short}><{long}>"), "shortlong".to_owned()),
    ] {
        assert_eq!(restored(&pseudonyms, text), expected, "{text}");
    }
}

#[test]
fn tokens_of_other_exchanges_stay_literal() {
    let (_, tokens) = issued(&[(Category::EMAIL, "ada@example.org"), (Category::EMAIL, "b@c.de")]);
    let mut another_key = Pseudonyms::new(key(2));
    for value in ["ada@example.org", "b@c.de"] {
        assert!(another_key.token(Category::EMAIL, value).is_ok());
    }
    let text = tokens.concat();
    for other in [Pseudonyms::new(key(1)), another_key] {
        assert_eq!(restored(&other, &text), text);
    }
    let (another_order, _) = issued(&[(Category::EMAIL, "b@c.de"), (Category::EMAIL, "ada@example.org")]);
    assert_eq!(restored(&another_order, &text), "ada@example.orgb@c.de");
}

#[test]
fn with_nothing_issued_text_passes_at_once_and_uncopied() {
    let pseudonyms = Pseudonyms::new(key(1));
    let mut restorer = Restorer::default();
    let text = r"<EMAIL_k7mq2x0a> \<E &lt;EMAIL_";
    let mut parts = Vec::new();
    restorer.push(&pseudonyms, text, &mut |part| match part {
        Restored::Text(text) => parts.push((text.as_ptr(), text.len())),
        Restored::Value { .. } => panic!("a value that nobody has"),
    });
    assert_eq!(parts, [(text.as_ptr(), text.len())]);
    assert_eq!(restorer.held(), 0);
}

#[test]
fn the_number_of_values_and_the_hold_are_bounded() {
    let name = format!("A{}", "_".repeat(63));
    let category = Category::custom(&name).unwrap();
    let mut pseudonyms = Pseudonyms::new(key(1));
    let mut last = String::new();
    for value in 0..Pseudonyms::VALUES_MAX {
        last = pseudonyms.token(category, &value.to_string()).unwrap().to_owned();
    }
    assert_eq!(last.len(), Pseudonyms::TOKEN_BYTES_MAX);
    assert_eq!(pseudonyms.token(category, "one more"), Err(TooManyPseudonyms));
    assert_eq!(pseudonyms.token(Category::EMAIL, "0"), Err(TooManyPseudonyms));
    assert_eq!(pseudonyms.token(category, "65535"), Ok(last.as_str()));
    assert_eq!(pseudonyms.len(), Pseudonyms::VALUES_MAX);

    let body = last.trim_matches(['<', '>']).replace('_', r"\_");
    let spelling = format!("\\u003c\r\n{body}\\u003e");
    let mut restorer = Restorer::default();
    let mut out = Vec::new();
    let mut longest = 0;
    for byte in spelling.chars() {
        let text = byte.to_string();
        restorer.push(&pseudonyms, &text, &mut |part| out.push(format!("{part:?}")));
        longest = longest.max(restorer.held());
    }
    assert_eq!(longest, Restorer::HELD_BYTES_MAX);
    assert_eq!(out.len(), 1);
}

#[test]
fn the_bytes_of_values_are_bounded() {
    let mut pseudonyms = Pseudonyms::new(key(1));
    let value = |n: usize| format!("{n:02}{}", "x".repeat(1024 * 1024 - 2));
    for n in 0..16 {
        assert!(pseudonyms.token(Category::URL, &value(n)).is_ok());
    }
    for category in [Category::URL, Category::EMAIL] {
        assert_eq!(pseudonyms.token(category, "x"), Err(TooManyPseudonyms));
    }
    assert!(pseudonyms.token(Category::URL, &value(15)).is_ok());
    assert_eq!(pseudonyms.len(), 16);
    assert_eq!(restored(&pseudonyms, "EMAIL_"), "EMAIL_");
}

#[test]
fn debug_output_shows_neither_values_nor_tokens_nor_keys() {
    let (pseudonyms, tokens) = issued(&[(Category::EMAIL, "ada@example.org")]);
    let mut restorer = Restorer::default();
    let mut shown = vec![format!("{:?}", key(65)), format!("{pseudonyms:?}")];
    let text = format!("see {} and {}", tokens[0], &tokens[0][..9]);
    restorer.push(&pseudonyms, &text, &mut |part| shown.push(format!("{part:?}")));
    shown.push(format!("{restorer:?}"));
    let expected = [
        "TokenKey",
        "Pseudonyms { values: 1, bytes: 15, .. }",
        "Text { bytes: 4 }",
        "Value { category: EMAIL, .. }",
        "Text { bytes: 5 }",
        "Restorer { held: 9, .. }",
    ];
    assert_eq!(shown, expected);
}
