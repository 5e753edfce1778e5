//! The random stream: counter-based, so that a number depends only on its purpose.
//!
//! A draw is keyed on (seed, structure name, sample, residue, purpose). Whatever the number of samples, threads or
//! input files, the batch or the schedule, the same residue of the same sample draws the same number.
//!
//! ChaCha with 12 rounds: the 256-bit key is seed, structure, sample and purpose; the 64-bit stream is the residue.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

use crate::structure::{ResidueId, Structure};

/// The purpose of a random number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The position of a designed residue in a sample's decoding order.
    Order = 1,
    /// The letter of a residue or tied group.
    Letter = 2,
    /// The position of a fixed residue; the same for all samples.
    FixedOrder = 3,
    /// The initial torsions of a residue.
    PackStart = 16,
    /// The torsions drawn for a residue in a step.
    PackStep = 17,
}

/// What random numbers of a structure are for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomKey {
    pub(crate) purpose: Purpose,
    pub(crate) sample: u64,
    /// Tells apart what a sample draws several times.
    pub(crate) part: u64,
    pub(crate) residue: usize,
}

/// The random numbers of one structure under one seed.
#[derive(Clone, Debug)]
pub(crate) struct RandomStream {
    seed: u64,
    structure: u64,
    /// A hash of each residue's chain, number and insertion code. `[N]`
    residues: Vec<u64>,
}

impl RandomStream {
    pub(crate) fn new(seed: u64, structure: &Structure) -> RandomStream {
        RandomStream {
            seed,
            structure: hash(structure.name.as_bytes()),
            residues: structure.residues.iter().map(|residue| residue_hash(&residue.id)).collect(),
        }
    }

    /// 64 random bits.
    pub(crate) fn bits(&self, purpose: Purpose, sample: u64, residue: usize) -> u64 {
        self.generator(RandomKey { purpose, sample, part: 0, residue }).next_u64()
    }

    /// A generator for any number of random numbers; `part` separates draws that a sample makes several times.
    pub(crate) fn generator(&self, key: RandomKey) -> ChaCha12Rng {
        let RandomKey { purpose, sample, part, residue } = key;
        let mut key = [0; 32];
        let purpose = purpose as u64 | part << 8;
        for (target, word) in key.chunks_exact_mut(8).zip([self.seed, self.structure, sample, purpose]) {
            target.copy_from_slice(&word.to_le_bytes());
        }
        let mut generator = ChaCha12Rng::from_seed(key);
        generator.set_stream(self.residues[residue]);
        generator
    }

    /// A number in 0 ≤ u < 1 with 53 bits.
    pub(crate) fn uniform(&self, purpose: Purpose, sample: u64, residue: usize) -> f64 {
        (self.bits(purpose, sample, residue) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn residue_hash(id: &ResidueId) -> u64 {
    // The separator cannot be part of a number, so no two residues share a text.
    hash(format!("{}|{}|{}", id.chain, id.number, id.insertion.unwrap_or(' ')).as_bytes())
}

fn hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    u64::from_le_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}
