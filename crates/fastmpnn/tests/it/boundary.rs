//! Arguments that do not fit are refused at the call, each kind with its own error; none panics, and none is accepted.

use std::num::NonZeroUsize;
use std::path::Path;

use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::decode::{
    Acceptance, COMPONENTS, ComponentSample, LetterSource, PackId, PackingChoice, PackingDraws, PackingSettings,
    PackingStep, ReadyGroup, ResidueDraws, StreamDraws, TorsionMixture, TorsionSample,
};
use fastmpnn::error::{EngineError, PlanError};
use fastmpnn::score::clashes;
use fastmpnn::spec::{DesignPlan, DesignSpec, Environment, MembraneClass, PairBias, Pssm, States, TiedGroup};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::weights::Checkpoint;
use fastmpnn::write::WrittenStructure;
use fastmpnn::{Conditioning, Encoding, Engine, EngineOptions, Packer, Precision, Workers};

use crate::published_checkpoint::published;

fn example(name: &str) -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine() -> Engine {
    Engine::embedded(&options(|_| ())).expect("an engine")
}

fn options(edit: impl FnOnce(&mut EngineOptions)) -> EngineOptions {
    let mut options = EngineOptions::default().with_threads(NonZeroUsize::new(2));
    edit(&mut options);
    options
}

/// A structure of 68 residues, A1–A68, with its engine, plan and encoding.
struct Case {
    engine: Engine,
    structure: Structure,
    encoding: Encoding,
    plan: DesignPlan,
    sequence: Sequence,
    rank: Vec<u32>,
}

const RESIDUES: usize = 68;

impl Case {
    fn new() -> Case {
        let (engine, structure) = (engine(), example("6MRR.pdb"));
        assert_eq!(structure.residues.len(), RESIDUES);
        Case {
            encoding: engine.encode(&structure).expect("an encoding"),
            plan: DesignSpec::default().resolve(&structure).expect("a plan"),
            sequence: structure.residues.iter().map(|residue| residue.letter).collect(),
            rank: (0..RESIDUES as u32).collect(),
            engine,
            structure,
        }
    }

    /// The error of a plan with that change, and its sentence; the same for a designer and for an order.
    fn plan_error(&self, edit: impl FnOnce(&mut DesignPlan)) -> (PlanError, String) {
        let mut plan = self.plan.clone();
        edit(&mut plan);
        let of_order = self.engine.decoding_rank(&self.encoding, &self.structure, &plan, 0);
        let of_order = of_order.expect_err("no plan").to_string();
        match self.engine.designer(&self.encoding, &self.structure, &plan).expect_err("no plan") {
            EngineError::Plan { structure, reason } => {
                assert_eq!(structure, "6MRR");
                let sentence = format!("{structure}: {reason}");
                assert_eq!(sentence, of_order);
                (reason, sentence)
            }
            other => panic!("{other:?}"),
        }
    }

    fn logits(&self, given: Conditioning) -> EngineError {
        self.engine.logits(&self.encoding, &self.structure, &given).expect_err("refused")
    }
}

fn tie(members: &[usize], weights: &[f32]) -> TiedGroup {
    TiedGroup { members: members.to_vec(), weights: weights.to_vec() }
}

#[test]
fn plans_with_tables_of_the_wrong_length() {
    let case = Case::new();
    type Edit = fn(&mut DesignPlan);
    let edits: [(&str, usize, Edit); 6] = [
        ("bias", 0, |plan| plan.bias.clear()),
        ("bias", 69, |plan| plan.bias.push([0.0; 21])),
        ("omitted", 67, |plan| plan.omitted.truncate(67)),
        ("designed", 0, |plan| plan.designed.clear()),
        ("temperature", 3, |plan| plan.temperature = vec![None; 3]),
        ("pssm.coefficient", 0, |plan| plan.pssm = Some(Pssm::default())),
    ];
    for (field, length, edit) in edits {
        let (error, sentence) = case.plan_error(edit);
        assert_eq!(error, PlanError::TableLength { table: field, found: length, expected: RESIDUES });
        assert_eq!(sentence, format!("6MRR: the plan's table `{field}` has {length} rows, the structure 68 residues"));
    }
}

