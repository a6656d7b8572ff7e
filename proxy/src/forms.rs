//! What takes the place of values: by configuration, the same for every exchange.

use crate::registry::Identity;
use crate::seal::Seal;
use palisade_guardrails::{Category, TokenKey, mask};
use palisade_policies::PrincipalKind;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Letters and digits that a partial mask shows, as receipts do (PCI DSS 4.0, requirement 3.4.1).
const SHOWN: usize = 4;

/// What seals where no key is configured: nothing that was sealed outlives the process then.
static SEALS_OF_THIS_PROCESS: LazyLock<TokenKey> = LazyLock::new(|| {
    let random = ring::rand::generate::<[u8; 32]>(&ring::rand::SystemRandom::new());
    // Without randomness nothing is sealed either: each seal needs some.
    TokenKey::new(&random.map(ring::rand::Random::expose).unwrap_or_default())
});

/// The categories whose redacted values are masked instead of named.
#[derive(Debug)]
pub enum MaskOf {
    /// All.
    Everything,
    /// These.
    These(BTreeSet<Category>),
}

/// The forms in which values are replaced, and where they may be put back.
#[derive(Debug)]
pub struct Forms {
    masked: MaskOf,
    /// Values of these can come in several pieces, of which nobody keeps the first until the last is there.
    in_pieces: BTreeSet<Category>,
    key: Option<TokenKey>,
    restore_tool_arguments: bool,
}

impl Forms {
    /// Forms with a mask for `masked`, and with tokens if there is a `key` to derive them from.
    ///
    /// A private key and whatever else has no longest length is named even where it is to be masked: in a stream it
    /// passes in pieces, and its end is not known when its place must be filled.
    #[must_use]
    pub fn new(masked: MaskOf, key: Option<TokenKey>, restore_tool_arguments: bool) -> Self {
        let in_pieces = palisade_guardrails::rows()
            .filter(|row| row.terminator.is_some() || row.overflow.is_some())
            .map(|row| row.category);
        Self {
            masked,
            in_pieces: in_pieces.collect(),
            key,
            restore_tool_arguments,
        }
    }

    /// Whether redacted values of a category are masked.
    #[must_use]
    pub fn masks(&self, category: Category) -> bool {
        let meant = match &self.masked {
            MaskOf::Everything => true,
            MaskOf::These(categories) => categories.contains(&category),
        };
        meant && !self.in_pieces.contains(&category)
    }

    /// What stands in the place of a redacted value.
    #[must_use]
    pub fn redacted(&self, category: Category, value: &str) -> Cow<'static, str> {
        match self.masks(category) {
            true => Cow::Owned(mask(value, SHOWN)),
            false => Cow::Borrowed(category.placeholder()),
        }
    }

    /// Whether values may be put back in tool arguments.
    #[must_use]
    pub fn restores_tool_arguments(&self) -> bool {
        self.restore_tool_arguments
    }

    /// The key for the tokens of one principal: the same for all its conversations, and for nobody else's.
    #[must_use]
    pub fn key_of(&self, principal: &Identity) -> Option<TokenKey> {
        let tenant = self.key.as_ref()?.derive(principal.tenant().id());
        Some(tenant.derive(kind_of(principal)).derive(principal.id()))
    }

    /// What one principal's signatures are sealed under.
    #[must_use]
    pub fn seal_of(&self, principal: &Identity) -> Seal {
        let root = self.key.as_ref().unwrap_or_else(|| &*SEALS_OF_THIS_PROCESS);
        // No id holds a zero byte.
        let caller = [principal.tenant().id(), kind_of(principal), principal.id()].join("\0");
        Seal::new(root.clone(), caller)
    }
}

fn kind_of(principal: &Identity) -> &'static str {
    match principal.facts().facts().kind {
        PrincipalKind::User { .. } => "User",
        PrincipalKind::Application { .. } => "Application",
    }
}
