//! Encodings that are saved and read again, and graphs with fewer neighbors than the network was trained with.

use std::num::NonZeroUsize;
use std::path::Path;

use fastmpnn::chemistry::Sequence;
use fastmpnn::decode::{Draw, Reuse};
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Engine, EngineOptions, Precision};

fn example(name: &str) -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine(options: EngineOptions) -> Engine {
    Engine::embedded(&options).expect("an engine")
}

#[test]
fn a_saved_encoding_gives_the_same_designs() {
    let structure = example("6MRR.pdb");
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let engine = engine(EngineOptions::default());
    let encoding = engine.encode(&structure).expect("an encoding");
    let bytes = engine.save_encoding(&encoding).expect("bytes");
    // 48 edges and a node of 128 floats for each of 68 residues, and little else.
    assert!(bytes.len() > 68 * 49 * 128 * 4 && bytes.len() < 68 * 50 * 128 * 4, "{} bytes", bytes.len());
    let read = engine.load_encoding(&bytes).expect("an encoding");
    let unconditional = |encoding| engine.unconditional(encoding).expect("likelihoods");
    assert_eq!(unconditional(&encoding), unconditional(&read));
    let designs = |encoding| {
        engine.designer(encoding, &structure, &plan).expect("a designer").sample(0..3, 0.2).expect("designs")
    };
    assert_eq!(designs(&encoding), designs(&read));
}

#[test]
fn what_is_no_encoding_of_this_network_is_refused() {
    let own = engine(EngineOptions::default());
    let encoding = own.encode(&example("6MRR.pdb")).expect("an encoding");
    let bytes = own.save_encoding(&encoding).expect("bytes");
    let reason = |engine: &Engine, bytes: &[u8]| engine.load_encoding(bytes).expect_err("not an encoding").to_string();
    let fewer = engine(EngineOptions::default().with_neighbors(NonZeroUsize::new(16)));
    let expected = "not a saved encoding for this network: its neighbours is 48, not 16";
    assert_eq!(reason(&fewer, &bytes), expected);
    let rounded = engine(EngineOptions::default().with_precision(Precision::Q16));
    assert!(reason(&rounded, &bytes).ends_with("its precision is f32, not q16"));
    assert!(reason(&own, &bytes[..bytes.len() / 2]).starts_with("not a saved encoding for this network: "));
    assert!(reason(&own, b"").starts_with("not a saved encoding for this network: "));
    let weights = include_bytes!("../../weights/v_48_020.safetensors");
    assert!(reason(&own, weights).ends_with("its format is nothing, not fastmpnn encoding 3"));
}

#[test]
fn fewer_neighbors_are_those_that_are_nearest() {
    let structure = example("6MRR.pdb");
    let full = engine(EngineOptions::default()).encode(&structure).expect("an encoding");
    for count in [1, 8, 64, 1000] {
        let engine = engine(EngineOptions::default().with_neighbors(NonZeroUsize::new(count)));
        let encoding = engine.encode(&structure).expect("an encoding");
        let kept = count.min(structure.residues.len());
        assert_eq!(encoding.graph().degree(), kept);
        let shared = kept.min(full.graph().degree());
        for residue in 0..structure.residues.len() {
            let (few, many) = (encoding.graph().neighbors(residue), full.graph().neighbors(residue));
            assert_eq!(few[..shared], many[..shared]);
        }
    }
}

#[test]
fn designs_do_not_depend_on_what_is_kept_or_on_the_schedule() {
    let structure = example("6MRR.pdb");
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let engine = engine(EngineOptions::default());
    let encode = || engine.encode(&structure).expect("an encoding");
    let encoding = encode();
    let expected =
        engine.designer(&encoding, &structure, &plan).expect("a designer").sample(0..6, 0.2).expect("designs");
    for reuse in [Reuse::States, Reuse::EdgeTerms, Reuse::Messages] {
        let encoding = encode();
        let designer = engine.designer(&encoding, &structure, &plan).expect("a designer").with_reuse(reuse);
        assert_eq!(designer.sample(0..6, 0.2).expect("designs"), expected, "{reuse:?}");
        assert_eq!(designer.one_at_a_time().sample(0..6, 0.2).expect("designs"), expected, "{reuse:?}, one at a time");
    }
}

#[test]
fn a_letter_follows_from_its_likelihoods_and_its_number() {
    let structure = example("6MRR.pdb");
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let engine = engine(EngineOptions::default());
    let encoding = engine.encode(&structure).expect("an encoding");
    engine.keep_edge_terms(&encoding).expect("edge terms");
    let temperature = 0.5;
    let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
    for design in designer.sample(0..3, temperature).expect("designs") {
        let log_p = engine.autoregressive(&encoding, &structure, &design.sequence, &design.rank).expect("likelihoods");
        let numbers = engine.letter_numbers(&structure, &plan, design.sample);
        let draw = |residue: usize| Draw {
            bias: &plan.bias[residue],
            omitted: plan.omitted[residue],
            temperature,
            uniform: numbers[residue],
        };
        let letters: Sequence = (0..log_p.len()).map(|residue| draw(residue).letter(&log_p[residue])).collect();
        assert_eq!(letters, design.sequence);
    }
}
