//! Decides which residues are protein: by name, by ATOM or HETATM, and where these are ambiguous by bonds.
//!
//! - ATOM: the twenty names are protein, and so are force fields' names for them with a CA; any unknown name with N, CA and C
//!   is protein of letter X; the rest (nucleic acids, caps, lipids) is ligand. A residue without a CA is not an amino
//!   acid,
//!   whatever its name, unless a peptide bond joins it to the chain: AMBER and CHARMM give lipids names that belong to
//!   modified amino acids in the chemical component dictionary.
//! - Modified amino acids, and HETATM with N, CA and C, are decided by bonds; of known names CA and one of the others are
//!   enough. Residues joined by peptide bonds are one piece:
//!     - a piece that is bonded to protein is protein;
//!     - a piece bonded to nothing else is protein when it has three residues of known names or more, or two that the
//!       file numbers along a polymer (`label_seq_id`). Two amino acids without such a number are a dipeptide, and one is a
//!       free amino acid: both are typically bound by a protein or produced by it, hence ligands. So is a longer piece
//!       where the file states that it is not part of the polymer whose chain id it shares: a bound peptide.
//! - A smaller piece that is bonded to nothing may stand beside an unresolved stretch. It is protein where the file does not
//!   say that it lies outside the polymer, it stands among residues of its chain in the order of their numbers, and, being
//!   HETATM, the numbers skip enough of them to span the distance to those before or after it; the same at an end of the
//!   chain where the file says that it is part of the polymer, by ATOM, a `label_seq_id` or a TER after it.
//! - Unknown names become X where they are bonded on both sides or where the file says that they are part of the polymer;
//!   those that end a chain without such a statement stay ligands.
//! - Where CA atoms suffice, a lone CA counts as N, CA and C, and the distance between CA atoms decides about bonds.

use std::collections::{HashMap, HashSet};

use super::BackboneAtoms;
use super::residue_groups::Group;
use crate::chemistry::{Letter, is_modified_component, is_water, modified_residue_letter};

/// The class of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Water,
    Ligand,
    /// A ligand by its unknown name, though it has a backbone that is bonded to protein.
    BondedLigand,
    Protein {
        letter: Letter,
        /// Whether it follows the end of its polymer in the file, so that its number decides its position in the chain.
        late: bool,
    },
}

/// C–N closer than this, Å, is a peptide bond (1.33 Å in good geometry).
pub(super) const PEPTIDE_BOND: f32 = 2.0;

/// CA atoms closer than this, Å, belong to neighbors: 3.8 Å in good geometry, 2.9 Å beside a cis bond, and 4.1 Å at most in
/// the entries that the readers are tested on. Residues i and i + 2 are at least 5 Å apart. Residues `n` numbers
/// apart are no farther than `n` times this.
pub(super) const ALPHA_NEIGHBORS: f32 = 4.3;

/// The longest unresolved stretch assumed beside a residue that is bonded to nothing. Ligands are mostly numbered from
/// a round number far past the end of the chain.
const MOST_UNRESOLVED: i64 = 50;

/// The smallest number of residues with known names, bonded only to each other, that counts as protein.
const SHORTEST_CHAIN: usize = 3;

