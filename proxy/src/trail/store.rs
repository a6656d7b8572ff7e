//! What a log needs of the disk: a folder of segments, or in tests one that fails.

use super::segment::Segment;
use palisade_audit::Store;
use std::io;

/// What holds the segments of a log.
pub(super) trait Disk {
    /// A segment that is written.
    type File: Room;

    /// The segments that are there, in their order.
    fn segments(&self) -> io::Result<Vec<Segment>>;

    /// What is in one.
    fn read(&self, segment: &Segment) -> io::Result<Vec<u8>>;

    /// Makes this all that is in one, and durable. CRASH: it is written again, for what was read may be known to nothing but the memory of a system
    /// whose last sync failed.
    fn settle(&mut self, segment: &Segment, whole: &[u8]) -> io::Result<()>;

    /// The place of a segment that is to be made.
    fn place(&self, first: u64, number: u64) -> Segment;

    /// Makes a segment. CRASH: it is there afterwards, whatever happens.
    fn create(&mut self, segment: &Segment) -> io::Result<Self::File>;

    /// Takes a segment away that nobody relies on.
    fn remove(&mut self, segment: &Segment);

    /// Has the next segment made ahead.
    fn prepare(&mut self);

    /// Whether the next segment is made.
    fn is_prepared(&mut self) -> bool;
}

/// A segment, and the room that is made in it ahead of writing.
pub(super) trait Room: Store {
    /// How many bytes there is room for.
    fn room(&self) -> u64;

    /// Takes away the room that was not needed. It changes nothing for anybody who reads the segment.
    fn trim(&self);
}
