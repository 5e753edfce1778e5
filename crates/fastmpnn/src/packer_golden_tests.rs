//! The packer against the published code, given the same random numbers: `reference/make_packer_goldens.py`.
//!
//! A tie is settled by rounding: where the published code kept another of two angles whose log densities are equal within
//! 10⁻³, its choice is followed, so that what comes after can be compared.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use fastmpnn_kernels::{Isa, Kernels, padded};

use crate::chemistry::{MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::decode::{
    Acceptance, COMPONENTS, ComponentSample, PackingChoice, PackingDraws, PackingStep, PackingTask, ResidueDraws,
    TorsionMixture, TorsionSample,
};
use crate::golden_tests::{Golden, STATES, Tolerance, root};
use crate::model::{PackerModel, PackerNetwork, TorsionHead, Workers};
use crate::published_checkpoint::published;
use crate::structure::{ReadOptions, Structure, read_path};
use crate::weights::Checkpoint;

const CHECKPOINT: &str = "ligandmpnn_sc_v_32_002_16";

/// Steps and samples of the goldens.
const STEPS: usize = 3;
const SAMPLES: usize = 16;

/// Random numbers that are a formula of what they are for, the same as in `reference/packing.py`.
struct GivenNumbers {
    seed: u64,
}

const START: u64 = 1;
const COMPONENT: u64 = 2;
const PROPOSAL: u64 = 3;

/// SplitMix64's finalizer over a chained key.
fn mixed(counters: &[u64]) -> u64 {
    counters.iter().fold(0, |state, counter| {
        let mut state = (state ^ counter).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^ (state >> 31)
    })
}

fn uniform(counters: &[u64]) -> f64 {
    (mixed(counters) >> 11) as f64 / (1_u64 << 53) as f64
}

impl PackingDraws for GivenNumbers {
    fn start(&self, residue: usize) -> [f32; MAX_TORSIONS] {
        std::array::from_fn(|torsion| {
            (mixed(&[self.seed, START, residue as u64, torsion as u64]) >> 40) as f32 / (1_u32 << 24) as f32
        })
    }

    fn residue(&self, step: usize, residue: usize) -> Box<dyn ResidueDraws + '_> {
        Box::new(GivenOfResidue { seed: self.seed, step: step as u64, residue: residue as u64 })
    }
}

struct GivenOfResidue {
    seed: u64,
    step: u64,
    residue: u64,
}

impl ResidueDraws for GivenOfResidue {
    fn component(&mut self, of: TorsionSample, mixture: &TorsionMixture) -> usize {
        let TorsionSample { torsion, sample } = of;
        mixture.component(uniform(&[self.seed, COMPONENT, self.step, self.residue, torsion as u64, sample as u64]))
    }

    fn proposal(&mut self, of: ComponentSample, round: usize) -> [f64; 3] {
        let (torsion, sample, component) = (of.torsion as u64, of.sample as u64, of.component as u64);
        std::array::from_fn(|number| {
            let (round, number) = (round as u64, number as u64);
            let of = [PROPOSAL, self.step, round, number, sample, self.residue, torsion, component];
            uniform(&[&[self.seed], &of[..]].concat())
        })
    }
}

struct Case {
    golden: Golden,
    structure: Structure,
    network: PackerNetwork,
    ligands: bool,
}

impl Case {
    fn new(golden: &str, structure: &str, ligands: bool, checkpoint: &Checkpoint, isa: Isa) -> Case {
        let kernels = Kernels::on(isa).expect("an available instruction set");
        let path = root().join(format!("examples/{structure}.pdb"));
        Case {
            golden: Golden::open(golden),
            structure: read_path(&path, &ReadOptions::default()).expect("a readable example"),
            network: PackerNetwork {
                model: Arc::new(PackerModel::load(kernels, checkpoint).expect("a loadable checkpoint")),
                workers: Workers::new(NonZeroUsize::new(2)).expect("two threads"),
            },
            ligands,
        }
    }