/// The class of every group.
pub(super) fn classify(
    groups: &[Group<'_, '_>],
    declared_parents: &[(&str, &str)],
    needs: BackboneAtoms,
) -> Vec<Class> {
    let declared: HashMap<&str, Letter> = declared_parents
        .iter()
        .filter_map(|&(name, parent)| Some((name, Letter::from_standard_name(parent)?)))
        .collect();
    let mut classes: Vec<Class> = Vec::with_capacity(groups.len());
    let mut open: Vec<Open> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let first = group.first();
        let name = first.residue_name;
        let standard = Letter::from_standard_name(name);
        let letter = standard.or_else(|| modified_residue_letter(name)).or_else(|| declared.get(name).copied());
        let [n, ca, c] = group.backbone.map(|atom| atom.is_some());
        let backbone = (n && ca && c) || (needs == BackboneAtoms::Alpha && ca && !n && !c);
        let protein = |letter| Class::Protein { letter, late: false };
        let may_be_free = standard.is_none() && group.has_peptide_backbone() && is_modified_component(name);
        let class = match letter {
            Some(_) if may_be_free => Class::Ligand,
            // Docking programs call their ligands UNK, which is one of the standard names.
            Some(letter) if !first.hetatm && (ca || standard.is_some_and(|letter| letter != Letter::X)) => {
                protein(letter)
            }
            None if !first.hetatm && group.has_peptide_backbone() => protein(Letter::X),
            None if is_water(name) => Class::Water,
            _ => Class::Ligand,
        };
        let undecided = match letter {
            Some(_) => backbone || ca && (n || c || first.in_polymer == Some(true)) || !first.hetatm && (n || c),
            None => group.has_peptide_backbone(),
        };
        if class == Class::Ligand && undecided {
            open.push(Open { group: index, letter, before: None, after: None });
        }
        classes.push(class);
    }
    if !open.is_empty() {
        Bonds { groups, classes: &mut classes, open, needs }.decide();
    }
    classes
}

/// A group that its name and record type do not classify.
struct Open {
    group: usize,
    letter: Option<Letter>,
    /// The group whose C its N is bonded to, protein or open.
    before: Option<usize>,
    /// The group whose N its C is bonded to.
    after: Option<usize>,
}

impl Open {
    fn neighbors(&self) -> impl Iterator<Item = usize> {
        [self.before, self.after].into_iter().flatten()
    }
}

struct Bonds<'g, 'r, 'a> {
    groups: &'g [Group<'r, 'a>],
    classes: &'g mut [Class],
    open: Vec<Open>,
    needs: BackboneAtoms,
}

