//! One sequence for several states of a protein.

use std::path::Path;

use fastmpnn::chemistry::Letter;
use fastmpnn::decode::Design;
use fastmpnn::spec::{DesignSpec, OrderKind, States};
use fastmpnn::structure::{ReadOptions, Structure, read_bytes};
use fastmpnn::{Engine, EngineOptions};

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
    let text = std::fs::read_to_string(path).expect("an example");
    text.lines().filter(|line| line.starts_with("ATOM")).map(|line| format!("{line}\n")).collect()
}

/// The text with every atom of chain `chain` moved by a function of its position.
fn moved(text: &str, chain: char, by: impl Fn([f32; 3]) -> [f32; 3]) -> String {
    let line = |line: &str| {
        let number = |first: usize| line[first..first + 8].trim().parse::<f32>().expect("a coordinate");
        let at = [number(30), number(38), number(46)];
        let by = by(at);
        let [x, y, z]: [f32; 3] = std::array::from_fn(|axis| at[axis] + by[axis]);
        format!("{}{chain}{}{x:8.3}{y:8.3}{z:8.3}{}\n", &line[..21], &line[22..30], &line[54..])
    };
    text.lines().map(line).collect()
}

/// A bend of some Ångströms, and far away.
fn bent(text: &str, chain: char) -> String {
    moved(text, chain, |[x, _, z]| [1000.0 + 0.02 * z * z, 0.3 * (0.4 * x).sin(), 0.0])
}

fn read(text: &str) -> Structure {
    read_bytes("protein.pdb", text.as_bytes(), &ReadOptions::default()).expect("a structure")
}

fn engine() -> Engine {
    Engine::embedded(&EngineOptions::default()).expect("an engine")
}

fn on_one(structure: &Structure, spec: &DesignSpec) -> Vec<Design> {
    let engine = engine();
    let plan = spec.resolve(structure).expect("a plan");
    let encoding = engine.encode_with(structure, &plan.environment).expect("an encoding");
    engine.designer(&encoding, structure, &plan).expect("a designer").sample(0..3, 0.1).expect("designs")
}

fn on_states(
    structures: Vec<Structure>,
    weights: Option<&[f32]>,
    spec: &DesignSpec,
) -> (Vec<Design>, Vec<Vec<Letter>>) {
    let engine = engine();
    let states = States::new(structures, weights).expect("states");
    let plan = states.resolve(spec).expect("a plan");
    let encoding = engine.encode_states(&states, &plan).expect("an encoding");
    let designs =
        engine.designer(&encoding, states.all(), &plan.all).expect("a designer").sample(0..3, 0.1).expect("designs");
    let sequences = designs.iter().map(|design| states.sequence(&plan, &design.sequence)).collect();
    (designs, sequences)
}

fn refusal(structures: Vec<Structure>, weights: Option<&[f32]>) -> String {
    States::new(structures, weights).expect_err("no states").to_string()
}

#[test]
fn one_state_is_plain_design() {
    let structure = read(&text());
    let fix = vec!["A10-20".to_owned()];
    for spec in [DesignSpec::default(), DesignSpec { fix, tie: vec!["A1-5=A30-34".into()], ..DesignSpec::default() }] {
        assert_eq!(on_states(vec![structure.clone()], None, &spec).0, on_one(&structure, &spec));
    }
}

#[test]
fn states_equal_tied_copies_far_apart_in_one_file() {
    let (first, far) = (text(), bent(&text(), 'B'));
    let spec = DesignSpec {
        order: OrderKind::Chain,
        omit: "C".into(),
        fix: vec!["A3,A60-62".into()],
        ..DesignSpec::default()
    };
    let tie = vec!["A=B".to_owned()];
    let together = on_one(&read(&format!("{first}{far}")), &DesignSpec { tie, ..spec.clone() });
    let (states, sequences) = on_states(vec![read(&first), read(&bent(&first, 'A'))], None, &spec);
    assert_eq!(states, together);
    assert_eq!(sequences[0], together[0].sequence[..sequences[0].len()]);
    let alone = on_one(&read(&first), &spec);
    assert_ne!(alone[0].sequence, sequences[0], "the second state has no say");
}

