//! What rows for services have in common.

use crate::detector::{Before, Detector, PLAIN};
use crate::finding::Confidence;

/// A token whose prefix and length nothing else has. It outranks the rows for secrets of unknown kind.
pub(super) const TOKEN: Detector = Detector {
    alone: Confidence::CERTAIN,
    in_context: Confidence::CERTAIN,
    validator: "length, kinds of characters, entropy",
    ..PLAIN
};

/// A value that only what it is assigned to tells from others.
pub(super) const ASSIGNED: Detector = Detector {
    before: Before::Assigned,
    alone: Confidence::WEAK,
    in_context: Confidence::VALIDATED_TOLD,
    validator: "length, entropy",
    ..PLAIN
};

/// A token that could be something else, unless a telling word says what it is.
pub(super) const DOUBTFUL: Detector = Detector {
    alone: Confidence::SHAPE,
    in_context: Confidence::VALIDATED_TOLD,
    validator: "length, kinds of characters, entropy",
    ..PLAIN
};
