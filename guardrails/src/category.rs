//! The categories a detector can report, and the forest they form for policies.

use std::fmt;
use std::iter;

/// Groups and the group each belongs to. A group that is nobody's child (`PII`, `Credential`) is a root.
const GROUPS: &[(&str, &str)] = &[
    ("Contact", "PII"),
    ("Financial", "PII"),
    ("PCI", "Financial"),
    ("GovernmentId", "PII"),
    ("Network", "PII"),
];

macro_rules! catalogue {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $group:literal;)+) => {
        /// A kind of personal data or secret. Names are Amazon Bedrock's where Bedrock has the type
        /// (API reference, `GuardrailPiiEntityConfig`); others are this project's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category {
            $($(#[$doc])* $variant,)+
        }

        impl Category {
            /// Every category, in catalogue order.
            pub const fn all() -> &'static [Category] {
                &[$(Category::$variant),+]
            }

            /// The name that policies, configuration and audit records use.
            pub const fn name(self) -> &'static str {
                match self { $(Category::$variant => $name),+ }
            }

            /// What stands in for a redacted value: the name in braces, as Bedrock guardrails write it.
            pub const fn placeholder(self) -> &'static str {
                match self { $(Category::$variant => concat!("{", $name, "}")),+ }
            }

            /// The group this category belongs to.
            pub const fn parent(self) -> &'static str {
                match self { $(Category::$variant => $group),+ }
            }
        }
    };
}

catalogue! {
    /// An e-mail address.
    Email = "EMAIL" in "Contact";
    /// A telephone number.
    Phone = "PHONE" in "Contact";
    /// A payment card number.
    CreditDebitCardNumber = "CREDIT_DEBIT_CARD_NUMBER" in "PCI";
    /// A United States social security number.
    UsSocialSecurityNumber = "US_SOCIAL_SECURITY_NUMBER" in "GovernmentId";
    /// An IP address.
    IpAddress = "IP_ADDRESS" in "Network";
    /// An AWS access key id.
    AwsAccessKey = "AWS_ACCESS_KEY" in "Credential";
    /// A private key in PEM or OpenPGP armour.
    SecretPrivateKey = "SECRET_PRIVATE_KEY" in "Credential";
}

impl Category {
    /// The category called `name`; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Category> {
        Self::all()
            .iter()
            .copied()
            .find(|category| category.name() == name)
    }

    /// The groups this category is in, nearest first, up to the root.
    pub fn ancestors(self) -> impl Iterator<Item = &'static str> {
        iter::successors(Some(self.parent()), |group| {
            GROUPS
                .iter()
                .find(|(child, _)| child == group)
                .map(|(_, parent)| *parent)
        })
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every edge of the forest as (child, parent): each category under its group, and each group that is not a root under its own.
pub fn forest() -> impl Iterator<Item = (&'static str, &'static str)> {
    let categories = Category::all()
        .iter()
        .map(|category| (category.name(), category.parent()));
    categories.chain(GROUPS.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn names_round_trip_and_refuse_unknown_ones() {
        for &category in Category::all() {
            assert_eq!(Category::from_name(category.name()), Some(category));
            assert_eq!(category.placeholder(), format!("{{{category}}}"));
        }
        assert_eq!(Category::from_name("email"), None);
    }

    #[test]
    fn every_category_reaches_a_root_and_no_child_has_two_parents() {
        let mut parents = HashMap::new();
        for (child, parent) in forest() {
            assert_eq!(parents.insert(child, parent), None, "{child} is listed twice");
        }
        for category in Category::all() {
            let root = category.ancestors().take(GROUPS.len() + 1).last().unwrap();
            assert!(["PII", "Credential"].contains(&root), "{category} ends in {root}");
        }
    }

    #[test]
    fn cards_are_payment_data_financial_data_and_personal_data() {
        let ancestors: Vec<_> = Category::CreditDebitCardNumber.ancestors().collect();
        assert_eq!(ancestors, ["PCI", "Financial", "PII"]);
    }
}