impl Bonds<'_, '_, '_> {
    fn decide(mut self) {
        self.follow_bonds();
        let of_protein: HashSet<&str> = (0..self.groups.len())
            .filter(|&index| self.is_protein(index))
            .map(|index| self.groups[index].first().chain)
            .collect();
        let mut undecided: Vec<Vec<usize>> = Vec::new();
        for piece in self.pieces() {
            let is_protein = self.is_bonded_to_protein(&piece) || self.is_chain(&piece, &of_protein);
            if is_protein { self.make_protein(&piece) } else { undecided.push(piece) }
        }
        // Their class depends on the protein around them, so that is decided first.
        let anchors = Anchors::of(self.groups, self.classes);
        let within: Vec<Vec<usize>> = undecided.into_iter().filter(|piece| self.is_within(piece, &anchors)).collect();
        for piece in &within {
            self.make_protein(piece);
        }
    }

    /// Finds the bonds of open groups among the groups beside them in the file and those of neighboring numbers, which
    /// stand elsewhere in files that have modified residues after the end of their chain.
    fn follow_bonds(&mut self) {
        let mut by_number: HashMap<(&str, i64), Vec<usize>> = HashMap::new();
        let may_be_protein = |index: usize, open: &[Open]| {
            matches!(self.classes[index], Class::Protein { .. })
                || open.binary_search_by_key(&index, |open| open.group).is_ok()
        };
        for index in (0..self.groups.len()).filter(|&index| may_be_protein(index, &self.open)) {
            let first = self.groups[index].first();
            let same_number = by_number.entry((first.chain, i64::from(first.number))).or_default();
            // Real files have few insertion codes; the limit bounds the search in a hostile file.
            if same_number.len() < 60 {
                same_number.push(index);
            }
        }
        let bonds: Vec<[Option<usize>; 2]> = self
            .open
            .iter()
            .map(|open| {
                let group = &self.groups[open.group];
                let first = group.first();
                let number = i64::from(first.number);
                let beside = [open.group.checked_sub(1), Some(open.group + 1)].into_iter().flatten();
                let beside = beside.filter(|&index| index < self.groups.len() && may_be_protein(index, &self.open));
                let numbered =
                    (number - 1..=number + 1).filter_map(|number| by_number.get(&(first.chain, number))).flatten();
                let others: Vec<usize> = beside.chain(numbered.copied()).filter(|&other| other != open.group).collect();
                let same_chain = |other: usize| self.groups[other].first().chain == first.chain;
                let bonded = |before: usize, after: usize| self.bonded(&self.groups[before], &self.groups[after]);
                let before = others.iter().copied().find(|&other| same_chain(other) && bonded(other, open.group));
                let after = others.iter().copied().find(|&other| same_chain(other) && bonded(open.group, other));
                [before, after]
            })
            .collect();
        for (open, [before, after]) in self.open.iter_mut().zip(bonds) {
            (open.before, open.after) = (before, after);
        }
    }

    /// Whether the C of one is bonded to the N of the other.
    fn bonded(&self, before: &Group<'_, '_>, after: &Group<'_, '_>) -> bool {
        let apart = |a: usize, b: usize| {
            let (a, b) = (before.backbone[a]?, after.backbone[b]?);
            Some(distance(a.position, b.position))
        };
        let order = |group: &Group<'_, '_>| (group.first().number, group.first().insertion);
        match apart(2, 0) {
            Some(apart) => apart < PEPTIDE_BOND,
            None if self.needs == BackboneAtoms::Alpha && order(before) < order(after) => {
                apart(1, 1).is_some_and(|apart| apart < ALPHA_NEIGHBORS)
            }
            None => false,
        }
    }

    fn is_protein(&self, index: usize) -> bool {
        matches!(self.classes[index], Class::Protein { .. })
    }

    /// Open groups that are bonded to each other, as indices into `open` in file order.
    fn pieces(&self) -> Vec<Vec<usize>> {
        let index_of: HashMap<usize, usize> =
            self.open.iter().enumerate().map(|(index, open)| (open.group, index)).collect();
        // A bond counts in both directions, whichever of the two found it.
        let mut bonds: Vec<Vec<usize>> = vec![Vec::new(); self.open.len()];
        for (index, open) in self.open.iter().enumerate() {
            for other in open.neighbors().filter_map(|group| index_of.get(&group).copied()) {
                bonds[index].push(other);
                bonds[other].push(index);
            }
        }
        let mut seen = vec![false; self.open.len()];
        let mut pieces = Vec::new();
        for start in 0..self.open.len() {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            let mut piece = vec![start];
            let mut next = 0;
            while let Some(&index) = piece.get(next) {
                next += 1;
                for &other in &bonds[index] {
                    if !std::mem::replace(&mut seen[other], true) {
                        piece.push(other);
                    }
                }
            }
            piece.sort_unstable();
            pieces.push(piece);
        }
        pieces
    }

    fn is_bonded_to_protein(&self, piece: &[usize]) -> bool {
        piece.iter().any(|&index| self.open[index].neighbors().any(|group| self.is_protein(group)))
    }

    /// Whether a piece that is bonded to nothing else is a chain of its own; `of_protein` are the ids of chains that hold
    /// protein without it.
    fn is_chain(&self, piece: &[usize], of_protein: &HashSet<&str>) -> bool {
        let known = piece.iter().filter(|&&index| self.open[index].letter.is_some()).count();
        let records = || piece.iter().map(|&index| self.groups[self.open[index].group].first());
        if known >= SHORTEST_CHAIN {
            let outside = records().any(|record| record.in_polymer == Some(false));
            return !(outside && records().any(|record| of_protein.contains(record.chain)));
        }
        piece.len() > 1 && records().all(|record| record.label_number.is_some())
    }

    /// Whether a piece that is bonded to nothing nevertheless belongs within a chain.
    fn is_within(&self, piece: &[usize], anchors: &Anchors<'_>) -> bool {
        let (first, last) = (self.open[piece[0]].group, self.open[piece[piece.len() - 1]].group);
        let record = self.groups[first].first();
        if record.in_polymer == Some(false) || self.groups[first].backbone[1].is_none() {
            return false;
        }
        // Without any other protein in the file, it cannot be a ligand.
        if anchors.0.is_empty() {
            return !record.hetatm;
        }
        let of_polymer = record.in_polymer == Some(true) || !record.hetatm;
        let (before, after) = anchors.around(record.chain, record.label_chain, first, last);
        match (before, after) {
            (Some(before), Some(after)) => {
                let step = |from: usize, to: usize| number_along(&self.groups[to]) - number_along(&self.groups[from]);
                let in_order = step(before, first) > 0 && step(last, after) > 0;
                in_order && (!record.hetatm || self.may_follow(before, first) || self.may_follow(last, after))
            }
            (Some(before), None) => of_polymer && self.may_follow(before, first),
            (None, Some(after)) => of_polymer && self.may_follow(last, after),
            (None, None) => false,
        }
    }

    /// Whether two groups may belong to one chain with nothing but unresolved residues between them: the numbers rise, by
    /// no more than stays unresolved and no less than the distance takes.
    fn may_follow(&self, before: usize, after: usize) -> bool {
        let (before, after) = (&self.groups[before], &self.groups[after]);
        let step = number_along(after) - number_along(before);
        let (Some(from), Some(to)) = (before.backbone[1], after.backbone[1]) else { return false };
        (1..=MOST_UNRESOLVED + 1).contains(&step)
            && distance(from.position, to.position) <= ALPHA_NEIGHBORS * step as f32
    }

    fn make_protein(&mut self, piece: &[usize]) {
        for &index in piece {
            let open = &self.open[index];
            let in_polymer = self.groups[open.group].first().in_polymer;
            let both_sides = open.before.is_some() && open.after.is_some();
            let letter = open.letter.or_else(|| (both_sides || in_polymer == Some(true)).then_some(Letter::X));
            self.classes[open.group] = match letter {
                Some(letter) => Class::Protein { letter, late: in_polymer == Some(false) },
                None => Class::BondedLigand,
            };
        }
    }
}

