//! Goals of whole sequences: every design meets them, whatever they are combined with; designs depend on nothing else; what
//! no sequence meets is refused with the reason.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use fastmpnn::chemistry::{Letter, VOCABULARY, net_charge, sequence_string};
use fastmpnn::decode::{Design, Level, Reuse};
use fastmpnn::error::{EngineError, HookFailure, PlanError, SpecError};
use fastmpnn::spec::{DesignPlan, DesignSpec, PairBias, Pssm, States};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Designer, Engine, EngineOptions};

use crate::spec::wishes::{Builder, refusal, strings};

fn example(name: &str) -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine(threads: usize) -> Engine {
    Engine::embedded(&EngineOptions::default().with_threads(NonZeroUsize::new(threads))).expect("an engine")
}

fn designer(engine: &Engine, structure: &Structure, plan: &DesignPlan) -> Designer {
    let encoding = engine.encode_with(structure, &plan.environment).expect("an encoding");
    engine.designer(&encoding, structure, plan).expect("a designer")
}

fn goals(charge: &[&str], count: &[&str], no_motif: &[&str]) -> DesignSpec {
    let [charge, count, no_motif] = [charge, count, no_motif].map(strings);
    DesignSpec { charge, count, no_motif, ..DesignSpec::default() }
}

/// The letters of each chain, where there are no gaps.
fn chains(structure: &Structure, sequence: &[Letter]) -> Vec<String> {
    structure.chains.iter().map(|chain| sequence_string(&sequence[chain.residues.clone()])).collect()
}

/// Whether a chain has N, not P, and S or T.
fn has_sequon(chain: &str) -> bool {
    chain.as_bytes().windows(3).any(|three| three[0] == b'N' && three[1] != b'P' && matches!(three[2], b'S' | b'T'))
}

fn number(text: &str, letters: &str) -> usize {
    text.chars().filter(|code| letters.contains(*code)).count()
}

#[test]
fn every_design_meets_its_goals_at_every_temperature() {
    let structure = example("6MRR.pdb");
    let engine = engine(2);
    type Check = fn(&str, i32) -> bool;
    let cases: Vec<(DesignSpec, Check)> = vec![
        (goals(&["-5..0"], &[], &[]), |_, charge| (-5..=0).contains(&charge)),
        (goals(&["12"], &[], &[]), |_, charge| charge == 12),
        (goals(&["<=-10"], &[], &[]), |_, charge| charge <= -10),
        (goals(&[], &["C=0,W>=2,P=3..4"], &[]), |text, _| {
            number(text, "C") == 0 && number(text, "W") >= 2 && (3..=4).contains(&number(text, "P"))
        }),
        (goals(&[], &[], &["N[^P][ST]", "K.K", "EE|LL"]), |text, _| {
            let bytes = text.as_bytes();
            !has_sequon(text)
                && !bytes.windows(3).any(|three| three[0] == b'K' && three[2] == b'K')
                && !text.contains("EE")
                && !text.contains("LL")
        }),
        // All of them together, and against each other.
        (goals(&["-3"], &["KR=12,DE=15", "W=1"], &["[KR][KR]", "[DE][DE]"]), |text, charge| {
            let pairs =
                |set: &str| text.as_bytes().windows(2).any(|two| two.iter().all(|&one| set.contains(one as char)));
            charge == -3
                && number(text, "KR") == 12
                && number(text, "DE") == 15
                && number(text, "W") == 1
                && !pairs("KR")
                && !pairs("DE")
        }),
        (
            DesignSpec { omit: "AFGHILMNPQSTVWY".to_owned(), ..goals(&["0..1"], &["K=10..12"], &["KKK"]) },
            |text, charge| (0..=1).contains(&charge) && (10..=12).contains(&number(text, "K")) && !text.contains("KKK"),
        ),
    ];
    for (spec, meets) in cases {
        let plan = spec.resolve(&structure).unwrap_or_else(|error| panic!("{error}"));
        let designer = designer(&engine, &structure, &plan);
        for temperature in [0.0, 0.1, 1.0] {
            for design in designer.sample(0..8, temperature).expect("designs") {
                let text = sequence_string(&design.sequence);
                assert!(meets(&text, net_charge(&design.sequence)), "{:?} at {temperature}: {text}", plan.constraints);
                assert!(design.constraint_cost.is_some_and(f64::is_finite));
            }
        }
    }
}

