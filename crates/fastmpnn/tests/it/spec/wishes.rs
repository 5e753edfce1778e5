//! Structures made by hand, and settings resolved on them.

use std::sync::Arc;

use fastmpnn::chemistry::Letter;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::{Atom, Chain, Residue, ResidueId, Structure};

/// A structure, chain by chain.
pub(crate) struct Builder(pub(crate) Structure);

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder(Structure { name: "test".to_owned(), model_count: 1, ..Structure::default() })
    }

    /// A chain whose residues are named by number and insertion code; every residue has its backbone.
    pub(crate) fn chain<'a>(mut self, id: &str, names: impl IntoIterator<Item = &'a str>, letters: &str) -> Builder {
        let id: Arc<str> = id.into();
        let start = self.0.residues.len();
        let mut letters = letters.chars().cycle();
        for (rank, name) in names.into_iter().enumerate() {
            let number = name.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let letter = Letter::from_char(letters.next().expect("a letter")).expect("a letter");
            let atom = |name: &str| Atom {
                name: name.to_owned(),
                element: name[..1].to_owned(),
                position: [0.0; 3],
                occupancy: 1.0,
                b_factor: 0.0,
                charge: 0,
            };
            self.0.residues.push(Residue {
                id: ResidueId {
                    chain: id.clone(),
                    number: number.parse().expect("a number"),
                    insertion: name[number.len()..].chars().next(),
                },
                chain: self.0.chains.len(),
                name: letter.residue_name().to_owned(),
                hetatm: false,
                letter,
                sequence_position: rank as i32,
                label_number: None,
                atoms: ["N", "CA", "C", "O"].map(atom).to_vec(),
            });
        }
        let residues = start..self.0.residues.len();
        self.0.chains.push(Chain { id, label_id: None, residues });
        self
    }

    /// A chain with the numbers first … last.
    pub(crate) fn run(self, id: &str, numbers: std::ops::RangeInclusive<i32>, letters: &str) -> Builder {
        let names: Vec<String> = numbers.map(|number| number.to_string()).collect();
        self.chain(id, names.iter().map(String::as_str), letters)
    }

    /// Removes the C of a residue.
    pub(crate) fn masked(mut self, index: usize) -> Builder {
        self.0.residues[index].atoms.retain(|atom| atom.name != "C");
        self
    }
}

pub(crate) const SEQUENCE: &str = "MKVLITGGAGFIGSHLVERLLEEGHEVVVLDNL";

/// A 1–20, B 1–20 with the same letters.
pub(crate) fn dimer() -> Structure {
    Builder::new().run("A", 1..=20, SEQUENCE).run("B", 1..=20, SEQUENCE).0
}

/// An antibody-like chain, negative numbers, gaps, chain ids of all kinds.
pub(crate) fn motley() -> Structure {
    Builder::new()
        .chain("H", ["99", "100", "100A", "100B", "100C", "101", "102"], "ACDEF")
        .chain("L", ["110", "111", "111A", "112B", "112A", "112", "113"], "GHIKL")
        .chain("A", ["-5", "-4", "-2", "-1", "0", "1", "2", "9", "10", "15"], "MNPQR")
        .run("A1", 3..=7, "STVWY")
        .run("AA", 1..=4, "ACDEF")
        .run("1", 14..=16, "ACDEF")
        .run("a", 1..=3, "ACDEF")
        .run("A-2", 1..=2, "ACDEF")
        .0
}

pub(crate) fn names(structure: &Structure, indexes: &[usize]) -> String {
    let list: Vec<String> = indexes
        .iter()
        .map(|&index| {
            let id = &structure.residues[index].id;
            let code = id.insertion.map_or_else(String::new, String::from);
            format!("{}:{}{code}", id.chain, id.number)
        })
        .collect();
    list.join(" ")
}

pub(crate) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(crate) fn resolve(spec: &DesignSpec, structure: &Structure) -> DesignPlan {
    spec.resolve(structure).unwrap_or_else(|error| panic!("{spec:?}: {error}"))
}

pub(crate) fn refusal(spec: &DesignSpec, structure: &Structure) -> String {
    match spec.resolve(structure) {
        Ok(plan) => panic!("{spec:?} was accepted: {}", plan.summary(structure)),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn designed(plan: &DesignPlan) -> Vec<usize> {
    (0..plan.designed.len()).filter(|&index| plan.designed[index]).collect()
}

pub(crate) fn letter(code: char) -> Letter {
    Letter::from_char(code).expect("a letter")
}

/// The letters that may be drawn at a residue.
pub(crate) fn choices(plan: &DesignPlan, index: usize) -> String {
    Letter::all().filter(|&letter| plan.allows(index, letter)).map(Letter::to_char).collect()
}

pub(crate) fn warned(plan: &DesignPlan, part: &str) {
    assert!(
        plan.warnings.iter().any(|warning| warning.contains(part)),
        "no warning with {part:?} among {:#?}",
        plan.warnings
    );
}