#[test]
fn plans_with_ties_that_are_none() {
    let case = Case::new();
    let of = |ties: Vec<TiedGroup>| case.plan_error(move |plan| plan.ties = ties);
    let (error, sentence) = of(vec![tie(&[3, 9999], &[1.0, 1.0])]);
    assert_eq!(error, PlanError::TiedResidue { group: 0, index: 9999, residues: RESIDUES });
    assert_eq!(sentence, "6MRR: tied group 0 names residue 9999 of 68, counted from 0");
    let (error, sentence) = of(vec![tie(&[0, 1], &[1.0, 1.0]), tie(&[1, 2], &[1.0, 1.0])]);
    assert_eq!(error, PlanError::TiedTwice { residue: "A2".to_owned() });
    assert_eq!(sentence, "6MRR: residue A2 is tied twice");
    assert_eq!(of(vec![tie(&[4, 4], &[1.0, 1.0])]).0, PlanError::TiedTwice { residue: "A5".to_owned() });
    let (error, sentence) = of(vec![tie(&[0, 1], &[1.0])]);
    assert_eq!(error, PlanError::TieWeights { group: 0, found: 1, expected: 2 });
    assert_eq!(sentence, "6MRR: tied group 0 has 1 weights for 2 members");
    let (error, sentence) = of(vec![tie(&[0, 1], &[1.0, f32::INFINITY])]);
    assert_eq!(error, PlanError::TieWeight { residue: "A2".to_owned(), weight: f32::INFINITY });
    assert_eq!(sentence, "6MRR: the weight of the tied residue A2 is inf, not a finite number");
    assert!(matches!(of(vec![tie(&[0, 1], &[f32::NAN, 1.0])]).0, PlanError::TieWeight { .. }));
    assert_eq!(of(vec![tie(&[], &[])]).0, PlanError::EmptyTie { group: 0 });
    let fixed = case.plan_error(|plan| {
        plan.designed[7] = false;
        plan.ties = vec![tie(&[0, 7], &[1.0, 1.0])];
    });
    assert_eq!(fixed.0, PlanError::TiedFixed { residue: "A8".to_owned() });
    let tied = || vec![tie(&[0, 7], &[1.0, 1.0])];
    let unlike = |table| PlanError::TiedUnlike { first: "A1".to_owned(), second: "A8".to_owned(), table };
    type Edit = fn(&mut DesignPlan);
    let edits: [(&str, Edit); 3] = [
        ("bias", |plan| plan.bias[7][3] = 1.0),
        ("omitted", |plan| plan.omitted[7] |= 1),
        ("temperature", |plan| {
            plan.temperature = vec![None; RESIDUES];
            plan.temperature[7] = Some(0.5);
        }),
    ];
    for (table, edit) in edits {
        let (error, sentence) = case.plan_error(|plan| {
            plan.ties = tied();
            edit(plan);
        });
        assert_eq!(error, unlike(table));
        assert_eq!(sentence, format!("6MRR: residues A1 and A8 are tied, and differ in `{table}`"));
    }
}

