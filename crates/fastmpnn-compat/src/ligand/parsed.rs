//! A structure as LigandMPNN's scripts read it.
//!
//! - Each CA atom in what ProDy calls protein is a residue; if N, CA, C or O is missing, it is masked. Its letter is
//!   that of one of the twenty names, else X, even for selenomethionine.
//! - Its name is chain letter, number and insertion code, as in `A12` or `H100A`. Repeated numbers move on by one, so
//!   that insertion codes count along the chain; gaps in the numbering stay gaps.
//! - Everything that is neither protein nor water is ligand.
//!
//! Source: `parse_PDB`, `get_aligned_coordinates` and `featurize` of the published `data_utils.py`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use fastmpnn::chemistry::{Letter, context_element, symbol_of};
use fastmpnn::structure::{Atom, LigandAtom, Point, Presented, Residue, ResidueId, Structure};

use super::atoms::AtomGroup;
use super::selection::{BACKBONE, Kinds, Selection};

/// The heavy atoms of the twenty amino acids without OXT: the published `atom_types`.
const HEAVY_ATOMS: [&str; 36] = [
    "N", "CA", "C", "CB", "O", "CG", "CG1", "CG2", "OG", "OG1", "SG", "CD", "CD1", "CD2", "ND1", "ND2", "OD1", "OD2",
    "SD", "CE", "CE1", "CE2", "CE3", "NE", "NE1", "NE2", "OE1", "OE2", "CH2", "NH1", "NH2", "OH", "CZ", "CZ2", "CZ3",
    "NZ",
];

/// The part of a file that is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// Chains by letter; all if empty (`--parse_these_chains_only`).
    pub(crate) chains: Vec<String>,
    /// Whether atoms of occupancy 0 are read (`--parse_atoms_with_zero_occupancy`).
    pub(crate) zero_occupancy: bool,
}

/// A structure that was read; arrays by residue, N of them.
#[derive(Clone, Debug)]
pub(crate) struct ParsedStructure {
    /// The file's name without its folder and `.pdb`.
    pub(crate) name: String,
    /// The structure that the network sees, with residues in the order of the file. It lists no chains, because
    /// residues of one chain may lie apart.
    pub(crate) structure: Structure,
    /// The name of each residue in options. `[N]`
    pub(crate) names: Vec<String>,
    /// `chain_letters`. `[N]`
    pub(crate) chain_letters: Vec<String>,
    /// All chain letters, sorted (`chain_list`).
    pub(crate) chain_list: Vec<String>,
    /// All atoms of the file.
    pub(crate) group: AtomGroup,
    /// What each of these atoms is part of.
    pub(crate) kinds: Kinds,
    /// The N, CA, C and O atoms of the protein that are present.
    pub(crate) backbone: Selection,
    /// The residue of each of these atoms.
    pub(crate) backbone_residues: Vec<Option<usize>>,
    /// The atoms that are neither protein nor water.
    pub(crate) others: Selection,
}

impl ParsedStructure {
    /// Reads a file.
    pub(crate) fn read(path: &str, reading: &Reading) -> Result<ParsedStructure> {
        let group = AtomGroup::read(Path::new(path))?;
        let kinds = Kinds::of(&group);
        let mut atoms = Selection::all(&group);
        if !reading.zero_occupancy {
            atoms = atoms.select("occupancy > 0", |atom| group.atoms[atom].occupancy > 0.0);
        }
        if !reading.chains.is_empty() {
            let words: Vec<String> = reading.chains.iter().map(|chain| format!("chain {chain}")).collect();
            atoms = atoms.select(&words.join(" or "), |atom| reading.chains.contains(&group.atoms[atom].chain));
        }
        let protein = atoms.select("protein", |atom| kinds.protein[atom]);
        let backbone = protein.select("backbone", |atom| BACKBONE.contains(&&*group.atoms[atom].name));
        let others = atoms.select("not protein and not water", |atom| !kinds.protein[atom] && !kinds.water[atom]);
        let file = path.rsplit('/').next().unwrap_or(path);
        let mut parsed = ParsedStructure {
            name: file.strip_suffix(".pdb").unwrap_or(file).to_owned(),
            structure: Structure::default(),
            names: Vec::new(),
            chain_letters: Vec::new(),
            chain_list: Vec::new(),
            group,
            kinds,
            backbone,
            backbone_residues: Vec::new(),
            others,
        };
        parsed.add_residues(path, &protein)?;
        parsed.chain_list = parsed.chain_letters.clone();
        parsed.chain_list.sort();
        parsed.chain_list.dedup();
        parsed.structure.ligand_atoms = parsed.others.atoms.iter().map(|&atom| parsed.ligand_atom(atom)).collect();
        Ok(parsed)
    }

