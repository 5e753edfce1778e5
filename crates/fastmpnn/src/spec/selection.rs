//! Selections, resolved: text in the numbering of the file → residue indexes. The grammar is at [`super::expression`].

use super::expression::{Files, Kind, Term, parse};
use super::items::Item;
use super::near::{heavy, near, nearest};
use super::quotation::{quoted, written};
use super::ranges::{residue_name, short_ranges};
use crate::error::SpecError;
use crate::structure::{LigandAtom, Point, Structure};

/// Residues in the order they were written.
pub(super) struct Selection {
    /// Each residue once, at its first mention.
    pub(super) indexes: Vec<usize>,
    /// The first residue that was mentioned again.
    pub(super) repeated: Option<usize>,
    /// Warnings about possible mistakes.
    pub(super) warnings: Vec<String>,
}

/// Residue indexes of a selection such as `A1-10,B,C5`, ascending and each once. The grammar is the same for every
/// option that takes residues:
///
/// | text | selects |
/// |---|---|
/// | `A` | chain A |
/// | `A15`, `A-5`, `H100A` | one residue; negative numbers and insertion codes as they are |
/// | `A1-10`, `A-5--1`, `A15-A20` | a range by number, both ends included, with the insertion codes inside |
/// | `A100A-100F` | from one residue to the other in file order |
/// | `A:15`, `AA:1-10`, `1:15` | the same with the chain set apart, for ids of several characters or digits |
/// | `*`, `all` | everything |
/// | `A1-10,B,C5` | all of these; spaces separate items as well |
/// | `not A1-10`, `not (A1-10,B)` | everything else |
/// | `A and not A1-10` | what is in both |
/// | `within 8 of L` | residues with a heavy atom at most 8 Å from one of chain L, which itself is among them |
/// | `within 5 of ligand`, `within 5 of HEM` | the same for all ligand atoms that LigandMPNN sees, or those of a ligand |
/// | `interface A B`, `interface A B 8` | residues of either side within 5 Å, or 8 Å, of the other |
/// | `all:`, `not:15` | a chain whose id is a word of this grammar |
///
/// An item that matches nothing is an error that names the nearest residues.
pub fn parse_selection(text: &str, structure: &Structure) -> Result<Vec<usize>, SpecError> {
    let mut indexes = Selector { structure, files: &Files::new() }.select("selection", text)?.indexes;
    indexes.sort_unstable();
    Ok(indexes)
}

/// The structure, files and option that selections are resolved with.
#[derive(Clone, Copy)]
pub(super) struct Selector<'a> {
    pub(super) structure: &'a Structure,
    pub(super) files: &'a Files,
}

impl<'a> Selector<'a> {
    /// As [`parse_selection`], in written order and with the option's name for errors.
    pub(super) fn select(self, field: &'static str, text: &str) -> Result<Selection, SpecError> {
        let mut resolver = Resolver { field, structure: self.structure, warnings: Vec::new() };
        let terms = self.parsed(field, text, &mut resolver.warnings)?;
        let mut selection = Selection { indexes: Vec::new(), repeated: None, warnings: Vec::new() };
        let mut seen = vec![false; self.structure.residues.len()];
        for index in resolver.union(&terms)? {
            if seen[index] {
                selection.repeated.get_or_insert(index);
            } else {
                seen[index] = true;
                selection.indexes.push(index);
            }
        }
        if selection.indexes.is_empty() {
            let structure = self.structure.name.clone();
            return Err(SpecError::EmptySelection { field, item: quoted(text), structure });
        }
        Ok(Selection { warnings: resolver.warnings, ..selection })
    }

    /// As [`Selector::select`], of what was written residue by residue: a set has no first and second.
    pub(super) fn select_in_order(self, field: &'static str, text: &str) -> Result<Selection, SpecError> {
        let terms = self.parsed(field, text, &mut Vec::new())?;
        if let Some(term) = terms.iter().find_map(set_in) {
            let reason = "a tie pairs residues in the order they are written, and this is a set without one; name its \
                          residues, as in A1-20=B1-20";
            return Err(SpecError::Malformed { field, item: written(term.text, term.line), reason: reason.to_owned() });
        }
        self.select(field, text)
    }