#[test]
fn designs_do_not_depend_on_batches_threads_or_levels() {
    let structure = example("6MRR.pdb");
    let tied = DesignSpec {
        tie: strings(&["A1-5=A21-25", "A40=A41"]),
        fix: strings(&["A10-12"]),
        ..goals(&["2..3"], &["W=1,K<=9"], &["N[^P][ST]", "E.E"])
    };
    for spec in [goals(&["-6..-5"], &[], &[]), tied] {
        let plan = spec.resolve(&structure).expect("a plan");
        let (one, two) = (engine(1), engine(2));
        let expected = designer(&one, &structure, &plan).sample(0..6, 0.2).expect("designs");
        let same = |designs: Vec<Design>, how: &str| assert!(designs == expected, "{how}");
        let other = designer(&two, &structure, &plan);
        same(other.sample(0..6, 0.2).expect("designs"), "two threads");
        let alone = (0..6).flat_map(|sample| other.sample(sample..sample + 1, 0.2).expect("a design")).collect();
        same(alone, "one by one");
        same(other.clone().one_at_a_time().sample(0..6, 0.2).expect("designs"), "a residue at a time");
        same(other.clone().with_reuse(Reuse::States).sample(0..6, 0.2).expect("designs"), "nothing kept");
        let watched = other.with_hook(Arc::new(|_: &mut Level<'_>| -> Result<(), HookFailure> { Ok(()) }));
        same(watched.sample(0..6, 0.2).expect("designs"), "a hook that looks on");
    }
}

#[test]
fn goals_that_every_sequence_meets_change_nothing() {
    let structure = example("6MRR.pdb");
    let engine = engine(2);
    let plain = designer(&engine, &structure, &DesignSpec::default().resolve(&structure).expect("a plan"));
    let plain = plain.sample(0..4, 0.1).expect("designs");
    assert!(plain.iter().all(|design| design.constraint_cost.is_none()));
    let plan = goals(&["-500..500"], &["W<=100"], &[]).resolve(&structure).expect("a plan");
    assert_eq!(designer(&engine, &structure, &plan).sample(0..4, 0.1).expect("designs"), plain);
    // A motif that no design has at this temperature.
    let plan = goals(&[], &[], &["WWWW"]).resolve(&structure).expect("a plan");
    let designs = designer(&engine, &structure, &plan).sample(0..4, 0.1).expect("designs");
    for (one, other) in designs.iter().zip(&plain) {
        assert_eq!(one.sequence, other.sequence);
        assert_eq!(one.constraint_cost, Some(0.0));
    }
}

#[test]
fn a_tilt_costs_less_than_masks_alone() {
    let structure = example("5L33.pdb");
    let engine = engine(2);
    for spec in [goals(&["3..5"], &[], &[]), goals(&[], &["K<=14"], &[]), goals(&[], &["C=0,W>=1"], &[])] {
        let plan = spec.resolve(&structure).expect("a plan");
        let designer = designer(&engine, &structure, &plan);
        let mean = |designs: Vec<Design>| {
            let likelihood = |design: &Design| design.negative_log_likelihood.iter().sum::<f32>();
            let count = designs.len() as f64;
            let cost = designs.iter().filter_map(|design| design.constraint_cost).sum::<f64>() / count;
            (cost, f64::from(designs.iter().map(likelihood).sum::<f32>()) / count)
        };
        let (tilted, score) = mean(designer.sample(0..24, 0.1).expect("designs"));
        let (masked, other) = mean(designer.without_tilt().sample(0..24, 0.1).expect("designs"));
        println!("cost {tilted:.2} and {masked:.2} nats, score {score:.2} and {other:.2}");
        assert!(tilted < masked, "{tilted} {masked}");
        assert!(score < other, "{score} {other}");
    }
}

#[test]
fn copies_of_a_chain_count_once_each() {
    let structure = example("3HTN.pdb");
    let engine = engine(2);
    let spec = DesignSpec {
        homo_oligomer: true,
        ..goals(&["-12..-6", "A:-4..-2"], &["C=0,W>=5", "B:P=4..6"], &["N[^P][ST]"])
    };
    let plan = spec.resolve(&structure).expect("a plan");
    assert!(plan.ties.iter().any(|tie| tie.members.len() == 3), "a trimer");
    for design in designer(&engine, &structure, &plan).sample(0..6, 0.1).expect("designs") {
        let chains = chains(&structure, &design.sequence);
        let charge = |chain: &str| number(chain, "KR") as i32 - number(chain, "DE") as i32;
        assert!((-12..=-6).contains(&chains.iter().map(|chain| charge(chain)).sum::<i32>()));
        assert!((-4..=-2).contains(&charge(&chains[0])), "{chains:?}");
        assert!((4..=6).contains(&number(&chains[1], "P")), "{chains:?}");
        let all = chains.concat();
        assert_eq!(number(&all, "C"), 0);
        assert!(number(&all, "W") >= 5);
        assert_no_sequon(&structure, &design.sequence);
    }
}

/// Checks each run of residues that follow each other.
fn assert_no_sequon(structure: &Structure, sequence: &[Letter]) {
    for chain in &structure.chains {
        let residues: Vec<usize> = chain.residues.clone().collect();
        let follows = |a: &usize, b: &usize| {
            structure.residues[*a].sequence_position + 1 == structure.residues[*b].sequence_position
        };
        for run in residues.chunk_by(follows) {
            let text: String = run.iter().map(|&residue| sequence[residue].to_char()).collect();
            assert!(!has_sequon(&text), "{text}");
        }
    }
}

#[test]
fn states_of_a_protein_count_once() {
    let structures = vec![example("6MRR.pdb"), example("6MRR.pdb")];
    let structure = structures[0].clone();
    let states = States::new(structures, None).expect("states");
    let spec = DesignSpec { fix: strings(&["A20-24"]), ..goals(&["7"], &["W=1"], &["N[^P][ST]", "KK"]) };
    let plan = states.resolve(&spec).expect("a plan");
    let engine = engine(2);
    let encoding = engine.encode_states(&states, &plan).expect("an encoding");
    let designer = engine.designer(&encoding, states.all(), &plan.all).expect("a designer");
    for design in designer.sample(0..4, 0.3).expect("designs") {
        let sequence = states.sequence(&plan, &design.sequence);
        let text = sequence_string(&sequence);
        assert_eq!(net_charge(&sequence), 7, "{text}");
        assert_eq!(number(&text, "W"), 1, "{text}");
        assert!(!has_sequon(&text), "{text}");
        let fixed = text.get(19..24).expect("five residues");
        let free = text.replace(fixed, "-");
        assert!(!free.contains("KK"), "{text}");
    }
    // The same designs as those of one state, where both are the same.
    let single = spec.resolve(&structure).expect("a plan");
    assert_eq!(single.constraints, plan.plan.constraints);
}

#[test]
fn goals_hold_beside_pair_biases_profiles_and_hooks() {
    let structure = example("6MRR.pdb");
    let engine = engine(2);
    let residues = structure.residues.len();
    let mut plan = goals(&["-2"], &["W=2"], &["N[^P][ST]"]).resolve(&structure).expect("a plan");
    let mut table = Box::new([[0.0; VOCABULARY]; VOCABULARY]);
    table[8][8] = 9.0;
    plan.pair_bias = vec![PairBias { residues: [3, 40], bias: table }];
    // A profile of tryptophan and lysine alone.
    let mut row = [0.0; VOCABULARY];
    (row[8], row[18]) = (0.5, 0.5);
    plan.pssm = Some(Pssm {
        weight: 0.8,
        coefficient: vec![1.0; residues],
        probabilities: vec![row; residues],
        log_odds: Vec::new(),
        threshold: 0.0,
    });
    let no_alanine = |level: &mut Level<'_>| -> Result<(), HookFailure> {
        level.logits_mut().iter_mut().for_each(|logits| logits[0] = f32::NEG_INFINITY);
        Ok(())
    };
    for temperature in [0.0, 0.3] {
        let hooked = designer(&engine, &structure, &plan).with_hook(Arc::new(no_alanine));
        for design in hooked.sample(0..4, temperature).expect("designs") {
            let text = sequence_string(&design.sequence);
            assert_eq!((net_charge(&design.sequence), number(&text, "W"), number(&text, "A")), (-2, 2, 0), "{text}");
            assert!(!has_sequon(&text), "{text}");
        }
    }
    // A hook that leaves no letter with which the goal can be met is an error, and no design.
    let all = format!("W={residues}");
    let plan = goals(&[], &[&all], &[]).resolve(&structure).expect("a plan");
    let no_tryptophan = |level: &mut Level<'_>| -> Result<(), HookFailure> {
        level.logits_mut().iter_mut().for_each(|logits| logits[18] = f32::NEG_INFINITY);
        Ok(())
    };
    let hooked = designer(&engine, &structure, &plan).with_hook(Arc::new(no_tryptophan));
    let error = hooked.sample(0..1, 0.1).expect_err("no letter is left");
    assert!(matches!(error, EngineError::HookLogits { .. }), "{error}");
}

