//! An encoding is made in an environment, and fits the plans whose environment is the same to the network.

use std::num::NonZeroUsize;
use std::path::Path;

use fastmpnn::error::EngineError;
use fastmpnn::spec::{DesignPlan, DesignSpec, Environment, MembraneClass, States};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Encoding, Engine, EngineOptions};

use crate::published_checkpoint::published;

const RESIDUES: usize = 68;

fn example() -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn options() -> EngineOptions {
    EngineOptions::default().with_threads(NonZeroUsize::new(2))
}

fn engine() -> Engine {
    Engine::embedded(&options()).expect("an engine")
}

/// The plan of a structure in an environment.
fn plan_in(structure: &Structure, environment: Environment) -> DesignPlan {
    let mut plan = DesignSpec::default().resolve(structure).expect("a plan");
    plan.environment = environment;
    plan
}

/// Whether an encoding fits a plan; the only other answer is that its environment is another.
fn fits(engine: &Engine, encoding: &Encoding, structure: &Structure, plan: &DesignPlan) -> bool {
    let results = [
        engine.designer(encoding, structure, plan).map(|_| ()),
        engine.decoding_rank(encoding, structure, plan, 0).map(|_| ()),
    ];
    let [designer, rank] = results.map(|result| match result {
        Ok(()) => true,
        Err(error) => {
            assert!(matches!(&error, EngineError::OtherEnvironment { .. }), "{error:?}");
            let sentence = "the encoding was made in another environment than the plan's";
            assert_eq!(error.to_string(), format!("{}: {sentence}", structure.name));
            false
        }
    });
    assert_eq!(designer, rank);
    rank
}

/// Which encodings of a structure in the environments fit which plans, and the same of encodings that were saved.
fn fitting(engine: &Engine, structure: &Structure, environments: &[Environment]) -> Vec<Vec<bool>> {
    let of_environment = |environment: &Environment| {
        let encoding = engine.encode_with(structure, environment).expect("an encoding");
        let saved = engine.save_encoding(&encoding).expect("bytes");
        let read = engine.load_encoding(&saved).expect("an encoding");
        let plans = environments.iter().map(|environment| plan_in(structure, environment.clone()));
        let answers = plans.map(|plan| {
            let fits_read = fits(engine, &read, structure, &plan);
            assert_eq!(fits(engine, &encoding, structure, &plan), fits_read);
            fits_read
        });
        answers.collect()
    };
    environments.iter().map(of_environment).collect()
}

/// The environments, in order: the default, another of ligands, side chains, membrane classes, cyclic chains, and one that
/// says by tables what the default says without.
fn environments() -> [Environment; 6] {
    let mut one = vec![false; RESIDUES];
    one[3] = true;
    let mut classes = vec![MembraneClass::Outside; RESIDUES];
    let all_outside = classes.clone();
    classes[3] = MembraneClass::Interface;
    [
        Environment::default(),
        Environment::default().with_ligands(false),
        Environment::default().with_side_chains_of(one),
        Environment::default().with_membrane(classes),
        Environment::default().with_cyclic(vec![true; RESIDUES]),
        Environment::default()
            .with_side_chains_of(vec![false; RESIDUES])
            .with_membrane(all_outside)
            .with_cyclic(vec![false; RESIDUES]),
    ]
}

/// The environments that are alike to a network: those that differ from the default in nothing that it sees.
fn are_like_their_own(found: &[Vec<bool>], differ: [bool; 6]) {
    for (made, row) in found.iter().enumerate() {
        for (planned, &fits) in row.iter().enumerate() {
            let alike = made == planned || !(differ[made] || differ[planned]);
            assert_eq!(fits, alike, "made in environment {made}, planned in {planned}");
        }
    }
}

#[test]
fn encodings_of_other_environments() {
    let structure = example();
    let environments = environments();
    // The network sees cyclic chains, and neither ligands nor side chains nor membranes.
    let found = fitting(&engine(), &structure, &environments);
    are_like_their_own(&found, [false, false, false, false, true, false]);
    let others = [
        ("ligandmpnn_v_32_010_25", [false, true, true, false, true, false]),
        ("per_residue_label_membrane_mpnn_v_48_020", [false, false, false, true, true, false]),
    ];
    for (name, differ) in others {
        let Some(checkpoint) = published(name) else { continue };
        let engine = Engine::with_checkpoint(&checkpoint, &options()).expect("an engine");
        are_like_their_own(&fitting(&engine, &structure, &environments), differ);
    }
}

#[test]
fn encodings_of_states_in_other_environments() {
    let (engine, structure) = (engine(), example());
    let cyclic = DesignSpec { cyclic: Some("A".into()), ..DesignSpec::default() };
    for count in [1, 2] {
        let states = States::new(vec![structure.clone(); count], None).expect("states");
        let [open, ring] = [&DesignSpec::default(), &cyclic].map(|spec| states.resolve(spec).expect("a plan"));
        assert_eq!(ring.all.environment.cyclic, vec![true; count * RESIDUES]);
        let [in_open, in_ring] = [&open, &ring].map(|plan| engine.encode_states(&states, plan).expect("an encoding"));
        assert!(fits(&engine, &in_open, states.all(), &open.all) && fits(&engine, &in_ring, states.all(), &ring.all));
        assert!(!fits(&engine, &in_open, states.all(), &ring.all));
        assert!(!fits(&engine, &in_ring, states.all(), &open.all));
    }
    // The environments of two states are kept apart.
    let states = States::new(vec![structure; 2], None).expect("states");
    let mut plan = states.resolve(&DesignSpec::default()).expect("a plan");
    plan.environment[1].cyclic = vec![true; RESIDUES];
    let encoding = engine.encode_states(&states, &plan).expect("an encoding");
    assert!(!fits(&engine, &encoding, states.all(), &plan.all));
    plan.all.environment.cyclic = (0..2 * RESIDUES).map(|index| index < RESIDUES).collect();
    assert!(!fits(&engine, &encoding, states.all(), &plan.all));
    plan.all.environment.cyclic = (0..2 * RESIDUES).map(|index| index >= RESIDUES).collect();
    assert!(fits(&engine, &encoding, states.all(), &plan.all));
}
