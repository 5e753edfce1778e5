//! The random numbers of a packing, and their sources.
//!
//! A [`PackingRun`](super::PackingRun) asks a [`PackingDraws`] for them, so that a caller may supply its own numbers.
//! Where one round of rejection is drawn for several packings at once, a step goes
//! [`PackingRun::predict`](super::PackingRun::predict), then [`PackingRun::rounds`](super::PackingRun::rounds), whose
//! largest value over the packings is the number of rounds that the step takes, then
//! [`PackingRun::draw`](super::PackingRun::draw) with [`Acceptance::LastOf`](super::Acceptance::LastOf) that number.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::RngCore;

use super::super::random::{Purpose, RandomKey, RandomStream};
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
    fn component(&mut self, of: TorsionSample, mixture: &TorsionMixture) -> usize;

    /// Three numbers in 0 ≤ u < 1 for a round of the rejection by which a component gives a sample.
    fn proposal(&mut self, of: ComponentSample, round: usize) -> [f64; 3];
}

/// A sample of a torsion of the residue, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TorsionSample {
    /// The torsion, 0 … 3 for χ1 … χ4.
    pub torsion: usize,
    /// The sample.
    pub sample: usize,
}

/// A sample of a torsion, drawn of one component of its mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ComponentSample {
    /// The torsion, 0 … 3 for χ1 … χ4.
    pub torsion: usize,
    /// The sample, from 0.
    pub sample: usize,
    /// The component, from 0.
    pub component: usize,
}

/// Which packing of a run: with the structure, it determines every random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PackId {
    /// The run's seed.
    pub seed: u64,
    /// The sample whose sequence is packed; 0 for a given sequence.
    pub sample: u64,
    /// The packing of that sequence.
    pub pack: u64,
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
    pub fn new(structure: &Structure, id: PackId) -> StreamDraws {
        StreamDraws { stream: RandomStream::new(id.seed, structure), sample: id.sample, pack: id.pack }
    }

    fn generator(&self, purpose: Purpose, residue: usize) -> ChaCha12Rng {
        self.stream.generator(RandomKey { purpose, sample: self.sample, part: self.pack, residue })
    }
}

impl PackingDraws for StreamDraws {
    fn start(&self, residue: usize) -> [f32; MAX_TORSIONS] {
        let mut generator = self.generator(Purpose::PackStart, residue);
        // 24 bits, so that none rounds to 1.
        std::array::from_fn(|_| (generator.next_u32() >> 8) as f32 / (1_u32 << 24) as f32)
    }

    fn residue(&self, step: usize, residue: usize) -> Box<dyn ResidueDraws + '_> {
        let mut generator = self.generator(Purpose::PackStep, residue);
        // A step has 2⁴⁰ words of its own.
        generator.set_word_pos((step as u128) << 40);
        Box::new(generator)
    }
}

impl ResidueDraws for ChaCha12Rng {
    fn component(&mut self, _of: TorsionSample, mixture: &TorsionMixture) -> usize {
        mixture.component(uniform(self))
    }

    fn proposal(&mut self, _of: ComponentSample, _round: usize) -> [f64; 3] {
        std::array::from_fn(|_| uniform(self))
    }
}

/// A number in 0 ≤ u < 1 with 53 bits.
fn uniform(generator: &mut ChaCha12Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
