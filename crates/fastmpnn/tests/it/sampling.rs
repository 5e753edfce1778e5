//! Drawing sequences: the same ones however the work is divided, and as good as the published code's.

use std::path::Path;

use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::decode::{Design, EdgeCache, MemoryLimit};
use fastmpnn::score::{mean_where, recovery};
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Engine, EngineOptions};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(name: &str) -> Structure {
    read_path(&root().join("examples").join(name), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine(threads: usize) -> Engine {
    let options = EngineOptions::default().with_threads(std::num::NonZeroUsize::new(threads));
    Engine::embedded(&options).expect("an engine")
}

fn designs(engine: &Engine, structure: &Structure, spec: &DesignSpec, samples: std::ops::Range<u64>) -> Vec<Design> {
    let plan = spec.resolve(structure).expect("a plan");
    let encoding = engine.encode(structure).expect("an encoding");
    let designer = engine.designer(&encoding, structure, &plan).expect("a designer");
    designer.sample(samples, 0.1).expect("designs")
}

#[test]
fn designs_do_not_depend_on_threads_or_on_the_number_of_samples() {
    let structure = example("5L33.pdb");
    let spec = DesignSpec { fix: vec!["A1-20".into()], ..DesignSpec::default() };
    let eight = designs(&engine(1), &structure, &spec, 0..8);
    for threads in [2, 3, 5] {
        assert_eq!(designs(&engine(threads), &structure, &spec, 0..8), eight, "{threads} threads");
    }
    let hundred = designs(&engine(2), &structure, &spec, 0..100);
    assert_eq!(hundred[..8], eight, "the first of a hundred");
    assert_eq!(designs(&engine(2), &structure, &spec, 3..4)[0], eight[3], "one alone");
    assert_ne!(eight[0].sequence, eight[1].sequence);
}

#[test]
fn the_seed_of_a_specification_determines_designs_and_orders() {
    let (structure, engine) = (example("6MRR.pdb"), engine(2));
    let encoding = engine.encode(&structure).expect("an encoding");
    let of_seed = |seed| {
        let spec = DesignSpec { seed, ..DesignSpec::default() };
        let plan = spec.resolve(&structure).expect("a plan");
        assert_eq!(plan.seed, seed);
        let rank = engine.decoding_rank(&encoding, &structure, &plan, 1).expect("an order");
        let numbers = engine.letter_numbers(&structure, &plan, 1);
        (designs(&engine, &structure, &spec, 1..2), rank, numbers)
    };
    let (nine, again, ten) = (of_seed(9), of_seed(9), of_seed(10));
    assert_eq!(nine, again);
    assert_eq!(nine.0[0].rank, nine.1, "the designer's order is the plan's");
    assert!(nine.0[0].sequence != ten.0[0].sequence && nine.1 != ten.1 && nine.2 != ten.2);
    assert_eq!(of_seed(0), {
        let plan = DesignSpec::default().resolve(&structure).expect("a plan");
        let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
        let rank = engine.decoding_rank(&encoding, &structure, &plan, 1).expect("an order");
        (designer.sample(1..2, 0.1).expect("designs"), rank, engine.letter_numbers(&structure, &plan, 1))
    });
}

#[test]
fn designs_do_not_depend_on_memory() {
    let structure = example("5L33.pdb");
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let with_limit = |limit: u64| {
        let options = EngineOptions::default().with_memory_limit(Some(MemoryLimit(limit)));
        let engine = Engine::embedded(&options).expect("an engine");
        let encoding = engine.encode(&structure).expect("an encoding");
        let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
        (designer.edge_cache(), designer.sample(0..6, 0.1).expect("designs"))
    };
    let (rich, poor, destitute) = (with_limit(1 << 32), with_limit(2_000_000), with_limit(0));
    assert!(matches!(rich.0, EdgeCache::Kept(_)), "{}", rich.0);
    assert!(matches!(poor.0, EdgeCache::Recomputed(_)), "{}", poor.0);
    assert_eq!(rich.1, poor.1);
    assert_eq!(rich.1, destitute.1);
}

#[test]
fn names_and_seeds_choose_the_stream() {
    let engine = engine(2);
    let mut structure = example("6MRR.pdb");
    let spec = DesignSpec::default();
    let first = designs(&engine, &structure, &spec, 0..1);
    structure.name = "another".into();
    assert_ne!(designs(&engine, &structure, &spec, 0..1)[0].sequence, first[0].sequence);
}

#[test]
fn wishes_are_kept() {
    let engine = engine(2);
    let structure = example("4GYT.pdb");
    let native: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let spec = DesignSpec {
        fix: vec!["A10-30".into()],
        homo_oligomer: true,
        omit: "CW".into(),
        omit_at: vec!["A50-60:ED".into()],
        ..DesignSpec::default()
    };
    let plan = spec.resolve(&structure).expect("a plan");
    for design in designs(&engine, &structure, &spec, 0..4) {
        for (residue, letter) in design.sequence.iter().enumerate() {
            if plan.designed[residue] {
                assert!(plan.allows(residue, *letter), "{} at {}", letter, structure.residues[residue].id);
            } else {
                assert_eq!(*letter, native[residue]);
            }
        }
        for tie in &plan.ties {
            let letters: Vec<Letter> = tie.members.iter().map(|&member| design.sequence[member]).collect();
            assert!(letters.iter().all(|letter| *letter == letters[0]), "{letters:?}");
        }
        assert!(!plan.ties.is_empty());
    }
}

#[test]
fn scores_of_designs_are_what_scoring_them_gives() {
    let engine = engine(2);
    let structure = example("5L33.pdb");
    for spec in [
        DesignSpec::default(),
        DesignSpec { fix: vec!["A30-60".into()], ..DesignSpec::default() },
        DesignSpec { tie: vec!["A1-20=A51-70".into()], ..DesignSpec::default() },
    ] {
        let plan = spec.resolve(&structure).expect("a plan");
        let encoding = engine.encode(&structure).expect("an encoding");
        let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
        for design in designer.sample(0..3, 0.2).expect("designs") {
            let rank = engine.decoding_rank(&encoding, &structure, &plan, design.sample).expect("an order");
            assert_eq!(rank, design.rank);
            let log_probs = engine.autoregressive(&encoding, &structure, &design.sequence, &rank).expect("a score");
            let again: Vec<f32> =
                log_probs.iter().zip(&design.sequence).map(|(row, letter)| -row[letter.index()]).collect();
            assert_eq!(again, design.negative_log_likelihood);
        }
    }
}

#[test]
fn sixty_four_designs_recover_and_score_as_published() {
    let text = std::fs::read_to_string(root().join("tests/golden/sampling.json")).expect("the published statistics");
    let published: serde_json::Value = serde_json::from_str(&text).expect("json");
    let structure = example("5L33.pdb");
    let native: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let designs = designs(&engine(2), &structure, &DesignSpec::default(), 0..64);
    let mean = |value: &dyn Fn(&Design) -> f64| designs.iter().map(value).sum::<f64>() / designs.len() as f64;
    let recovered = mean(&|design| recovery(&design.sequence, &native, |_| true).expect("residues"));
    let score = mean(&|design| mean_where(&design.negative_log_likelihood, |_| true).expect("residues"));
    let published_score = find(&published, "mean_score").expect("a published mean score");
    println!("recovery {recovered:.4}, score {score:.4} against {published_score:.4}");
    assert!((0.42..=0.52).contains(&recovered), "{recovered}");
    assert!((score - published_score).abs() <= 0.02, "{score} against {published_score}");
}

/// The first number under that key, at any depth.
fn find(value: &serde_json::Value, key: &str) -> Option<f64> {
    let map = value.as_object()?;
    map.get(key).and_then(|found| found.as_f64()).or_else(|| map.values().find_map(|inner| find(inner, key)))
}