    /// Which residues lie in the whole chains that are named, for `chains`.
    pub(super) fn select_chains(self, field: &'static str, text: &str) -> Result<Vec<bool>, SpecError> {
        let terms = self.parsed(field, text, &mut Vec::new())?;
        let resolver = Resolver { field, structure: self.structure, warnings: Vec::new() };
        terms.iter().try_for_each(|term| resolver.check_chains(term))?;
        let mut inside = vec![false; self.structure.residues.len()];
        for index in self.select(field, text)?.indexes {
            inside[index] = true;
        }
        Ok(inside)
    }

    fn parsed<'b>(
        self,
        field: &'static str,
        text: &'b str,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Term<'b>>, SpecError>
    where
        'a: 'b,
    {
        let terms = parse(field, text, self.structure, self.files, warnings)?;
        if terms.is_empty() {
            let reason = "is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)";
            let reason = reason.to_owned();
            return Err(SpecError::Malformed { field, item: quoted(text), reason });
        }
        Ok(terms)
    }
}

/// The first part of a term that selects a set of residues.
fn set_in<'t, 'a>(term: &'t Term<'a>) -> Option<&'t Term<'a>> {
    match &term.kind {
        Kind::Everything | Kind::Item => None,
        Kind::Union(terms) => terms.iter().find_map(set_in),
        Kind::Ligand | Kind::And(_) | Kind::Not(_) | Kind::Within { .. } | Kind::Interface { .. } => Some(term),
    }
}

/// The target of `within … of`, or a side of an interface.
struct Target {
    /// Its residues, none of ligands.
    residues: Vec<usize>,
    /// Its heavy atoms.
    points: Vec<Point>,
}

struct Resolver<'a> {
    field: &'static str,
    structure: &'a Structure,
    warnings: Vec<String>,
}

impl<'a> Resolver<'a> {
    fn everything(&self) -> Vec<usize> {
        (0..self.structure.residues.len()).collect()
    }

    fn malformed(&self, term: &Term<'_>, reason: String) -> SpecError {
        SpecError::Malformed { field: self.field, item: written(term.text, term.line), reason }
    }

