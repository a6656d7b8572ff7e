//! A disk that fails: what was not synced is there or not after a crash, sector by sector, and so are names of files.

use crate::trail::segment::Segment;
use crate::trail::store::{Disk, Room};
use palisade_audit::Store;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// What goes wrong, by the number of the operation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// From here on nothing is done.
    pub(super) crash: u64,
    /// A sync that fails, once. What it was to write never is, though the next one succeeds.
    pub(super) sync: u64,
    /// From here on there is no room, for so many operations.
    pub(super) full: (u64, u64),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    /// As the running system reads it.
    cache: Vec<u8>,
    /// As it is after a crash.
    disk: Vec<u8>,
    /// Sectors of the cache that are to be written.
    dirty: BTreeSet<usize>,
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    /// Files by their first record and number.
    names: BTreeMap<(u64, u64), usize>,
    durable_names: BTreeMap<(u64, u64), usize>,
    operations: u64,
    faults: Faults,
}

/// The disk; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Simulated(Arc<Mutex<State>>);

/// Numbers that look like chance, the same each time.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn flip(&mut self) -> bool {
        self.next() & 1 == 1
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

impl State {
    /// Counts an operation. False when the machine is down.
    fn alive(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.faults.crash > 0 && self.operations >= self.faults.crash {
            true => Err(io::Error::other("the machine is down")),
            false => Ok(()),
        }
    }

    fn has_room(&self) -> bool {
        let (from, count) = self.faults.full;
        from == 0 || self.operations < from || self.operations >= from + count
    }

    fn sync(&mut self, inode: usize) -> io::Result<()> {
        self.alive()?;
        let fails = self.operations == self.faults.sync;
        let file = &mut self.inodes[inode];
        let dirty = std::mem::take(&mut file.dirty);
        if fails {
            return Err(io::Error::other("the disk cannot be written"));
        }
        file.disk.resize(file.cache.len(), 0);
        for sector in dirty {
            copy(sector, &file.cache, &mut file.disk);
        }
        Ok(())
    }
}

fn copy(sector: usize, from: &[u8], to: &mut Vec<u8>) {
    let (start, end) = (sector * SECTOR, ((sector + 1) * SECTOR).min(from.len()));
    if start < end {
        if to.len() < end {
            to.resize(end, 0);
        }
        to[start..end].copy_from_slice(&from[start..end]);
    }
}

impl Simulated {
    pub(super) fn failing(faults: Faults) -> Self {
        let disk = Self::default();
        disk.0.lock().faults = faults;
        disk
    }

    pub(super) fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    /// The disk after the process was killed, and not the machine.
    pub(super) fn after_kill(&self) -> Self {
        let state = self.0.lock();
        Self(Arc::new(Mutex::new(State {
            inodes: state.inodes.clone(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            operations: 0,
            faults: Faults::default(),
        })))
    }

    /// The disk as it may be after the machine went down, with faults of its own.
    pub(super) fn after_crash(&self, chance: &mut Chance, faults: Faults) -> Self {
        let state = self.0.lock();
        let mut names = state.durable_names.clone();
        for (name, inode) in &state.names {
            if !names.contains_key(name) && chance.flip() {
                names.insert(*name, *inode);
            }
        }
        names.retain(|name, _| state.names.contains_key(name) || chance.flip());
        let mut inodes = Vec::new();
        for file in &state.inodes {
            let mut disk = file.disk.clone();
            if disk.len() > file.cache.len() && chance.flip() {
                disk.truncate(file.cache.len());
            }
            for sector in &file.dirty {
                if chance.flip() {
                    copy(*sector, &file.cache, &mut disk);
                }
            }
            inodes.push(Inode {
                cache: disk.clone(),
                disk,
                dirty: BTreeSet::new(),
            });
        }
        Self(Arc::new(Mutex::new(State {
            inodes,
            durable_names: names.clone(),
            names,
            operations: 0,
            faults,
        })))
    }
}

/// A file of it.
#[derive(Debug)]
pub(super) struct SimulatedFile {
    disk: Simulated,
    inode: usize,
    before: usize,
    length: usize,
}

impl Disk for Simulated {
    type File = SimulatedFile;

    fn segments(&self) -> io::Result<Vec<Segment>> {
        let state = self.0.lock();
        let names = state.names.keys();
        Ok(names.map(|(first, number)| self.place(*first, *number)).collect())
    }

    fn read(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        let state = self.0.lock();
        Ok(state.inodes[state.names[&(segment.first, segment.number)]]
            .cache
            .clone())
    }

    fn settle(&mut self, segment: &Segment, whole: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.alive()?;
        let inode = state.names[&(segment.first, segment.number)];
        let file = &mut state.inodes[inode];
        file.cache = whole.to_vec();
        file.dirty.extend(0..=whole.len() / SECTOR);
        state.sync(inode)
    }

    fn place(&self, first: u64, number: u64) -> Segment {
        Segment::new(Path::new("disk"), first, number)
    }

    fn create(&mut self, segment: &Segment) -> io::Result<SimulatedFile> {
        let mut state = self.0.lock();
        state.alive()?;
        if !state.has_room() {
            return Err(io::Error::other("there is no room"));
        }
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.names.insert((segment.first, segment.number), inode);
        state.alive()?;
        state.durable_names = state.names.clone();
        Ok(SimulatedFile {
            disk: self.clone(),
            inode,
            before: 0,
            length: 0,
        })
    }

    fn remove(&mut self, segment: &Segment) {
        let mut state = self.0.lock();
        if state.alive().is_ok() {
            state.names.remove(&(segment.first, segment.number));
        }
    }

    fn prepare(&mut self) {}

    fn is_prepared(&mut self) -> bool {
        false
    }
}

impl Store for SimulatedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let down = state.alive();
        let room = state.has_room();
        // Whatever fails has written some of it before.
        let written = if room { bytes } else { &bytes[..bytes.len() / 2] };
        let file = &mut state.inodes[self.inode];
        self.before = self.length;
        file.cache.truncate(self.length);
        file.cache.extend_from_slice(written);
        let touched = self.length / SECTOR..=(self.length + written.len()) / SECTOR;
        file.dirty.extend(touched);
        down?;
        if !room {
            return Err(io::Error::other("there is no room"));
        }
        self.length += bytes.len();
        Ok(())
    }

    fn cut_back(&mut self) {
        let mut state = self.disk.0.lock();
        if state.alive().is_ok() {
            state.inodes[self.inode].cache.truncate(self.before);
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.0.lock().sync(self.inode)
    }
}

impl Room for SimulatedFile {
    fn room(&self) -> u64 {
        0
    }

    fn trim(&self) {}
}