    fn task(&self) -> PackingTask {
        let (sequence, packed) = (self.golden.letters("sequence"), self.golden.flags("repacked"));
        let letters: Vec<_> = self.structure.residues.iter().map(|residue| residue.letter).collect();
        assert_eq!(letters, sequence, "the residues are the golden's");
        let choice = PackingChoice { sequence, packed, ligands: self.ligands.into(), cyclic: Vec::new() };
        PackingTask::new(&self.network, &self.structure, &choice)
    }

    fn compare_atoms(&self, key: &str, atoms: &[[[f32; 3]; MAX_ATOMS]]) {
        self.golden.compare(key, atoms.as_flattened().as_flattened(), Tolerance::absolute(1e-3));
    }

    fn check(&self) {
        let task = self.task();
        let draws = GivenNumbers { seed: 1 };
        let mut run = task.begin(&draws);
        self.compare_atoms("start_atoms", run.atoms());
        self.check_encoder(&task);
        let chosen = self.golden.tensor("chosen", |bytes| usize::from(bytes[0]), 1);
        let residues = self.structure.residues.len();
        // (residue, torsion): how far the log density of the published choice is below the best.
        let ties: Mutex<Vec<f32>> = Mutex::default();
        for step in 0..STEPS {
            run.predict();
            self.check_heads(step, run.heads());
            let at = PackingStep { step, samples: SAMPLES };
            let rounds = run.rounds(at, &draws).expect("rounds");
            let drawn = run.draw_by(at, &draws, Acceptance::LastOf(rounds), |residue, torsion, densities| {
                let best = densities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let published = chosen[(step * residues + residue) * MAX_TORSIONS + torsion];
                let below = best - densities[published];
                if below > 0.0 {
                    ties.lock().expect("no panic").push(below);
                }
                published
            });
            drawn.expect("torsions");
        }
        let ties = ties.into_inner().expect("no panic");
        let worst = ties.iter().copied().fold(0.0, f32::max);
        println!("{} choices by rounding, worst {worst:.2e}", ties.len());
        assert!(worst < 1e-3, "a published choice is worse than ours by {worst}");
        let packing = run.finish();
        self.compare_atoms("atoms", &packing.atoms);
        self.check_angles(&packing.angles);
        self.check_b_factors(&packing);
    }

    fn check_encoder(&self, task: &PackingTask) {
        let encoding = &task.prepared.encoding;
        let degree = encoding.graph.degree();
        let sorted = |row: &mut dyn Iterator<Item = i32>| {
            let mut row: Vec<i32> = row.collect();
            row.sort_unstable();
            row
        };
        let neighbors = self.golden.integers("neighbours");
        for (residue, expected) in neighbors.chunks_exact(degree).enumerate() {
            let found = sorted(&mut encoding.graph.neighbors(residue).iter().map(|&index| index as i32));
            assert_eq!(found, sorted(&mut expected.iter().copied()), "neighbours of residue {residue}");
        }
        let hidden = self.network.model.config.hidden;
        let (nodes, edges) = self.network.model.states(&encoding.graph, encoding.context(), &self.network.workers);
        let stride = padded(hidden);
        let (rows, slots) = (self.golden.indexes("rows"), self.golden.indexes("slots"));
        let found: Vec<f32> = rows.iter().flat_map(|&row| nodes[row * stride..][..hidden].to_vec()).collect();
        self.golden.compare("encoder.nodes", &found, STATES);
        let mut found = Vec::new();
        for &row in &rows[..4] {
            for &slot in &slots {
                let neighbor = neighbors[row * degree + slot];
                let place = encoding.graph.neighbors(row).iter().position(|&found| found as i32 == neighbor);
                let edge = row * degree + place.expect("the neighbor is there");
                found.extend_from_slice(&edges[edge * stride..][..hidden]);
            }
        }
        self.golden.compare("encoder.edges", &found, STATES);
    }

