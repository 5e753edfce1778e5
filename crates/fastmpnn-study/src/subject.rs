//! A structure with the plan and order that all variants share.

use std::path::PathBuf;

use fastmpnn::chemistry::{Sequence, VOCABULARY};
use fastmpnn::spec::{DesignPlan, DesignSpec, OrderKind};
use fastmpnn::structure::{Chain, Structure};
use fastmpnn::{Encoding, Engine};

use crate::error::StudyError;

/// A structure, all of whose residues are designed.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// The file it was read from; `None` for a structure assembled from copies.
    pub path: Option<PathBuf>,
    /// The structure.
    pub structure: Structure,
    /// Everything designed, in random order.
    pub plan: DesignPlan,
    /// The native letters. `[N]`
    pub native: Sequence,
    /// Whether a residue has its backbone. `[N]`
    pub resolved: Vec<bool>,
    /// The number of residues with a backbone; the study counts only these.
    pub residues: usize,
    /// Decoding rank of each residue in scoring native letters: a fixed permutation. `[N]`
    pub rank: Vec<u32>,
}

impl Subject {
    /// A structure as it was read, all of it designed.
    ///
    /// # Errors
    /// If no residue of the structure can be designed.
    pub fn new(structure: Structure, path: Option<PathBuf>) -> Result<Subject, StudyError> {
        let plan = DesignSpec::default().resolve(&structure)?;
        let resolved: Vec<bool> = structure.residues.iter().map(|residue| residue.backbone().is_some()).collect();
        Ok(Subject {
            name: structure.name.clone(),
            path,
            plan,
            native: structure.residues.iter().map(|residue| residue.letter).collect(),
            residues: resolved.iter().filter(|&&resolved| resolved).count(),
            rank: permutation(structure.residues.len()),
            resolved,
            structure,
        })
    }

    /// ln p of every letter at every residue with `engine`, given the native letters of the residues of smaller
    /// [`Subject::rank`]. `[N, V]`, nats
    pub(crate) fn log_p(&self, engine: &Engine, encoding: &Encoding) -> Result<Vec<[f32; VOCABULARY]>, StudyError> {
        Ok(engine.autoregressive(encoding, &self.structure, &self.native, &self.rank)?)
    }

    /// The subject with another decoding order.
    pub fn with_order(&self, order: OrderKind) -> Subject {
        let mut subject = self.clone();
        subject.plan.order = order;
        subject
    }

    /// The subject with another seed.
    pub fn with_seed(mut self, seed: u64) -> Subject {
        self.plan.seed = seed;
        self
    }

    /// Copies of the structure side by side, cut off after `residues` residues. Copies are `apart` Å from each other:
    /// far enough that none is a neighbor of another, or touching if `apart` is less than the structure's size.
    pub fn of_length(&self, residues: usize, apart: f32) -> Result<Subject, StudyError> {
        let mut structure = self.structure.clone();
        structure.residues.retain(|residue| residue.backbone().is_some());
        for residue in &mut structure.residues {
            residue.atoms.retain(|atom| ["N", "CA", "C", "O"].contains(&atom.name.as_str()));
        }
        let original = structure.residues.clone();
        let copies = residues.div_ceil(original.len().max(1));
        // A cube of copies, so that neighborhoods are as dense as in a protein at any length.
        let side = (copies as f64).cbrt().ceil().max(1.0) as usize;
        structure.residues = (0..residues)
            .filter_map(|index| {
                let (copy, place) = (index / original.len(), index % original.len());
                let mut residue = original.get(place)?.clone();
                let shift = [copy % side, copy / side % side, copy / (side * side)].map(|step| step as f32 * apart);
                for atom in &mut residue.atoms {
                    for (x, shift) in atom.position.iter_mut().zip(shift) {
                        *x += shift;
                    }
                }
                residue.chain = copy;
                residue.id.chain = format!("{copy}").into();
                Some(residue)
            })
            .collect();
        let length = structure.residues.len();
        let template = structure.chains.first().cloned();
        structure.chains = (0..copies)
            .filter_map(|copy| {
                let first = copy * original.len();
                let residues = first..length.min(first + original.len());
                Some(Chain { id: format!("{copy}").into(), residues, ..template.clone()? })
            })
            .collect();
        structure.name = format!("{} of {length} residues", self.structure.name);
        structure.ligand_atoms.clear();
        Ok(Subject::new(structure, None)?.with_seed(self.plan.seed))
    }
}

/// A fixed permutation of 0 … N − 1 that looks random.
fn permutation(count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_by_key(|&index| {
        (index.wrapping_mul(2_654_435_761).rotate_left(13) ^ 0x5bd1_e995).wrapping_mul(0x85eb_ca6b)
    });
    let mut rank = vec![0; count];
    for (place, residue) in order.into_iter().enumerate() {
        rank[residue as usize] = place as u32;
    }
    rank
}