#[test]
fn cyclic_chains_and_gaps_divide_where_they_should() {
    let engine = engine(1);
    let mut structure = example("6MRR.pdb");
    // Only N, S and A: without a goal, sequons are everywhere.
    let spec = DesignSpec { omit: "CDEFGHIKLMPQRTVWY".to_owned(), ..goals(&[], &["N>=20,S>=20"], &["N[^P][ST]"]) };
    let closed = DesignSpec { cyclic: Some("A".to_owned()), ..spec.clone() };
    let plan = closed.resolve(&structure).expect("a plan");
    for design in designer(&engine, &structure, &plan).sample(0..6, 1.0).expect("designs") {
        let text = sequence_string(&design.sequence);
        assert!(!has_sequon(&format!("{text}{}", &text[..2])), "{text}");
        assert!(number(&text, "N") >= 20 && number(&text, "S") >= 20, "{text}");
    }
    // A gap of one residue after the thirtieth.
    for residue in &mut structure.residues[30..] {
        residue.sequence_position += 1;
    }
    let plan = spec.resolve(&structure).expect("a plan");
    let mut across = 0;
    for design in designer(&engine, &structure, &plan).sample(0..24, 1.0).expect("designs") {
        assert_no_sequon(&structure, &design.sequence);
        across += usize::from(has_sequon(&sequence_string(&design.sequence)[28..32]));
    }
    assert!(across > 0, "motifs across the gap are none");
}

