//! The detectors and the forms of replaced values, built from the configuration.

use crate::config::{CustomDetector, Guardrails, Placeholder, Redaction, Secret, WrongValue};
use crate::forms::{Forms, MaskOf};
use palisade_guardrails::{
    Category, Confidence, Custom, CustomError, CustomShape, Engine, Error, Options, Regions, Specimen,
    TokenKey,
};
use std::collections::BTreeSet;
use toml::Spanned;

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

fn key(secret: &Secret) -> Result<TokenKey, WrongValue> {
    let bytes = secret
        .bytes()
        .map_err(|(member, why)| wrong(&format!("tokenize.{member}"), &why))?;
    Ok(TokenKey::new(&bytes))
}

fn wrong(key: &str, why: &str) -> WrongValue {
    WrongValue::at(None, format!("guardrails.{key}"), why)
}

#[cfg(test)]
mod tests {
    use super::*;

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
