//! The random numbers of a packing, and their sources.
//!
//! A [`PackingRun`](super::PackingRun) asks a [`PackingDraws`] for them, so that a caller may supply its own numbers.
//! Where one round of rejection is drawn for several packings at once, a step goes
//! [`PackingRun::predict`](super::PackingRun::predict), then [`PackingRun::rounds`](super::PackingRun::rounds), whose
//! largest value over the packings is the number of rounds that the step takes, then
//! [`PackingRun::draw`](super::PackingRun::draw) with [`Acceptance::LastOf`](super::Acceptance::LastOf) that number.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::RngCore;

use super::super::random::{Purpose, RandomStream};
use super::torsion_mixture::TorsionMixture;
use crate::chemistry::MAX_TORSIONS;
use crate::structure::Structure;

/// The random numbers of one packing.
pub trait PackingDraws: Sync {
    /// Four numbers in 0 ≤ u < 1: the initial torsions of a residue, in units of 2π.
    fn start(&self, residue: usize) -> [f32; MAX_TORSIONS];

    /// The random numbers of a residue in a step.
    fn residue(&self, step: usize, residue: usize) -> Box<dyn ResidueDraws + '_>;
}

/// The random numbers of one residue in one step. With [`Acceptance::First`](super::Acceptance::First) they are asked for
/// torsion by torsion, in those sample by sample, the component first, then rounds of proposals; otherwise in any order.
pub trait ResidueDraws {
    /// The component of a sample of a torsion, below [`COMPONENTS`](super::COMPONENTS).
    fn component(&mut self, of: (usize, usize), mixture: &TorsionMixture) -> usize;

    /// Three numbers in 0 ≤ u < 1 for a round of the rejection of (torsion, sample, component).
    fn proposal(&mut self, of: (usize, usize, usize), round: usize) -> [f64; 3];
}

/// Numbers that depend only on seed, structure, sequence, pack, step and residue. So a pack is the same whatever the
/// number of packs and threads.
#[derive(Clone, Debug)]
pub struct StreamDraws {
    stream: RandomStream,
    /// The sample whose sequence is packed; 0 for a given sequence.
    sample: u64,
    pack: u64,
}

impl StreamDraws {
    /// Of a pack of a sample's sequence.
    pub fn new(structure: &Structure, seed: u64, (sample, pack): (u64, u64)) -> StreamDraws {
        StreamDraws { stream: RandomStream::new(seed, structure), sample, pack }
    }
}

impl PackingDraws for StreamDraws {
    fn start(&self, residue: usize) -> [f32; MAX_TORSIONS] {
        let mut generator = self.stream.generator(Purpose::PackStart, (self.sample, self.pack), residue);
        // 24 bits, so that none rounds to 1.
        std::array::from_fn(|_| (generator.next_u32() >> 8) as f32 / (1_u32 << 24) as f32)
    }

    fn residue(&self, step: usize, residue: usize) -> Box<dyn ResidueDraws + '_> {
        let mut generator = self.stream.generator(Purpose::PackStep, (self.sample, self.pack), residue);
        // A step has 2⁴⁰ words of its own.
        generator.set_word_pos((step as u128) << 40);
        Box::new(generator)
    }
}

impl ResidueDraws for ChaCha12Rng {
    fn component(&mut self, _of: (usize, usize), mixture: &TorsionMixture) -> usize {
        mixture.component(uniform(self))
    }

    fn proposal(&mut self, _of: (usize, usize, usize), _round: usize) -> [f64; 3] {
        std::array::from_fn(|_| uniform(self))
    }
}

/// A number in 0 ≤ u < 1 with 53 bits.
fn uniform(generator: &mut ChaCha12Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