fn is_protein_of(group: &Group<'_, '_>, class: Class, chain: &str) -> bool {
    matches!(class, Class::Protein { late: false, .. }) && group.first().chain == chain
}

/// A residue's number along the polymer: the file's own, if it has one, and the author's otherwise.
fn number_along(group: &Group<'_, '_>) -> i64 {
    let first = group.first();
    i64::from(first.label_number.unwrap_or(first.number))
}

/// The groups of each chain that are protein, in the order of the file.
struct Anchors<'a>(HashMap<(&'a str, Option<&'a str>), Vec<usize>>);

impl<'a> Anchors<'a> {
    fn of(groups: &[Group<'_, 'a>], classes: &[Class]) -> Anchors<'a> {
        let mut anchors: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, group) in groups.iter().enumerate() {
            let first = group.first();
            if is_protein_of(group, classes[index], first.chain) {
                anchors.entry((first.chain, first.label_chain)).or_default().push(index);
            }
        }
        Anchors(anchors)
    }

    /// The nearest protein group of a chain before `first` and the nearest after `last`.
    fn around(
        &self,
        chain: &str,
        label_chain: Option<&str>,
        first: usize,
        last: usize,
    ) -> (Option<usize>, Option<usize>) {
        let Some(members) = self.0.get(&(chain, label_chain)) else { return (None, None) };
        let (before, after) =
            (members.partition_point(|&index| index < first), members.partition_point(|&index| index <= last));
        (before.checked_sub(1).map(|place| members[place]), members.get(after).copied())
    }
}

/// The distance between two points, Å.
pub(super) fn distance(a: super::Point, b: super::Point) -> f32 {
    let square = |axis: usize| (a[axis] - b[axis]) * (a[axis] - b[axis]);
    (square(0) + square(1) + square(2)).sqrt()
}
