//! A summary of a structure as data for programs: `fastmpnn info --json`.

use serde::Serialize;

use super::{BackboneAtoms, LigandAtom, Point, Residue, ResidueId, Structure};

/// A summary of a structure.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StructureSummary {
    /// The structure's name.
    pub name: String,
    /// The number of the model that was read, as in the file.
    pub model_number: i32,
    /// The number of models in the file.
    pub model_count: usize,
    /// The chains with protein residues.
    pub chains: Vec<ChainSummary>,
    /// Everything that is not protein, by residue, in file order.
    pub ligands: Vec<LigandSummary>,
    /// All warnings.
    pub warnings: Vec<WarningSummary>,
}

/// A chain of protein residues.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ChainSummary {
    /// The author's chain id.
    pub id: String,
    /// The mmCIF `label_asym_id`.
    pub label_id: Option<String>,
    /// One letter per residue.
    pub sequence: String,
    /// The residues.
    pub residues: Vec<ResidueSummary>,
}

/// A protein residue.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ResidueSummary {
    /// Its name for users, such as `H100A`.
    pub id: String,
    /// The author's chain id.
    pub chain: String,
    /// The author's residue number.
    pub number: i32,
    /// The insertion code.
    pub insertion: Option<char>,
    /// The residue name of the file.
    pub name: String,
    /// Its letter for the network.
    pub letter: char,
    /// Its position along the chain, from 0, counting residues missing in gaps.
    pub sequence_position: i32,
    /// The mmCIF `label_seq_id`.
    pub label_number: Option<i32>,
    /// Whether the residue is masked because N, CA, C or O is missing (CA, for networks that need only CA).
    pub masked: bool,
    /// The number of atoms read.
    pub atoms: usize,
    /// N, CA, C, O in Å; `null` when one is missing.
    pub backbone: Option<[Point; 4]>,
}

/// A group of atoms that is not protein.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LigandSummary {
    /// Its name for users, such as `A301`.
    pub id: String,
    /// The author's chain id.
    pub chain: String,
    /// The author's residue number.
    pub number: i32,
    /// The insertion code.
    pub insertion: Option<char>,
    /// The residue name of the file.
    pub name: String,
    /// The number of atoms, including hydrogens.
    pub atoms: usize,
    /// The number of those atoms in LigandMPNN's context.
    pub context_atoms: usize,
    /// Their elements in file order.
    pub elements: Vec<String>,
}

/// A warning.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WarningSummary {
    /// The line of the file.
    pub line: Option<usize>,
    /// The residue, such as `A12`.
    pub residue: Option<String>,
    /// The message, preceded by line and residue.
    pub text: String,
}

/// Summarizes a structure.
pub fn describe(structure: &Structure) -> StructureSummary {
    let chains = structure.chains.iter().map(|chain| {
        let residues = &structure.residues[chain.residues.clone()];
        ChainSummary {
            id: chain.id.to_string(),
            label_id: chain.label_id.clone(),
            sequence: residues.iter().map(|residue| residue.letter.to_char()).collect(),
            residues: residues.iter().map(|residue| describe_residue(residue, structure.needs)).collect(),
        }
    });
    let warnings = structure.warnings.iter().map(|warning| WarningSummary {
        line: warning.line,
        residue: warning.residue.as_ref().map(ResidueId::to_string),
        text: warning.to_string(),
    });
    StructureSummary {
        name: structure.name.clone(),
        model_number: structure.model_number,
        model_count: structure.model_count,
        chains: chains.collect(),
        ligands: describe_ligands(structure),
        warnings: warnings.collect(),
    }
}

fn describe_residue(residue: &Residue, needs: BackboneAtoms) -> ResidueSummary {
    ResidueSummary {
        id: residue.id.to_string(),
        chain: residue.id.chain.to_string(),
        number: residue.id.number,
        insertion: residue.id.insertion,
        name: residue.name.clone(),
        letter: residue.letter.to_char(),
        sequence_position: residue.sequence_position,
        label_number: residue.label_number,
        masked: !residue.has(needs),
        atoms: residue.atoms.len(),
        backbone: residue.backbone(),
    }
}

fn describe_ligands(structure: &Structure) -> Vec<LigandSummary> {
    let same_group = |a: &LigandAtom, b: &LigandAtom| a.residue == b.residue && a.residue_name == b.residue_name;
    let summary = |atoms: &[LigandAtom]| {
        let id = &atoms[0].residue;
        LigandSummary {
            id: id.to_string(),
            chain: id.chain.to_string(),
            number: id.number,
            insertion: id.insertion,
            name: atoms[0].residue_name.clone(),
            atoms: atoms.len(),
            context_atoms: atoms.iter().filter(|atom| atom.is_context()).count(),
            elements: atoms.iter().map(|ligand| ligand.atom.element.clone()).collect(),
        }
    };
    structure.ligand_atoms.chunk_by(same_group).map(summary).collect()
}
