//! The entities of an mmCIF file, one per kind of molecule, and its `label_asym_id`s, one per molecule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::written::{Group, Polymer, PolymerKind, WrittenStructure};
use crate::structure::Point;

/// A kind of molecule.
pub(super) struct Entity<'s> {
    pub(super) kind: EntityKind,
    /// The author's ids of its chains, where it is a polymer.
    pub(super) chains: Vec<&'s str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum EntityKind {
    Protein,
    Dna,
    Rna,
    NonPolymer,
    /// A molecule of several residues, such as a glycan.
    Branched,
}

impl EntityKind {
    /// `_entity.type`
    pub(super) fn name(self) -> &'static str {
        match self {
            EntityKind::NonPolymer => "non-polymer",
            EntityKind::Branched => "branched",
            _ => "polymer",
        }
    }

    /// `_entity_poly.type`
    pub(super) fn polymer(self) -> Option<&'static str> {
        match self {
            EntityKind::Protein => Some("polypeptide(L)"),
            EntityKind::Dna => Some("polydeoxyribonucleotide"),
            EntityKind::Rna => Some("polyribonucleotide"),
            EntityKind::NonPolymer | EntityKind::Branched => None,
        }
    }
}

/// A molecule: its `label_asym_id` and its entity, from 0.
#[derive(Clone)]
pub(super) struct Molecule {
    pub(super) label: String,
    pub(super) entity: usize,
}

pub(super) struct Entities<'s> {
    pub(super) entities: Vec<Entity<'s>>,
    /// Of each polymer.
    pub(super) polymers: Vec<Molecule>,
    /// Of each other group.
    pub(super) others: Vec<Molecule>,
}

impl<'s> Entities<'s> {
    /// Polymers of the same sequence are one entity, as are molecules of the same names. Labels are those of the file that
    /// was read where it had some that tell molecules apart, for polymers else the chain id; other molecules get one each.
    pub(super) fn of(written: &WrittenStructure<'s>) -> Entities<'s> {
        let mut entities = Entities { entities: Vec::new(), polymers: Vec::new(), others: Vec::new() };
        let mut known: HashMap<(EntityKind, Vec<&'s str>), usize> = HashMap::new();
        let mut labels = Labels::new(written);
        for polymer in &written.polymers {
            let entity = entities.add(&mut known, kind_of(polymer), &polymer.groups.iter().collect::<Vec<_>>());
            entities.entities[entity].chains.push(polymer.id);
            let wanted = polymer.label_id.unwrap_or(polymer.id);
            let label = if labels.take(wanted) { wanted.to_owned() } else { labels.fresh() };
            entities.polymers.push(Molecule { label, entity });
        }
        // Groups of one label that are bonded are one molecule, such as a glycan.
        let mut molecules: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut first_of: HashMap<&str, usize> = HashMap::new();
        for (index, group) in written.others.iter().enumerate() {
            let first = match group.label_id {
                Some(label) if !labels.taken.contains(label) => *first_of.entry(label).or_insert(index),
                _ => index,
            };
            let members = molecules.get(&first).map_or(&[][..], Vec::as_slice);
            let bonded = || members.iter().any(|&member| bonded(&written.others[member], group));
            let first = if first == index || (members.len() < LARGEST_GLYCAN && bonded()) { first } else { index };
            molecules.entry(first).or_default().push(index);
        }
        for label in first_of.keys() {
            labels.take(label);
        }
        let mut of_others: Vec<Option<Molecule>> = vec![None; written.others.len()];
        for (first, members) in molecules {
            let groups: Vec<&Group<'s>> = members.iter().map(|&index| &written.others[index]).collect();
            let kind = if groups.len() == 1 { EntityKind::NonPolymer } else { EntityKind::Branched };
            let entity = entities.add(&mut known, kind, &groups);
            let own = groups[0].label_id.filter(|label| first_of.get(label) == Some(&first));
            let label = own.map_or_else(|| labels.fresh(), str::to_owned);
            for index in members {
                of_others[index] = Some(Molecule { label: label.clone(), entity });
            }
        }
        entities.others = of_others.into_iter().flatten().collect();
        entities
    }

    fn add(
        &mut self,
        known: &mut HashMap<(EntityKind, Vec<&'s str>), usize>,
        kind: EntityKind,
        groups: &[&Group<'s>],
    ) -> usize {
        let names = groups.iter().map(|group| group.name).collect();
        *known.entry((kind, names)).or_insert_with(|| {
            self.entities.push(Entity { kind, chains: Vec::new() });
            self.entities.len() - 1
        })
    }

    /// Each label with its entity, in the order of the file.
    pub(super) fn molecules(&self) -> Vec<&Molecule> {
        let mut seen = BTreeSet::new();
        self.polymers.iter().chain(&self.others).filter(|molecule| seen.insert(molecule.label.as_str())).collect()
    }
}

/// No branched molecule has more residues; labels that more share say nothing.
const LARGEST_GLYCAN: usize = 40;

/// Atoms closer than this are bonded, Å.
const BOND: f32 = 2.1;

fn bonded(a: &Group<'_>, b: &Group<'_>) -> bool {
    let square = |a: Point, b: Point| (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f32>();
    a.atoms.iter().any(|a| b.atoms.iter().any(|b| square(a.position, b.position) < BOND * BOND))
}

fn kind_of(polymer: &Polymer<'_>) -> EntityKind {
    let ribose = |group: &Group<'_>| group.atoms.iter().any(|atom| atom.name == "O2'" || atom.name == "O2*");
    match polymer.kind {
        PolymerKind::Protein => EntityKind::Protein,
        PolymerKind::NucleicAcid if polymer.groups.iter().any(ribose) => EntityKind::Rna,
        PolymerKind::NucleicAcid => EntityKind::Dna,
    }
}

/// The labels in use.
struct Labels<'s> {
    taken: BTreeSet<String>,
    /// Chain ids, which new labels must not repeat, so that the two cannot be confused.
    chains: BTreeSet<&'s str>,
    next: usize,
}

impl<'s> Labels<'s> {
    fn new(written: &WrittenStructure<'s>) -> Labels<'s> {
        let of_polymers = written.polymers.iter().flat_map(|polymer| [Some(polymer.id), polymer.label_id]);
        let of_others = written.others.iter().map(|group| Some(&*group.id.chain));
        Labels { taken: BTreeSet::new(), chains: of_polymers.chain(of_others).flatten().collect(), next: 0 }
    }

    fn take(&mut self, label: &str) -> bool {
        self.taken.insert(label.to_owned())
    }

    /// `A` … `Z`, `AA`, `BA`, …, in the PDB's order.
    fn fresh(&mut self) -> String {
        loop {
            let mut rest = self.next;
            self.next += 1;
            let mut label = String::new();
            loop {
                label.push(char::from(b'A' + (rest % 26) as u8));
                rest /= 26;
                if rest == 0 {
                    break;
                }
                rest -= 1;
            }
            if !self.chains.contains(label.as_str()) && self.take(&label) {
                return label;
            }
        }
    }
}
