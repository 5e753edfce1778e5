//! Properties that hold for any structure: the network sees geometry, not coordinates, and residues, not their place in
//! a file.

use std::path::{Path, PathBuf};

use fastmpnn::chemistry::Sequence;
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{Chain, ReadOptions, Structure, read_path};
use fastmpnn::{Engine, EngineOptions};

/// The tolerance for two evaluations that round differently, the same as against the published code.
const TOLERANCE: f32 = 1e-4;

fn example(name: &str) -> Structure {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine() -> Engine {
    Engine::embedded(&EngineOptions::default()).expect("an engine")
}

/// ln p without letters and along a decoding order that depends on the residues' names only.
fn log_probs(engine: &Engine, structure: &Structure) -> Vec<[f32; 21]> {
    let encoding = engine.encode(structure).expect("an encoding");
    let plan = DesignSpec::default().resolve(structure).expect("a plan");
    let native: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank = engine.decoding_rank(&encoding, structure, &plan, 0).expect("an order");
    let mut rows = engine.autoregressive(&encoding, structure, &native, &rank).expect("likelihoods");
    rows.extend(engine.unconditional(&encoding).expect("likelihoods"));
    rows
}

fn worst(a: &[[f32; 21]], b: &[[f32; 21]]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.concat().iter().zip(&b.concat()).fold(0.0, |worst, (a, b)| (a - b).abs().max(worst))
}

fn transform(structure: &mut Structure, place: impl Fn([f32; 3]) -> [f32; 3]) {
    for residue in &mut structure.residues {
        for atom in &mut residue.atoms {
            atom.position = place(atom.position);
        }
    }
}

/// A turn by `angle` about (1, 2, 2) / 3, by Rodrigues' formula.
fn turned(p: [f32; 3], angle: f64) -> [f32; 3] {
    let axis = [1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0];
    let p = p.map(f64::from);
    let dot: f64 = (0..3).map(|i| axis[i] * p[i]).sum();
    let cross = |i: usize| axis[(i + 1) % 3] * p[(i + 2) % 3] - axis[(i + 2) % 3] * p[(i + 1) % 3];
    std::array::from_fn(|i| (p[i] * angle.cos() + cross(i) * angle.sin() + axis[i] * dot * (1.0 - angle.cos())) as f32)
}

#[test]
fn turning_and_moving_a_structure_changes_nothing() {
    let engine = engine();
    for name in ["5L33.pdb", "6MRR.pdb", "3HTN.pdb"] {
        let structure = example(name);
        let before = log_probs(&engine, &structure);
        for (angle, shift) in [(0.7, [0.0; 3]), (2.9, [30.0, -20.0, 10.0]), (4.4, [-80.0, 0.5, 60.0])] {
            let mut moved = structure.clone();
            transform(&mut moved, |p| {
                let p = turned(p, angle);
                std::array::from_fn(|axis| p[axis] + shift[axis])
            });
            let difference = worst(&before, &log_probs(&engine, &moved));
            println!("{name}: turned by {angle}, moved by {shift:?}: {difference:.1e}");
            assert!(difference <= TOLERANCE, "{name}: {difference}");
        }
    }
}

/// The structure with its chains in another order.
fn reordered(structure: &Structure, order: &[usize]) -> (Structure, Vec<usize>) {
    let mut result = Structure { chains: Vec::new(), residues: Vec::new(), ..structure.clone() };
    let mut origin = Vec::new();
    for (place, &chain) in order.iter().enumerate() {
        let from = structure.chains[chain].residues.clone();
        let start = result.residues.len();
        for index in from {
            let mut residue = structure.residues[index].clone();
            residue.chain = place;
            result.residues.push(residue);
            origin.push(index);
        }
        result.chains.push(Chain { residues: start..result.residues.len(), ..structure.chains[chain].clone() });
    }
    (result, origin)
}

#[test]
fn permuting_chains_permutes_the_result() {
    let engine = engine();
    let structure = example("3HTN.pdb");
    let count = structure.residues.len();
    let before = log_probs(&engine, &structure);
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let encoding = engine.encode(&structure).expect("an encoding");
    let designs =
        engine.designer(&encoding, &structure, &plan).expect("a designer").sample(0..2, 0.1).expect("designs");
    for order in [[2, 1, 0], [1, 2, 0]] {
        let (permuted, origin) = reordered(&structure, &order);
        let after = log_probs(&engine, &permuted);
        let expected: Vec<_> =
            origin.iter().copied().chain(origin.iter().map(|&index| index + count)).map(|i| before[i]).collect();
        let difference = worst(&expected, &after);
        println!("chains in order {order:?}: {difference:.1e}");
        assert!(difference <= TOLERANCE);

        let plan = DesignSpec::default().resolve(&permuted).expect("a plan");
        let encoding = engine.encode(&permuted).expect("an encoding");
        let again =
            engine.designer(&encoding, &permuted, &plan).expect("a designer").sample(0..2, 0.1).expect("designs");
        for (design, again) in designs.iter().zip(&again) {
            let expected: Sequence = origin.iter().map(|&index| design.sequence[index]).collect();
            assert_eq!(again.sequence, expected, "designs with chains in order {order:?}");
        }
    }
}

#[test]
fn masking_a_residue_far_away_changes_nothing_near() {
    let engine = engine();
    // Two copies half a micron apart: each has more residues than anyone has neighbors.
    let single = example("5L33.pdb");
    let mut pair = single.clone();
    let mut copy = single.clone();
    transform(&mut copy, |p| [p[0] + 5000.0, p[1], p[2]]);
    let count = single.residues.len();
    for mut residue in copy.residues {
        residue.id.chain = "B".into();
        residue.chain = 1;
        pair.residues.push(residue);
    }
    pair.chains.push(Chain { id: "B".into(), label_id: None, residues: count..2 * count });
    let mut masked = pair.clone();
    masked.residues[count + 40].atoms.retain(|atom| atom.name != "CA");
    assert!(masked.residues[count + 40].backbone().is_none());

    let (whole, masked) = (log_probs(&engine, &pair), log_probs(&engine, &masked));
    for half in [0, 2 * count] {
        assert_eq!(whole[half..][..count], masked[half..][..count], "the untouched copy");
        assert_ne!(whole[half + count..][..count], masked[half + count..][..count], "the masked one's neighbours");
    }
}

#[test]
fn a_pdb_and_an_mmcif_of_an_entry_give_the_same_result() {
    let engine = engine();
    let (pdb, cif) = (example("5L33.pdb"), example("5L33.cif"));
    assert_eq!(log_probs(&engine, &pdb), log_probs(&engine, &cif));
}