#[test]
fn what_no_sequence_meets_is_refused_with_the_reason() {
    let dimer = || Builder::new().run("A", 1..=12, "MKVLNGSKAEEK").run("B", 1..=6, "KKKKNA").0;
    let structure = dimer();
    let fixed = |fix: &str, spec: DesignSpec| DesignSpec { fix: strings(&[fix]), ..spec };
    for (spec, parts) in [
        (
            fixed("B", goals(&["<=-20"], &[], &[])),
            &["`charge` `<=-20` cannot be met in test", "the net charge is -8 to 16"][..],
        ),
        (
            DesignSpec { omit: "KR".to_owned(), ..goals(&["B:3..9"], &[], &[]) },
            &["`charge` `B:3..9`", "the net charge of B is -6 to 0"],
        ),
        (fixed("A", goals(&[], &["A:W>=1"], &[])), &["`count` `A:W>=1`", "the number of W of A can only be 0"]),
        (fixed("A5-7", goals(&[], &[], &["N[^P][ST]"])), &["`no_motif` `N[^P][ST]`", "A5-7 is fixed and reads NGS"]),
        (
            DesignSpec { omit: "ACDEFGHILMPQRTVWY".to_owned(), ..goals(&[], &[], &["[NS]", "K"]) },
            &["`no_motif` `[NS] K`", "no choice of the letters that can be drawn avoids it in A1-12"],
        ),
        (
            DesignSpec { homo_oligomer: false, tie: strings(&["A1-6=B1-6"]), ..goals(&[], &["A1-6,B:W=3"], &[]) },
            &["`count` `A1-6,B:W=3` cannot be met in test", "no sequence of the letters that can be drawn does"],
        ),
        (
            goals(&["5"], &["KR=4,DE=3"], &[]),
            &["`charge 5`, `count KR=4`, `count DE=3` cannot all be met in test", "no sequence"],
        ),
        (goals(&["0..-5"], &[], &[]), &["`charge` `0..-5`", "smaller number first"]),
        (goals(&["low"], &[], &[]), &["`charge` `low`", "a range such as -5..0"]),
        (goals(&["Z:0"], &[], &[]), &["`charge`", "no chain Z in test"]),
        (goals(&[], &["W"], &[]), &["`count` `W`", "letters, =, <= or >="]),
        (goals(&[], &["X=0"], &[]), &["`count` `X=0`", "X is never drawn"]),
        (goals(&[], &["B=0"], &[]), &["`count` `B`", "is not a letter"]),
        (goals(&[], &["W>=-1"], &[]), &["`count` `W>=-1`", "0 or more"]),
        (goals(&[], &[], &["N+S"]), &["`no_motif` `N+S`", "no bounded length"]),
    ] {
        let message = refusal(&spec, &structure);
        for part in parts {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    }
    // A chain in which nothing is designed is not searched, and counts with its letters.
    let spec = DesignSpec { chains: Some("B".to_owned()), ..goals(&["A:1"], &[], &["N[^P][ST]"]) };
    let plan = spec.resolve(&structure).expect("A5-7 may be as it is");
    assert!(plan.summary(&structure).contains("; charge A:1; no motif N[^P][ST]"), "{}", plan.summary(&structure));
    assert!(matches!(goals(&["99"], &[], &[]).resolve(&structure), Err(SpecError::Unsatisfiable { .. })));
}

#[test]
fn plans_that_were_changed_are_checked_when_they_are_used() {
    let structure = example("6MRR.pdb");
    let engine = engine(1);
    let encoding = engine.encode(&structure).expect("an encoding");
    let plan = goals(&["5"], &[], &[]).resolve(&structure).expect("a plan");
    let refused = |plan: &DesignPlan| match engine.designer(&encoding, &structure, plan) {
        Err(EngineError::Plan { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let mut neutral = plan.clone();
    let charged = "DEKR".chars().filter_map(Letter::from_char).fold(0, |set, letter| set | 1 << letter.index());
    neutral.omitted.iter_mut().for_each(|omitted| *omitted |= charged);
    assert_eq!(refused(&neutral), PlanError::Goals { goals: "charge 5".to_owned() });
    let long = Builder::new().run("A", 1..=90, "ACDE").0;
    let other = goals(&["5"], &[], &[]).resolve(&long).expect("a plan");
    let moved = {
        let mut moved = plan;
        moved.constraints = other.constraints;
        moved
    };
    assert_eq!(refused(&moved), PlanError::GoalResidue { index: 89, residues: structure.residues.len() });
}