#[test]
fn weights_choose_between_states() {
    let (first, second) = (read(&text()), read(&bent(&text(), 'A')));
    let spec = DesignSpec::default();
    let both = || vec![first.clone(), second.clone()];
    let sequences = |designs: Vec<Design>| designs.into_iter().map(|design| design.sequence).collect::<Vec<_>>();
    assert_eq!(on_states(both(), Some(&[1.0, 0.0]), &spec).1, sequences(on_one(&first, &spec)));
    assert_eq!(on_states(both(), Some(&[0.0, 1.0]), &spec).1, sequences(on_one(&second, &spec)));
    // The mean is the sum with weights of a half.
    assert_eq!(on_states(both(), Some(&[0.5, 0.5]), &spec).1, on_states(both(), None, &spec).1);
    assert_eq!(refusal(both(), Some(&[1.0])), "`state_weights`: there are 2 states and 1 weights");
    let nothing = refusal(both(), Some(&[0.0, 0.0]));
    assert_eq!(nothing, "`state_weights`: all are 0, so no logits determine a letter");
}

#[test]
fn states_with_other_residues_are_refused_by_name() {
    let first = text();
    let without = |numbers: std::ops::Range<i32>, text: &str| -> String {
        let kept = |line: &&str| !numbers.contains(&line[22..26].trim().parse::<i32>().expect("a number"));
        text.lines().filter(kept).map(|line| format!("{line}\n")).collect()
    };
    let name = |structure: Structure, name: &str| Structure { name: name.to_owned(), ..structure };
    let (a, b) = (name(read(&without(66..70, &first)), "a"), name(read(&without(5..8, &first)), "b"));
    assert_eq!(
        refusal(vec![a, b], None),
        "the states of a protein have the same residues, by chain and number: A5-7 is in a and not in b; A66-68 is in b \
         and not in a"
    );
    assert_eq!(refusal(Vec::new(), None), "a protein has at least one state");
}

#[test]
fn a_state_in_another_order_is_the_same_state() {
    let (first, second) = (text(), moved(&text(), 'B', |_| [0.0, 60.0, 0.0]));
    let (forth, back) = (read(&format!("{first}{second}")), read(&format!("{second}{first}")));
    let spec = DesignSpec { chains: Some("B".into()), ..DesignSpec::default() };
    let plain = on_states(vec![forth.clone(), forth.clone()], None, &spec);
    assert_eq!(on_states(vec![forth, back], None, &spec), plain);
}

#[test]
fn a_residue_without_a_backbone_is_designed_in_the_states_that_have_it() {
    let whole = text();
    let lacking: String = whole
        .lines()
        .filter(|line| !(&line[22..26] == "  20" && &line[12..16] == " C  "))
        .map(|line| format!("{line}\n"))
        .collect();
    let (lacking, whole) = (read(&lacking), read(&whole));
    let place = whole.residues.iter().position(|residue| residue.id.number == 20).expect("a residue");
    let engine = engine();
    let states = States::new(vec![lacking, whole.clone()], None).expect("states");
    let spec = DesignSpec { omit: whole.residues[place].letter.to_string(), ..DesignSpec::default() };
    let plan = states.resolve(&spec).expect("a plan");
    assert!(plan.plan.designed[place] && !plan.all.designed[place]);
    assert!(states.protein().is_resolved(place));
    let encoding = engine.encode_states(&states, &plan).expect("an encoding");
    let designs =
        engine.designer(&encoding, states.all(), &plan.all).expect("a designer").sample(0..2, 0.1).expect("designs");
    for design in designs {
        let letter = states.sequence(&plan, &design.sequence)[place];
        assert!(letter != whole.residues[place].letter && letter != Letter::X);
        // In the state that lacks the residue, its likelihood is left out of the mean.
        let count = whole.residues.len();
        let mean = states.mean(&design.negative_log_likelihood);
        assert_eq!(mean[place], design.negative_log_likelihood[count + place]);
    }
}
