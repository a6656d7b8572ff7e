//! The detectors and the forms of replaced values, built from the configuration.

use crate::config::{CustomDetector, Guardrails, Placeholder, Redaction, TokenSecret, WrongValue};
use crate::forms::{Forms, MaskOf};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_guardrails::{
    Category, Confidence, Custom, CustomError, CustomShape, Engine, Error, Options, Regions, Specimen,
    TokenKey,
};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use toml::Spanned;

/// The bits of a file's mode that let everybody read or write it.
const EVERYBODY: u32 = 0o006;

/// The detectors, and what takes the place of values.
///
/// # Errors
/// Everything that is wrong with `[guardrails]`.
pub(super) fn build(config: &Guardrails) -> Result<(Engine, Forms), Vec<WrongValue>> {
    let wrong = config.check();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    match (detectors(config), replacements(config)) {
        (Ok(engine), Ok(forms)) => Ok((engine, forms)),
        (engine, forms) => Err(engine.err().into_iter().flatten().chain(forms.err()).collect()),
    }
}

fn detectors(config: &Guardrails) -> Result<Engine, Vec<WrongValue>> {
    let mut found = Vec::new();
    let mut customs = Vec::new();
    for custom in &config.custom {
        match self::custom(custom.get_ref()) {
            Ok(custom) => customs.push(custom),
            Err(wrong) => found.push(WrongValue {
                at: Some(custom.span().start),
                ..wrong
            }),
        }
    }
    // What other keys say may rest on a detector that is wrong.
    if found.is_empty() {
        engine(config, customs).map_err(|wrong| vec![wrong])
    } else {
        Err(found)
    }
}

fn engine(config: &Guardrails, custom: Vec<Custom>) -> Result<Engine, WrongValue> {
    let categories = match &config.detectors {
        Some(names) => categories("detectors", names)?.into_iter().collect(),
        // Links are part of most work: only who asks for them loses them.
        None => Category::all()
            .iter()
            .copied()
            .filter(|category| *category != Category::URL)
            .collect(),
    };
    let regions = Regions::new(config.phone_regions.iter().map(String::as_str))
        .map_err(|why| wrong("phone_regions", &why.to_string()))?;
    let specimens = config.specimens.iter().map(|name| specimen(name));
    let options = Options {
        specimens: specimens.collect::<Result<_, _>>()?,
        custom,
        categories,
        minimum: Confidence::new(config.minimum_confidence),
        regions,
    };
    Engine::with(options).map_err(|error| unbuilt(&error, &config.custom))
}

fn specimen(name: &str) -> Result<Specimen, WrongValue> {
    Specimen::from_name(name).ok_or_else(|| {
        let known = Specimen::ALL.map(Specimen::name).join(", ");
        wrong("specimens", &format!("`{name}` is none of {known}"))
    })
}

/// Why there is no engine, and which detector of the operator's own is to blame.
fn unbuilt(error: &Error, all: &[Spanned<CustomDetector>]) -> WrongValue {
    let Error::Custom(category, cause) = error else {
        let key = if matches!(error, Error::Words) {
            "custom"
        } else {
            "detectors"
        };
        return wrong(key, &chain(error));
    };
    let (key, advice) = match cause {
        CustomError::Pattern(_) => (
            "custom.regex",
            "; write it without look-around and back-references, and with smaller repeats",
        ),
        CustomError::Long(_) | CustomError::LookAround | CustomError::Empty => ("custom.regex", ""),
        CustomError::UnknownCheck(_) => ("custom.check", ""),
        CustomError::Count(_) => (
            "custom.words",
            "; detectors of the same name can share a longer one",
        ),
        CustomError::Word(_) => ("custom.words", ""),
    };
    let blamed = all.iter().find(|custom| {
        let custom = custom.get_ref();
        custom.name == category.name() && custom.regex.is_some() == (key != "custom.words")
    });
    let key = match blamed.map(Spanned::get_ref) {
        Some(custom) if custom.words_file.is_some() => "custom.words_file",
        _ => key,
    };
    let wrong = wrong(key, &format!("{category}: {}{advice}", chain(cause)));
    WrongValue {
        at: blamed.map(|custom| custom.span().start),
        ..wrong
    }
}

/// An error and what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// A detector of the operator's own. Its category is known from here on.
fn custom(config: &CustomDetector) -> Result<Custom, WrongValue> {
    let category = Category::custom(&config.name).map_err(|why| wrong("custom.name", &why.to_string()))?;
    let listed = |text: String| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let shape = match (&config.regex, &config.words, &config.words_file) {
        (Some(regex), ..) => CustomShape::Pattern {
            regex: regex.clone(),
            whole_words: config.whole_words,
        },
        (None, Some(words), _) => CustomShape::Words(words.clone()),
        (None, None, Some(file)) => {
            let unread = |error| wrong("custom.words_file", &format!("{}: {error}", file.display()));
            CustomShape::Words(std::fs::read_to_string(file).map(listed).map_err(unread)?)
        }
        (None, None, None) => return Err(wrong("custom", "set one of `regex`, `words` and `words_file`")),
    };
    Ok(Custom {
        category,
        shape,
        check: config.check.clone(),
        telling: config.telling.clone(),
        confidence: Confidence::new(config.confidence),
    })
}