    fn union(&mut self, terms: &[Term<'_>]) -> Result<Vec<usize>, SpecError> {
        let mut found = Vec::new();
        for term in terms {
            found.extend(self.residues(term)?);
        }
        Ok(found)
    }

    /// The residues of a term: in written order, and each as often as it is written, where that has a meaning.
    fn residues(&mut self, term: &Term<'_>) -> Result<Vec<usize>, SpecError> {
        match &term.kind {
            Kind::Everything => Ok(self.everything()),
            Kind::Item => self.item(term).resolve(&mut self.warnings),
            Kind::Ligand => {
                let reason = "names ligands, which have no residues to design; within 5 of ligand are those near them";
                Err(self.malformed(term, reason.to_owned()))
            }
            Kind::Union(terms) => self.union(terms),
            Kind::And(factors) => {
                let mut inside = vec![true; self.structure.residues.len()];
                for factor in factors {
                    let marks = self.marks(factor)?;
                    inside.iter_mut().zip(marks).for_each(|(inside, mark)| *inside &= mark);
                }
                self.of_marks(term, &inside, "no residue is in all of these")
            }
            Kind::Not(inner) => {
                let outside: Vec<bool> = self.marks(inner)?.into_iter().map(|mark| !mark).collect();
                self.of_marks(term, &outside, "no residue is left")
            }
            Kind::Within { distance, of } => {
                let target = self.target(of)?;
                let everything = self.everything();
                let found = near(self.structure, &everything, &target.points, *distance);
                if found.is_empty() {
                    return Err(self.nothing_near(term, &everything, &target.points));
                }
                Ok(found)
            }
            Kind::Interface { sides, distance } => self.interface(term, sides, *distance),
        }
    }

    fn interface(&mut self, term: &Term<'_>, sides: &[Term<'_>; 2], distance: f32) -> Result<Vec<usize>, SpecError> {
        let [one, other] = [self.target(&sides[0])?, self.target(&sides[1])?];
        let mut of_one = vec![false; self.structure.residues.len()];
        one.residues.iter().for_each(|&index| of_one[index] = true);
        let shared: Vec<usize> = other.residues.iter().filter(|&&index| of_one[index]).copied().collect();
        if !shared.is_empty() {
            let shared = short_ranges(&shared, self.structure);
            return Err(self.malformed(term, format!("an interface has two sides, and {shared} is in both")));
        }
        if one.residues.is_empty() && other.residues.is_empty() {
            return Err(self.malformed(term, "no side of this interface is protein".to_owned()));
        }
        let mut found = near(self.structure, &one.residues, &other.points, distance);
        found.extend(near(self.structure, &other.residues, &one.points, distance));
        if found.is_empty() {
            let sides = if one.residues.is_empty() { (&other, &one) } else { (&one, &other) };
            return Err(self.nothing_near(term, &sides.0.residues, &sides.1.points));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn target(&mut self, term: &Term<'_>) -> Result<Target, SpecError> {
        let of_ligands = |atoms: Vec<&LigandAtom>| Target {
            residues: Vec::new(),
            points: heavy(atoms.into_iter().map(|ligand| &ligand.atom)).collect(),
        };
        let target = match &term.kind {
            Kind::Ligand => {
                let atoms: Vec<_> = self.structure.ligand_atoms.iter().filter(|atom| atom.is_context()).collect();
                if atoms.is_empty() {
                    let name = &self.structure.name;
                    return Err(self.malformed(term, format!("{name} has no ligand atoms that LigandMPNN can see")));
                }
                of_ligands(atoms)
            }
            Kind::Item => {
                let item = self.item(term);
                match item.resolve(&mut self.warnings) {
                    Ok(residues) => self.of_protein(residues),
                    Err(error) => match item.ligand_atoms() {
                        atoms if atoms.is_empty() => return Err(item.no_target(error)),
                        atoms => of_ligands(atoms),
                    },
                }
            }
            Kind::Union(terms) => {
                let mut all = Target { residues: Vec::new(), points: Vec::new() };
                for term in terms {
                    let mut one = self.target(term)?;
                    all.residues.append(&mut one.residues);
                    all.points.append(&mut one.points);
                }
                all.residues.sort_unstable();
                all.residues.dedup();
                all
            }
            _ => {
                let residues = self.residues(term)?;
                self.of_protein(residues)
            }
        };
        if target.points.is_empty() {
            return Err(self.malformed(term, "has no heavy atoms to be near to".to_owned()));
        }
        Ok(target)
    }

    fn of_protein(&self, residues: Vec<usize>) -> Target {
        let points = residues.iter().flat_map(|&index| heavy(&self.structure.residues[index].atoms)).collect();
        Target { residues, points }
    }

    fn nothing_near(&self, term: &Term<'_>, residues: &[usize], points: &[Point]) -> SpecError {
        let reason = match nearest(self.structure, residues, points) {
            Some((index, distance)) => {
                let name = residue_name(&self.structure.residues[index].id, self.structure);
                format!(
                    "no residue of {} is that near; the nearest, {name}, is {distance:.1} Å away",
                    self.structure.name
                )
            }
            None => format!("no residue of {} is that near", self.structure.name),
        };
        self.malformed(term, reason)
    }

    fn item<'t>(&self, term: &Term<'t>) -> Item<'t>
    where
        'a: 't,
    {
        Item { field: self.field, text: term.text, line: term.line, structure: self.structure }
    }

    fn check_chains(&self, term: &Term<'_>) -> Result<(), SpecError> {
        match &term.kind {
            Kind::Everything => Ok(()),
            Kind::Item => self.item(term).whole_chain(),
            Kind::Not(inner) => self.check_chains(inner),
            Kind::Union(terms) | Kind::And(terms) => terms.iter().try_for_each(|term| self.check_chains(term)),
            Kind::Ligand | Kind::Within { .. } | Kind::Interface { .. } => {
                let reason = "takes whole chains, and this names residues; use `redesign` for residues";
                Err(self.malformed(term, reason.to_owned()))
            }
        }
    }

    fn marks(&mut self, term: &Term<'_>) -> Result<Vec<bool>, SpecError> {
        let mut marks = vec![false; self.structure.residues.len()];
        for index in self.residues(term)? {
            marks[index] = true;
        }
        Ok(marks)
    }

    fn of_marks(&self, term: &Term<'_>, marks: &[bool], none: &str) -> Result<Vec<usize>, SpecError> {
        let found: Vec<usize> = (0..marks.len()).filter(|&index| marks[index]).collect();
        if found.is_empty() {
            return Err(self.malformed(term, none.to_owned()));
        }
        Ok(found)
    }
}