    fn check_heads(&self, step: usize, heads: &[TorsionHead]) {
        let rows = self.golden.indexes("rows");
        let mixtures: Vec<TorsionMixture> =
            rows.iter().flat_map(|&row| heads[row].iter().map(TorsionMixture::from_head)).collect();
        let key = |name: &str| format!("step.{step}.{name}");
        let means: Vec<f32> = mixtures.iter().flat_map(|mixture| mixture.mean).collect();
        self.golden.compare(&key("mean"), &means, Tolerance::absolute(1e-3));
        let concentrations: Vec<f32> = mixtures.iter().flat_map(|mixture| mixture.concentration).collect();
        self.golden.compare(&key("concentration"), &concentrations, STATES);
        // Logits are compared as weights: a constant in all three means nothing.
        let logits = self.golden.floats(&key("mix_logits"));
        for (mixture, logits) in mixtures.iter().zip(logits.chunks_exact(COMPONENTS)) {
            let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
            for (weight, logit) in mixture.log_weight.iter().zip(logits) {
                let difference = (weight.exp() - logit.exp() / sum).abs();
                assert!(difference < 1e-3, "{}: weights differ by {difference}", key("mix_logits"));
            }
        }
    }

    fn check_angles(&self, angles: &[[f32; MAX_TORSIONS]]) {
        let (expected, packed) = (self.golden.floats("angles"), self.golden.flags("repacked"));
        let mut worst = 0.0_f32;
        for (residue, found) in angles.iter().enumerate().filter(|&(residue, _)| packed[residue]) {
            let torsions = SideChain::of(self.structure.residues[residue].letter).torsions();
            for torsion in 0..torsions {
                let difference = found[torsion] - expected[residue * MAX_TORSIONS + torsion];
                let turn = 2.0 * std::f32::consts::PI;
                worst = worst
                    .max((difference + turn / 2.0).rem_euclid(turn) - turn / 2.0)
                    .max(-((difference + turn / 2.0).rem_euclid(turn) - turn / 2.0));
            }
        }
        println!("angles: worst {worst:.2e} rad");
        assert!(worst < 1e-3, "an angle differs by {worst} rad");
    }

    fn check_b_factors(&self, packing: &crate::decode::Packing) {
        let (expected, mask) = (self.golden.floats("b_factors"), self.golden.flags("atom_mask"));
        let mut worst = 0.0_f32;
        for residue in 0..packing.atoms.len() {
            let count = SideChain::of(packing.sequence[residue]).atoms.len();
            for atom in 0..MAX_ATOMS {
                assert_eq!(mask[residue * MAX_ATOMS + atom], atom < count, "residue {residue} atom {atom}");
                if atom < count {
                    let found = packing.b_factor(residue, atom).expect("an atom");
                    worst = worst.max((found - expected[residue * MAX_ATOMS + atom]).abs());
                }
            }
        }
        println!("log densities: worst {worst:.2e}");
        assert!(worst < 2e-3, "a log density differs by {worst}");
    }
}

/// Every golden, on an instruction set.
fn check_all(cases: &[(&str, &str, bool)], isa: Isa) {
    let Some(checkpoint) = published(CHECKPOINT) else { return };
    for &(golden, structure, ligands) in cases {
        println!("{golden} on {isa}");
        Case::new(golden, structure, ligands, &checkpoint, isa).check();
    }
}

#[test]
fn packings_of_small_proteins() {
    for isa in Isa::available() {
        check_all(&[("packer_6MRR", "6MRR", true), ("packer_5L33_fixed", "5L33", true)], isa);
    }
}

#[test]
fn packings_beside_ligands_and_without_them() {
    let widest = Isa::available().last().unwrap_or(Isa::Scalar);
    check_all(&[("packer_3HTN", "3HTN", true), ("packer_3HTN_alone", "3HTN", false)], widest);
}