    /// N, the number of residues.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// `S`, the letters of the file.
    pub(crate) fn native(&self) -> Vec<Letter> {
        self.structure.residues.iter().map(|residue| residue.letter).collect()
    }

    /// `mask`, whether a residue has N, CA, C and O.
    pub(crate) fn resolved(&self) -> Vec<bool> {
        (0..self.len()).map(|residue| self.structure.is_resolved(residue)).collect()
    }

    /// The index of each residue, by name.
    pub(crate) fn index_by_name(&self) -> HashMap<&str, usize> {
        self.names.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect()
    }

    /// The residues of a chain.
    pub(crate) fn of_chain<'a>(&'a self, chain: &'a str) -> impl Iterator<Item = usize> + 'a {
        (0..self.len()).filter(move |&residue| self.chain_letters[residue] == chain)
    }

    /// The ligand atoms that the network may see: element's symbol and position, Å.
    pub(crate) fn context_atoms(&self) -> impl Iterator<Item = (&'static str, Point)> + '_ {
        let atoms = self.structure.ligand_atoms.iter().map(|ligand| &ligand.atom);
        atoms.filter_map(|atom| Some((symbol_of(context_element(&atom.element)?)?, atom.position)))
    }

    fn add_residues(&mut self, path: &str, protein: &Selection) -> Result<()> {
        let group = &self.group;
        let place = |atom: usize| {
            let atom = &group.atoms[atom];
            (atom.chain.clone(), atom.number, atom.insertion)
        };
        let structure = &mut self.structure;
        (structure.name, structure.model_number, structure.model_count) = (self.name.clone(), 1, 1);
        let mut index_of = HashMap::new();
        let (mut repeats, mut previous) = (0, None);
        for &index in protein.atoms.iter().filter(|&&atom| group.atoms[atom].name == "CA") {
            let atom = &group.atoms[index];
            let code = atom.insertion.map_or_else(String::new, |code| code.to_string());
            let name = format!("{}{}{code}", atom.chain, atom.number);
            if index_of.insert(place(index), structure.residues.len()).is_some() {
                bail!("{path}: residue {name} has two CA atoms");
            }
            repeats += i32::from(previous == Some(atom.number));
            previous = Some(atom.number);
            let chain: Arc<str> = Arc::from(&*atom.chain);
            structure.residues.push(Residue {
                id: ResidueId { chain, number: atom.number, insertion: atom.insertion },
                chain: group.chain[index],
                name: atom.residue_name.clone(),
                hetatm: atom.hetatm,
                letter: Letter::from_standard_name(&atom.residue_name).unwrap_or(Letter::X),
                sequence_position: atom.number.saturating_add(repeats),
                label_number: None,
                atoms: Vec::new(),
            });
            self.chain_letters.push(atom.chain.clone());
            self.names.push(name);
        }
        if structure.residues.is_empty() {
            bail!("{path}: none of the atoms read is part of a protein");
        }
        // Of atoms with the same name the last counts.
        for &index in protein.atoms.iter().filter(|&&atom| HEAVY_ATOMS.contains(&&*group.atoms[atom].name)) {
            let Some(&residue) = index_of.get(&place(index)) else { continue };
            let atoms = &mut structure.residues[residue].atoms;
            let atom = atom_of(group, index);
            match atoms.iter_mut().find(|held| held.name == atom.name) {
                Some(held) => *held = atom,
                None => atoms.push(atom),
            }
        }
        self.backbone_residues = self.backbone.atoms.iter().map(|&atom| index_of.get(&place(atom)).copied()).collect();
        Ok(())
    }

    fn ligand_atom(&self, index: usize) -> LigandAtom {
        let line = &self.group.atoms[index];
        LigandAtom {
            residue: ResidueId { chain: Arc::from(&*line.chain), number: line.number, insertion: line.insertion },
            residue_name: line.residue_name.clone(),
            presented: Presented { hetatm: line.hetatm, ..Presented::default() },
            atom: atom_of(&self.group, index),
        }
    }
}

fn atom_of(group: &AtomGroup, index: usize) -> Atom {
    let line = &group.atoms[index];
    Atom {
        name: line.name.clone(),
        element: line.element.to_ascii_uppercase(),
        position: line.position,
        occupancy: line.occupancy,
        b_factor: line.b_factor,
        charge: line.charge.try_into().unwrap_or(0),
    }
}