#[test]
fn plans_with_values_that_nothing_can_be_drawn_by() {
    let case = Case::new();
    let (error, sentence) = case.plan_error(|plan| plan.omitted[4] = u32::MAX);
    assert_eq!(error, PlanError::AllOmitted { residue: "A5".to_owned() });
    assert_eq!(sentence, "6MRR: all 20 amino acids are omitted at residue A5");
    let (error, _) = case.plan_error(|plan| plan.omitted[4] = 0);
    assert_eq!(error, PlanError::UnknownLetter { residue: "A5".to_owned() });
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let (error, sentence) = case.plan_error(|plan| plan.bias[4][0] = value);
        assert!(matches!(&error, PlanError::Bias { residue, letter: 'A', .. } if residue == "A5"), "{error:?}");
        let written = format!("6MRR: the bias of letter A at residue A5 is {value}, not a finite number of nats");
        assert_eq!(sentence, written);
    }
    for temperature in [f32::NAN, -1.0, f32::INFINITY] {
        let (error, sentence) = case.plan_error(|plan| {
            plan.temperature = vec![None; RESIDUES];
            plan.temperature[4] = Some(temperature);
        });
        assert!(matches!(&error, PlanError::Temperature { residue, .. } if residue == "A5"), "{error:?}");
        assert!(sentence.contains(&temperature.to_string()), "{sentence}");
    }
}