fn replacements(config: &Guardrails) -> Result<Forms, WrongValue> {
    let masked = match &config.redaction {
        Redaction::Word(Placeholder::Name) => MaskOf::These(BTreeSet::new()),
        Redaction::Word(Placeholder::Mask) => MaskOf::Everything,
        Redaction::Masked(masked) => MaskOf::These(categories("redaction.mask", &masked.mask)?),
    };
    let key = config.tokenize.as_ref().map(key).transpose()?;
    Ok(Forms::new(masked, key, config.restore_tool_arguments))
}

/// The categories with these names, and those in groups with these names. Custom categories must have been made before.
fn categories(key: &str, names: &[String]) -> Result<BTreeSet<Category>, WrongValue> {
    let forest = palisade_guardrails::forest();
    let known: Vec<Category> = forest
        .iter()
        .filter_map(|(child, _)| Category::from_name(child))
        .collect();
    let mut all = BTreeSet::new();
    for name in names {
        let named =
            |category: &&Category| category.name() == name || category.ancestors().any(|group| group == name);
        let mut found = known.iter().filter(named).copied().peekable();
        if found.peek().is_none() {
            return Err(wrong(key, &format!("`{name}` is neither a category nor a group")));
        }
        all.extend(found);
    }
    Ok(all)
}

fn key(secret: &TokenSecret) -> Result<TokenKey, WrongValue> {
    let (place, text) = match (&secret.key_file, &secret.key_env) {
        (Some(file), _) => ("tokenize.key_file", private_text(file)?),
        (None, Some(name)) => {
            let unset = |_| wrong("tokenize.key_env", &format!("{name} is not set"));
            ("tokenize.key_env", std::env::var(name).map_err(unset)?)
        }
        (None, None) => return Err(wrong("tokenize", "set `key_file` or `key_env`")),
    };
    let bytes = thirty_two(text.trim()).ok_or_else(|| {
        wrong(
            place,
            "does not hold 32 bytes in base64 or hexadecimal; `openssl rand -base64 32` makes some",
        )
    })?;
    Ok(TokenKey::new(&bytes))
}

fn private_text(file: &Path) -> Result<String, WrongValue> {
    let wrong = |why: &str| wrong("tokenize.key_file", &format!("{}: {why}", file.display()));
    let metadata = std::fs::metadata(file).map_err(|error| wrong(&error.to_string()))?;
    if metadata.permissions().mode() & EVERYBODY != 0 {
        return Err(wrong("everybody may read or write it; `chmod 600` it"));
    }
    std::fs::read_to_string(file).map_err(|error| wrong(&error.to_string()))
}

/// 64 hexadecimal digits, or base64 with padding (RFC 4648 section 4).
fn thirty_two(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let hexadecimal = || -> Option<Vec<u8>> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        pairs
            .iter()
            .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?))
            .collect()
    };
    let bytes = hexadecimal()
        .filter(|bytes| bytes.len() == 32)
        .or_else(|| STANDARD.decode(text).ok())?;
    bytes.try_into().ok()
}

fn wrong(key: &str, why: &str) -> WrongValue {
    WrongValue::at(None, format!("guardrails.{key}"), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_32_bytes_in_hexadecimal_and_base64_and_nothing_else() {
        let bytes: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(thirty_two(&hex), Some(bytes));
        assert_eq!(thirty_two(&hex.to_uppercase()), Some(bytes));
        assert_eq!(thirty_two(&STANDARD.encode(bytes)), Some(bytes));
        for wrong in [
            "",
            "x",
            &hex[1..],
            &hex[2..],
            &STANDARD.encode(&bytes[1..]),
            &"é".repeat(32),
        ] {
            assert_eq!(thirty_two(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn takes_categories_and_groups_and_names_what_is_neither() {
        let names = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            categories("detectors", &names).map_err(|fault| format!("{}: {}", fault.key, fault.why))
        };
        let one = names(&["EMAIL"]).unwrap();
        assert_eq!(one.into_iter().collect::<Vec<_>>(), [Category::EMAIL]);
        let cards = names(&["PCI", "CREDIT_DEBIT_CARD_NUMBER"]).unwrap();
        assert!(cards.contains(&Category::CREDIT_DEBIT_CARD_NUMBER));
        assert!(!cards.contains(&Category::EMAIL));
        assert!(names(&["PII"]).unwrap().is_superset(&cards));
        let message = names(&["EMAIL", "EMIAL"]).unwrap_err();
        assert!(
            message.starts_with("guardrails.detectors") && message.contains("`EMIAL`"),
            "{message}"
        );
    }
}
