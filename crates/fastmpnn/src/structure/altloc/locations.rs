//! The alternate locations of one residue or ligand, and the choice among them.
//!
//! An atom belongs to the location of its letter. Atoms without a letter are common to all locations, unless a
//! lettered location repeats their names, as some programs write a second conformer beside a first without a letter: then
//! they are a location of their own. Heavy atoms alone decide, because hydrogens and deuteriums have letters of their own in
//! neutron structures.

use std::collections::{HashMap, HashSet};

use crate::chemistry::{element_symbol, infer_element};
use crate::structure::atom_record::AtomRecord;
use crate::structure::read_options::AltlocChoice;

/// A letter, or `None` for the location without one.
pub(in crate::structure) type Location = Option<char>;

/// A location's name in messages.
pub(in crate::structure) fn name_of(location: Location) -> String {
    location.map_or_else(|| "the one without a letter".to_owned(), String::from)
}

/// Hydrogen or one of its isotopes.
pub(in crate::structure) fn is_hydrogen(record: &AtomRecord<'_>) -> bool {
    let inferred = || infer_element(record.padded_name, record.residue_name, false);
    element_symbol(record.element).or_else(inferred) == Some("H")
}

/// The atoms of one residue or ligand, by location.
pub(super) struct Locations<'r, 'a> {
    records: &'r [&'r AtomRecord<'a>],
    /// Atom names that occur with a letter.
    lettered: HashSet<&'a str>,
}

/// An alternate location while its atoms are counted.
struct Tally {
    location: Location,
    occupancy: f64,
    atoms: f64,
}

/// The locations of one residue or ligand in order of first occurrence, with their atoms counted.
#[derive(Default)]
pub(super) struct Tallies {
    of_heavy: Vec<Tally>,
    of_all: Vec<Tally>,
    index_of_heavy: HashMap<Location, usize>,
    index_of_all: HashMap<Location, usize>,
}

impl Tallies {
    /// Counts an atom of a location.
    pub(super) fn add(&mut self, location: Location, record: &AtomRecord<'_>) {
        let count = |tallies: &mut Vec<Tally>, index_of: &mut HashMap<Location, usize>| {
            let index = *index_of.entry(location).or_insert_with(|| {
                tallies.push(Tally { location, occupancy: 0.0, atoms: 0.0 });
                tallies.len() - 1
            });
            tallies[index].occupancy += f64::from(record.occupancy);
            tallies[index].atoms += 1.0;
        };
        count(&mut self.of_all, &mut self.index_of_all);
        if !is_hydrogen(record) {
            count(&mut self.of_heavy, &mut self.index_of_heavy);
        }
    }

    /// The number of locations, including those that only hydrogens have.
    pub(super) fn count(&self) -> usize {
        self.of_all.len()
    }

    /// The chosen location, one of the `eligible` ones if there are any. Hydrogens count only where no heavy atom has a
    /// location. `None` when there are no locations.
    pub(super) fn winner(&self, choice: AltlocChoice, eligible: impl Fn(Location) -> bool) -> Option<Location> {
        let tallies = if self.of_heavy.is_empty() { &self.of_all } else { &self.of_heavy };
        if let AltlocChoice::Named(letter) = choice
            && tallies.iter().any(|tally| tally.location == Some(letter))
        {
            return Some(Some(letter));
        }
        let mut candidates = tallies.iter().filter(|tally| eligible(tally.location));
        let mean = |tally: &Tally| tally.occupancy / tally.atoms;
        let best = match choice {
            // The first of equal ones: only a strictly larger mean replaces it.
            AltlocChoice::Occupancy => {
                candidates.reduce(|best, tally| if mean(tally) > mean(best) + 1e-6 { tally } else { best })
            }
            AltlocChoice::First | AltlocChoice::Named(_) => candidates.next(),
        };
        best.or(tallies.first()).map(|tally| tally.location)
    }
}

impl<'r, 'a> Locations<'r, 'a> {
    pub(super) fn of(records: &'r [&'r AtomRecord<'a>]) -> Locations<'r, 'a> {
        let lettered = records.iter().filter(|record| record.altloc.is_some()).map(|record| record.name).collect();
        Locations { records, lettered }
    }

    /// Whether no atom has a letter.
    pub(super) fn is_plain(&self) -> bool {
        self.lettered.is_empty()
    }

    /// The location of an atom; `None` when it is common to all.
    fn location(&self, record: &AtomRecord<'a>) -> Option<Location> {
        (record.altloc.is_some() || self.lettered.contains(record.name)).then_some(record.altloc)
    }

    /// The chosen location, and the number of locations.
    ///
    /// A location that lacks some of the atoms `needed` yields to one that lacks fewer of them, unless the user named
    /// it: otherwise a residue would be masked although the file has its complete backbone.
    pub(super) fn choose(&self, choice: AltlocChoice, needed: &[&str]) -> (Option<Location>, usize) {
        let mut tallies = Tallies::default();
        for record in self.records {
            if let Some(location) = self.location(record) {
                tallies.add(location, record);
            }
        }
        let mut present: HashMap<Location, HashSet<&str>> = HashMap::new();
        let at_a_location = |record: &&&AtomRecord<'a>| self.location(record).is_some();
        for record in self.records.iter().filter(at_a_location).filter(|record| needed.contains(&record.name)) {
            present.entry(record.altloc).or_default().insert(record.name);
        }
        let has = |location: Location| {
            let own = |name: &str| present.get(&location).is_some_and(|names| names.contains(name));
            let shared = |name: &str| present.get(&None).is_some_and(|names| names.contains(name));
            needed.iter().filter(|name| own(name) || shared(name)).count()
        };
        let most = tallies.of_all.iter().map(|tally| has(tally.location)).max().unwrap_or(0);
        (tallies.winner(choice, |location| has(location) == most), tallies.count())
    }

    /// The atoms of a location, as indices of the records in file order: its own, those common to all locations, and
    /// those without a letter whose names it does not repeat. Atoms that only another location has are left out.
    pub(super) fn atoms_of(&self, location: Location) -> Vec<usize> {
        let own: HashSet<&str> =
            self.records.iter().filter(|record| record.altloc == location).map(|record| record.name).collect();
        let belongs = |record: &AtomRecord<'a>| match record.altloc {
            None => location.is_none() || !own.contains(record.name),
            letter => letter == location,
        };
        (0..self.records.len()).filter(|&index| belongs(self.records[index])).collect()
    }
}