#[test]
fn plans_with_pair_biases_and_profiles_that_are_none() {
    let case = Case::new();
    let pair = |residues: [usize; 2], value: f32| {
        case.plan_error(move |plan| plan.pair_bias.push(PairBias { residues, bias: Box::new([[value; 21]; 21]) })).0
    };
    assert_eq!(pair([0, 9999], 0.0), PlanError::PairResidue { pair: 0, index: 9999, residues: RESIDUES });
    assert_eq!(pair([4, 4], 0.0), PlanError::PairOfOne { residue: "A5".to_owned() });
    assert!(matches!(pair([0, 4], f32::NAN), PlanError::PairBias { .. }));
    let profile = |edit: fn(&mut Pssm)| {
        let mut pssm = Pssm {
            weight: 0.5,
            coefficient: vec![0.5; RESIDUES],
            probabilities: vec![[0.05; 21]; RESIDUES],
            ..Pssm::default()
        };
        edit(&mut pssm);
        case.plan_error(|plan| plan.pssm = Some(pssm)).0
    };
    let of = |error| match error {
        PlanError::Pssm { field, .. } => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(of(profile(|pssm| pssm.weight = 1.5)), "pssm.weight");
    assert_eq!(of(profile(|pssm| pssm.coefficient[3] = -0.1)), "pssm.coefficient");
    assert_eq!(of(profile(|pssm| pssm.probabilities[3][2] = f32::NAN)), "pssm.probabilities");
    assert_eq!(of(profile(|pssm| pssm.threshold = f32::NAN)), "pssm.threshold");
    let found = profile(|pssm| pssm.log_odds = vec![[0.0; 21]; 2]);
    assert_eq!(found, PlanError::TableLength { table: "pssm.log_odds", found: 2, expected: RESIDUES });
}

#[test]
fn designed_residues_that_the_network_does_not_see() {
    let case = Case::new();
    let mut structure = case.structure.clone();
    structure.residues[4].atoms.retain(|atom| atom.name != "CA");
    let encoding = case.engine.encode(&structure).expect("an encoding");
    match case.engine.designer(&encoding, &structure, &case.plan).expect_err("no plan") {
        EngineError::Plan { reason: PlanError::NoBackbone { residue, needed }, .. } => {
            assert_eq!((residue.as_str(), needed), ("A5", "complete backbone (N, CA, C, O)"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn temperatures_and_ranges_of_samples() {
    let case = Case::new();
    let designer = case.engine.designer(&case.encoding, &case.structure, &case.plan).expect("a designer");
    for temperature in [f32::NAN, -1.0, f32::INFINITY, f32::NEG_INFINITY] {
        match designer.sample(0..1, temperature).expect_err("no temperature") {
            EngineError::Setting { setting, value, allowed } => {
                assert_eq!(
                    (setting, value, allowed.as_str()),
                    ("temperature", temperature.to_string(), "finite, and 0 or more")
                );
            }
            other => panic!("{other:?}"),
        }
    }
    let sentence = designer.sample(0..1, -1.0).expect_err("no temperature").to_string();
    assert_eq!(sentence, "temperature is -1; allowed is finite, and 0 or more");
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    for range in [0..u64::MAX, 5..2, 1..1 << 40] {
        let error = designer.sample(range.clone(), 0.1).expect_err("no samples");
        assert!(matches!(&error, EngineError::Setting { setting: "samples", .. }), "{range:?}: {error:?}");
    }
    assert_eq!(designer.sample(3..3, 0.1).expect("no designs"), []);
    // The last possible sample.
    assert_eq!(designer.sample(u64::MAX - 1..u64::MAX, 0.1).expect("a design").len(), 1);
}

/// A source that gives every residue alanine.
struct Alanine;

impl LetterSource for Alanine {
    fn letter(&self, _group: &ReadyGroup<'_>) -> Letter {
        Letter::from_char('A').expect("a letter")
    }
}

#[test]
fn orders_that_are_no_permutations() {
    let case = Case::new();
    let Case { engine, structure, encoding, rank, sequence, .. } = &case;
    let repeated: Vec<u32> = vec![0; RESIDUES];
    let (mut beyond, mut short) = (rank.clone(), rank.clone());
    beyond[3] = 9999;
    short.pop();
    let is_order = |error: EngineError| {
        let sentence = "6MRR: a decoding order must name each of the 68 residues once";
        assert!(matches!(&error, EngineError::Order { structure, expected: RESIDUES } if structure == "6MRR"));
        assert_eq!(error.to_string(), sentence);
    };
    for order in [repeated, beyond, short, Vec::new()] {
        is_order(
            engine
                .decode_with(encoding, structure, &[], vec![rank.clone(), order.clone()], &Alanine)
                .expect_err("no order"),
        );
        is_order(engine.autoregressive(encoding, structure, sequence, &order).expect_err("no order"));
        is_order(engine.conditional(encoding, structure, sequence, &order).expect_err("no order"));
        is_order(case.logits(Conditioning::Earlier { sequence: sequence.clone(), rank: order.clone() }));
        is_order(case.logits(Conditioning::Moved { sequence: sequence.clone(), rank: order, before: rank.clone() }));
    }
    let ties = [tie(&[0, 9999], &[1.0, 1.0])];
    let error = engine.decode_with(encoding, structure, &ties, vec![rank.clone()], &Alanine).expect_err("no ties");
    assert!(matches!(error, EngineError::Plan { reason: PlanError::TiedResidue { index: 9999, .. }, .. }));
    assert_eq!(engine.decode_with(encoding, structure, &[], Vec::new(), &Alanine).expect("no orders"), []);
}

#[test]
fn places_past_the_last_one_and_sequences_of_another_length() {
    let case = Case::new();
    let Case { engine, structure, encoding, rank, sequence, .. } = &case;
    let moved = |before: Vec<u32>| Conditioning::Moved { sequence: sequence.clone(), rank: rank.clone(), before };
    let error = case.logits(moved(vec![RESIDUES as u32 + 1; RESIDUES]));
    assert_eq!(error.to_string(), "before is 69; allowed is 0 to 68");
    assert!(matches!(case.logits(moved(vec![0; 3])), EngineError::TableLength { table: "before", found: 3, .. }));
    let short = sequence[1..].to_vec();
    let is_length = |error: EngineError| {
        assert!(matches!(error, EngineError::SequenceLength { found: 67, expected: RESIDUES, .. }), "{error:?}");
    };
    is_length(engine.autoregressive(encoding, structure, &short, rank).expect_err("too short"));
    is_length(engine.conditional(encoding, structure, &short, rank).expect_err("too short"));
    is_length(case.logits(Conditioning::Earlier { sequence: short, rank: rank.clone() }));
}

#[test]
fn encodings_of_other_structures_and_networks() {
    let case = Case::new();
    let Case { engine, structure, encoding, plan, sequence, rank } = &case;
    let other_structure = |structure: &Structure| {
        let error = engine.designer(encoding, structure, plan).expect_err("another structure");
        assert!(matches!(&error, EngineError::OtherStructure { .. }), "{error:?}");
        assert!(error.to_string().ends_with(": the encoding was made of another structure"), "{error}");
    };
    other_structure(&example("5L33.pdb"));
    // The same residues elsewhere, numbered otherwise, and fewer of them.
    let (mut elsewhere, mut renumbered, mut fewer) = (structure.clone(), structure.clone(), structure.clone());
    elsewhere.residues[3].atoms[0].position[2] += 0.001;
    renumbered.residues[3].id.number = 900;
    fewer.residues.pop();
    [elsewhere, renumbered, fewer, Structure::default()].iter().for_each(other_structure);
    // Letters are not part of an encoding.
    let mut mutated = structure.clone();
    mutated.residues[3].letter = Letter::X;
    engine.designer(encoding, &mutated, plan).expect("a designer");

    let neighbors = Engine::embedded(&options(|options| options.neighbors = NonZeroUsize::new(16))).expect("an engine");
    let precision = Engine::embedded(&options(|options| options.precision = Precision::Bf16)).expect("an engine");
    let mut others = vec![neighbors, precision];
    if let Some(checkpoint) = published("v_48_010") {
        others.push(Engine::with_checkpoint(&checkpoint, &options(|_| ())).expect("an engine"));
    }
    for other in others {
        let results = [
            other.designer(encoding, structure, plan).map(|_| ()),
            other.unconditional(encoding).map(|_| ()),
            other.conditional(encoding, structure, sequence, rank).map(|_| ()),
            other.autoregressive(encoding, structure, sequence, rank).map(|_| ()),
            other.logits(encoding, structure, &Conditioning::Backbone).map(|_| ()),
            other.decode_with(encoding, structure, &[], vec![rank.clone()], &Alanine).map(|_| ()),
            other.decoding_rank(encoding, structure, plan, 0).map(|_| ()),
            other.save_encoding(encoding).map(|_| ()),
            other.keep_edge_terms(encoding),
        ];
        for result in results {
            let error = result.expect_err("another network");
            assert!(matches!(&error, EngineError::OtherNetwork { .. }), "{error:?}");
            assert!(
                error.to_string().starts_with("the encoding was made with another network: checkpoint "),
                "{error}"
            );
        }
    }
}

#[test]
fn saved_encodings_that_are_damaged() {
    let case = Case::new();
    let bytes = case.engine.save_encoding(&case.encoding).expect("bytes");
    let refused = |bytes: &[u8]| match case.engine.load_encoding(bytes).expect_err("no encoding") {
        EngineError::SavedEncoding(reason) => reason,
        other => panic!("{other:?}"),
    };
    for length in [0, 7, 8, 100, bytes.len() - 1] {
        refused(&bytes[..length]);
    }
    let replaced = |from: &str, to: &str| {
        let place = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("the text");
        let mut changed = bytes.clone();
        changed[place..place + to.len()].copy_from_slice(to.as_bytes());
        changed
    };
    let key = refused(&replaced("\"structure\":", "\"strukture\":"));
    assert_eq!(key, "it does not name its structure");
    let key = refused(&replaced("\"environment\":", "\"environmint\":"));
    assert_eq!(key, "it does not name its environment");
    let former = refused(&replaced("fastmpnn encoding 3", "fastmpnn encoding 2"));
    assert_eq!(former, "its format is fastmpnn encoding 2, not fastmpnn encoding 3");
    assert_eq!(refused(&replaced("[68,48]", "[48,68]")), "tensor neighbours has shape [48, 68]");
    // NaN for the last number, wherever that is.
    let mut broken = bytes.clone();
    let end = broken.len();
    broken[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    broken[end - 8 * 48 * 128 * 4..].chunks_exact_mut(4).for_each(|word| word.copy_from_slice(&f32::NAN.to_le_bytes()));
    refused(&broken);
    let read = case.engine.load_encoding(&bytes).expect("an encoding");
    let error = case.engine.designer(&read, &example("5L33.pdb"), &case.plan).expect_err("another structure");
    assert!(matches!(error, EngineError::OtherStructure { .. }));
}

#[test]
fn structures_and_environments_that_cannot_be_encoded() {
    let case = Case::new();
    let Case { engine, structure, .. } = &case;
    for empty in [Structure::default(), Structure { residues: Vec::new(), chains: Vec::new(), ..structure.clone() }] {
        let error = engine.encode(&empty).expect_err("nothing to encode");
        assert!(matches!(error, EngineError::NoResidues { .. }), "{error:?}");
    }
    let mut adrift = structure.clone();
    adrift.residues[4].atoms[1].position[0] = f32::NAN;
    let error = engine.encode(&adrift).expect_err("nowhere");
    assert!(matches!(&error, EngineError::Position { residue, .. } if residue == "A5"), "{error:?}");
    assert_eq!(error.to_string(), "6MRR: an atom of residue A5 has coordinates that are not finite");
    let mut chained = structure.clone();
    chained.chains.clear();
    let cyclic = Environment::default().with_cyclic(vec![true; RESIDUES]);
    assert!(engine.encode_with(&chained, &cyclic).is_ok(), "chains that are not listed are not cyclic");
    chained.chains = vec![fastmpnn::structure::Chain { residues: 5..900, ..structure.chains[0].clone() }];
    let error = engine.encode_with(&chained, &cyclic).expect_err("no such residues");
    assert!(matches!(&error, EngineError::Chain { chain, .. } if chain == "A"), "{error:?}");
    let environments = [
        ("side_chains_of", Environment::default().with_side_chains_of(vec![true; 3])),
        ("membrane", Environment::default().with_membrane(vec![MembraneClass::Buried; 3])),
        ("cyclic", Environment::default().with_cyclic(vec![true; 3])),
    ];
    for (field, environment) in environments {
        let error = engine.encode_with(structure, &environment).expect_err("too short");
        assert!(matches!(error, EngineError::TableLength { table, found: 3, .. } if table == field));
        assert_eq!(error.to_string(), format!("6MRR: `{field}` has 3 entries, the structure 68 residues"));
    }
    let states = States::new(vec![structure.clone(), structure.clone()], None).expect("states");
    let mut plan = states.resolve(&DesignSpec::default()).expect("a plan");
    plan.environment.pop();
    let error = engine.encode_states(&states, &plan).expect_err("too few");
    assert!(matches!(error, EngineError::StateCount { found: 1, expected: 2, .. }), "{error:?}");
    let error = engine.near_ligand(structure, f32::NAN).expect_err("no distance");
    assert!(matches!(error, EngineError::Setting { setting: "cutoff", .. }), "{error:?}");
}

#[test]
fn threads_and_neighbors_out_of_range() {
    let many = NonZeroUsize::new(Workers::MAX_THREADS + 1);
    for error in [
        Workers::new(many).expect_err("too many"),
        Engine::embedded(&options(|options| options.threads = many)).expect_err("too many"),
    ] {
        assert!(matches!(error, EngineError::Setting { setting: "threads", .. }), "{error:?}");
        assert_eq!(error.to_string(), "threads is 1025; allowed is 1 to 1024");
    }
    let workers = Workers::new(NonZeroUsize::new(1)).expect("a thread");
    let checkpoint = Checkpoint::embedded().expect("the embedded checkpoint");
    let error = Engine::with_workers(&checkpoint, &options(|_| ()), &workers).expect_err("another number");
    assert!(matches!(error, EngineError::Setting { setting: "threads", .. }), "{error:?}");
    // More neighbors than residues are all residues.
    let all =
        Engine::embedded(&options(|options| options.neighbors = NonZeroUsize::new(usize::MAX))).expect("an engine");
    assert_eq!(all.encode(&example("6MRR.pdb")).expect("an encoding").graph().degree(), RESIDUES);
}

#[test]
fn packings_that_cannot_be_made() {
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let packer = Packer::with_checkpoint(&checkpoint, &options(|_| ())).expect("a packer");
    let Case { structure, sequence, .. } = Case::new();
    let choice = PackingChoice::default().with_sequence(sequence.clone()).with_packed(vec![true; RESIDUES]);
    let short = choice.clone().with_sequence(sequence[1..].to_vec());
    let error = packer.prepare(&structure, &short).expect_err("too short");
    assert!(matches!(error, EngineError::SequenceLength { found: 67, expected: RESIDUES, .. }), "{error:?}");
    let short = choice.clone().with_packed(vec![true; 3]);
    let error = packer.prepare(&structure, &short).expect_err("too short");
    assert!(matches!(error, EngineError::TableLength { table: "packed", found: 3, .. }), "{error:?}");
    let short = choice.clone().with_cyclic(vec![true; 3]);
    let error = packer.prepare(&structure, &short).expect_err("too short");
    assert!(matches!(error, EngineError::TableLength { table: "cyclic", found: 3, .. }), "{error:?}");
    let nothing = PackingChoice::default();
    assert!(matches!(packer.prepare(&Structure::default(), &nothing), Err(EngineError::NoResidues { .. })));

    let task = packer.prepare(&structure, &choice).expect("a task");
    let draws = StreamDraws::new(&structure, PackId { seed: 1, sample: 0, pack: 1 });
    for (setting, settings) in [
        ("steps", PackingSettings::default().with_steps(0).with_samples(1)),
        ("samples", PackingSettings::default().with_steps(1).with_samples(0)),
    ] {
        match task.pack(settings, &draws).expect_err("no packing") {
            EngineError::Setting { setting: found, value, .. } => assert_eq!((found, value.as_str()), (setting, "0")),
            other => panic!("{other:?}"),
        }
    }
    let mut run = task.begin(&draws);
    let step = PackingStep { step: 0, samples: 2 };
    assert!(matches!(run.rounds(step, &draws), Err(EngineError::NotPredicted)));
    let acceptance = Acceptance::First;
    assert!(matches!(run.draw(step, &draws, acceptance), Err(EngineError::NotPredicted)));
    run.predict();
    let none = PackingStep { step: 0, samples: 0 };
    assert!(matches!(run.draw(none, &draws, acceptance), Err(EngineError::Setting { setting: "samples", .. })));
    run.draw(step, &draws, acceptance).expect("angles");
    assert!(matches!(run.draw(step, &draws, acceptance), Err(EngineError::NotPredicted)));
}

#[test]
fn residues_past_the_last_one_and_components_that_there_are_not() {
    let Case { structure, encoding, .. } = Case::new();
    let graph = encoding.graph();
    assert_eq!((graph.neighbors(RESIDUES - 1).len(), graph.sites(RESIDUES - 1).len()), (48, 5));
    assert!(structure.is_resolved(RESIDUES - 1));
    for index in [RESIDUES, usize::MAX / 5, usize::MAX] {
        assert!(graph.neighbors(index).is_empty() && graph.sites(index).is_empty(), "{index}");
        assert!(!structure.is_resolved(index), "{index}");
    }
    let mixture = TorsionMixture::from_head(&[0.5; 3 * COMPONENTS]);
    let proposal = |_| [0.1, 0.001, 0.9];
    assert_eq!(mixture.rounds(COMPONENTS - 1, proposal), Some(1));
    assert!(mixture.sample(COMPONENTS - 1, Acceptance::First, proposal).is_some());
    for component in [COMPONENTS, usize::MAX] {
        assert_eq!(mixture.rounds(component, proposal), None);
        assert_eq!(mixture.sample(component, Acceptance::First, proposal), None);
    }
}

/// Random numbers whose component is always the same.
struct OfComponent(usize);

impl PackingDraws for OfComponent {
    fn start(&self, _residue: usize) -> [f32; 4] {
        [0.25; 4]
    }

    fn residue(&self, _step: usize, _residue: usize) -> Box<dyn ResidueDraws + '_> {
        Box::new(OfComponent(self.0))
    }
}

impl ResidueDraws for OfComponent {
    fn component(&mut self, _of: TorsionSample, _mixture: &TorsionMixture) -> usize {
        self.0
    }

    fn proposal(&mut self, _of: ComponentSample, _round: usize) -> [f64; 3] {
        [0.1, 0.001, 0.9]
    }
}

#[test]
fn draws_of_components_that_there_are_not() {
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let packer = Packer::with_checkpoint(&checkpoint, &options(|_| ())).expect("a packer");
    let Case { structure, sequence, .. } = Case::new();
    let choice = PackingChoice::default().with_sequence(sequence).with_packed(vec![true; RESIDUES]);
    let task = packer.prepare(&structure, &choice).expect("a task");
    let settings = PackingSettings::default().with_steps(1).with_samples(1);
    let last = task.pack(settings, &OfComponent(COMPONENTS - 1)).expect("a packing");
    let error = task.pack(settings, &OfComponent(COMPONENTS)).expect_err("no such component");
    assert!(matches!(&error, EngineError::Setting { setting: "component", .. }), "{error:?}");
    assert_eq!(error.to_string(), "component is 3; allowed is 0 to 2");
    // The run is as it was, and goes on with other draws.
    let mut run = task.begin(&OfComponent(COMPONENTS));
    let step = PackingStep { step: 0, samples: 1 };
    run.predict();
    run.draw(step, &OfComponent(usize::MAX), Acceptance::First).expect_err("no such component");
    run.draw(step, &OfComponent(COMPONENTS - 1), Acceptance::First).expect("angles");
    assert_eq!(run.finish().angles, last.angles);
}

#[test]
fn packings_of_other_structures() {
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let packer = Packer::with_checkpoint(&checkpoint, &options(|_| ())).expect("a packer");
    let Case { structure, sequence, .. } = Case::new();
    let choice = PackingChoice::default().with_sequence(sequence).with_packed(vec![true; RESIDUES]);
    let task = packer.prepare(&structure, &choice).expect("a task");
    let settings = PackingSettings::default().with_steps(1).with_samples(1);
    let mut packing =
        task.pack(settings, &StreamDraws::new(&structure, PackId { seed: 1, sample: 0, pack: 1 })).expect("a packing");
    assert!(packing.b_factor(RESIDUES - 1, 0).is_some());
    for (residue, atom) in [(RESIDUES, 0), (usize::MAX, 0), (0, 14), (0, usize::MAX)] {
        assert_eq!(packing.b_factor(residue, atom), None, "residue {residue}, atom {atom}");
    }
    let whole = packing.clone();
    let longer =
        Structure { residues: [&structure.residues[..], &structure.residues[..1]].concat(), ..structure.clone() };
    let refused = |error: EngineError, named: &str| {
        assert!(matches!(&error, EngineError::TableLength { table, .. } if *table == named), "{error:?}");
    };
    refused(packing.keep_side_chains(&longer).expect_err("another structure"), "sequence");
    refused(packing.keep_side_chains(&Structure::default()).expect_err("another structure"), "sequence");
    refused(clashes(&longer, &packing).expect_err("another structure"), "sequence");
    let error = WrittenStructure::of_packing(&longer, &packing).expect_err("another structure").to_string();
    assert_eq!(error, "6MRR: `sequence` has 68 entries, the structure 69 residues");
    packing.resolved.pop();
    refused(clashes(&structure, &packing).expect_err("a table is short"), "resolved");
    refused(packing.keep_side_chains(&structure).expect_err("a table is short"), "resolved");
    assert!(WrittenStructure::of_packing(&structure, &packing).is_err());
    assert_eq!(packing.atoms, whole.atoms, "what is refused changes nothing");
    // The letter of a residue decides its atoms.
    packing.sequence[0] = Letter::from_char('G').expect("a letter");
    assert!(packing.b_factor(0, 3).is_some());
    assert_eq!(packing.b_factor(0, 4), None);
}
