//! Observers and hooks: the values that they see and change, and how they stop the work; and the features built on
//! them, pair biases and temperatures by residue.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::decode::{Design, Level, LogitsHook, PackId, PackingChoice, PackingSettings, Progress, StreamDraws};
use fastmpnn::error::{EngineError, HookFailure};
use fastmpnn::spec::{DesignPlan, DesignSpec, PairBias, Pssm};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Designer, Engine, EngineOptions, Packer};

use crate::published_checkpoint::published;

fn example(name: &str) -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn letter(code: char) -> Letter {
    Letter::from_char(code).expect("a letter")
}

fn designer(structure: &Structure, plan: &DesignPlan, threads: usize) -> Designer {
    let options = EngineOptions::default().with_threads(NonZeroUsize::new(threads));
    let engine = Engine::embedded(&options).expect("an engine");
    let encoding = engine.encode(structure).expect("an encoding");
    engine.designer(&encoding, structure, plan).expect("a designer")
}

fn plan(structure: &Structure, edit: impl FnOnce(&mut DesignPlan)) -> DesignPlan {
    let mut plan = DesignSpec::default().resolve(structure).expect("a plan");
    edit(&mut plan);
    plan
}

fn sample(designer: &Designer) -> Vec<Design> {
    designer.sample(0..4, 0.3).expect("designs")
}

#[test]
fn who_only_looks_on_changes_nothing_and_sees_everything() {
    let structure = example("6MRR.pdb");
    let tied = DesignSpec { tie: vec!["A1=A30".to_owned()], fix: vec!["A5".to_owned()], ..DesignSpec::default() };
    for spec in [DesignSpec::default(), tied] {
        let plan = spec.resolve(&structure).expect("a plan");
        let drawn = plan.designed_count() - usize::from(!plan.ties.is_empty());
        let designer = designer(&structure, &plan, 2);
        let expected = sample(&designer);
        type Seen = Vec<(u64, Vec<usize>)>;
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (items, natives) =
            (seen.clone(), structure.residues.iter().map(|residue| residue.letter).collect::<Vec<_>>());
        let designed = plan.designed.clone();
        let hook = move |level: &mut Level<'_>| -> Result<(), HookFailure> {
            assert_eq!(level.items().len(), level.logits().len());
            for item in level.items() {
                assert_eq!(item.letters.len(), natives.len());
                for &residue in item.residues {
                    assert_eq!(item.letters.get(residue), None, "it is drawn now");
                }
                for (residue, &native) in natives.iter().enumerate().filter(|&(residue, _)| !designed[residue]) {
                    assert_eq!(item.letters.get(residue), Some(native), "a fixed residue");
                }
                assert_eq!(item.letters.get(9999), None);
                items.lock().expect("no panic").push((item.sample, item.residues.to_vec()));
            }
            Ok(())
        };
        let levels = Arc::new(AtomicUsize::new(0));
        let counted = levels.clone();
        let observer = move |progress: Progress| {
            let Progress::Level { level, levels, .. } = progress else { panic!("{progress:?}") };
            assert!((1..=levels).contains(&level));
            counted.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let watched = designer.clone().with_observer(Arc::new(observer)).with_hook(Arc::new(hook));
        assert_eq!(sample(&watched), expected);
        assert!(levels.load(Ordering::Relaxed) > 10);
        let mut seen = seen.lock().expect("no panic").clone();
        assert_eq!(seen.len(), 4 * drawn, "each group of each sample once");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4 * drawn);
        assert_eq!(sample(&designer), expected, "the designer without them is as it was");
    }
}

#[test]
fn an_observer_stops_the_work() {
    let structure = example("5L33.pdb");
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let observer = move |_: Progress| match counted.fetch_add(1, Ordering::Relaxed) {
        0..5 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let designer = designer(&structure, &plan(&structure, |_| ()), 1).with_observer(Arc::new(observer));
    let error = designer.sample(0..100, 0.1).expect_err("cancelled");
    assert!(matches!(error, EngineError::Cancelled), "{error:?}");
    assert_eq!(error.to_string(), "the work was cancelled");
    assert_eq!(calls.load(Ordering::Relaxed), 6, "it ends at the level that was refused");
}

#[test]
fn a_packing_is_followed_and_stopped() {
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let structure = example("6MRR.pdb");
    let packer = Packer::with_checkpoint(&checkpoint, &EngineOptions::default()).expect("a packer");
    let choice = PackingChoice::default()
        .with_sequence(structure.residues.iter().map(|residue| residue.letter).collect())
        .with_packed(vec![true; structure.residues.len()]);
    let task = packer.prepare(&structure, &choice).expect("a task");
    let draws = StreamDraws::new(&structure, PackId { seed: 1, sample: 0, pack: 1 });
    let settings = PackingSettings::default().with_steps(3).with_samples(2);
    let steps: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let seen = steps.clone();
    let last = 2;
    let observer = move |progress| {
        seen.lock().expect("no panic").push(progress);
        match progress {
            Progress::PackingStep { step, .. } if step == last => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let error = task.clone().with_observer(Arc::new(observer)).pack(settings, &draws).expect_err("cancelled");
    assert!(matches!(error, EngineError::Cancelled), "{error:?}");
    assert_eq!(*steps.lock().expect("no panic"), [1, 2].map(|step| Progress::PackingStep { step, steps: 3 }));
    let quiet = Arc::new(|_: Progress| ControlFlow::Continue(()));
    let watched = task.clone().with_observer(quiet).pack(settings, &draws).expect("a packing");
    assert_eq!(watched.atoms, task.pack(settings, &draws).expect("a packing").atoms);
}

#[test]
fn a_hook_changes_what_is_drawn() {
    let structure = example("6MRR.pdb");
    let tryptophan = letter('W').index();
    let only = move |level: &mut Level<'_>| -> Result<(), HookFailure> {
        for (item, logits) in level.iter_mut() {
            if item.residues.contains(&3) {
                (0..VOCABULARY)
                    .filter(|&other| other != tryptophan)
                    .for_each(|other| logits[other] = f32::NEG_INFINITY);
            }
        }
        Ok(())
    };
    let designer = designer(&structure, &plan(&structure, |_| ()), 2);
    let hooked = designer.clone().with_hook(Arc::new(only));
    assert!(sample(&hooked).iter().all(|design| design.sequence[3] == letter('W')));
    assert_eq!(sample(&hooked), sample(&hooked.clone().one_at_a_time()));
    // Likelihoods are the network's own, not the hook's.
    assert!(sample(&hooked).iter().all(|design| design.negative_log_likelihood[3] > 0.1));

    let failing = |_: &mut Level<'_>| -> Result<(), HookFailure> { Err("no such letters".into()) };
    let error = designer.clone().with_hook(Arc::new(failing)).sample(0..2, 0.1).expect_err("it fails");
    assert!(matches!(error, EngineError::Hook(_)), "{error:?}");
    assert_eq!(error.to_string(), "a logits hook failed: no such letters");
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let spoil = move |level: &mut Level<'_>| -> Result<(), HookFailure> {
            for (item, logits) in level.iter_mut() {
                if item.residues.contains(&3) {
                    *logits = [wrong; VOCABULARY];
                }
            }
            Ok(())
        };
        let error = designer.clone().with_hook(Arc::new(spoil)).sample(0..1, 0.1).expect_err("no letter");
        assert!(matches!(error, EngineError::HookLogits { sample: 0, residue: 3 }), "{error:?}");
    }
}

fn pair(residues: [usize; 2], letters: [char; 2], value: f32) -> PairBias {
    let mut bias = Box::new([[0.0; VOCABULARY]; VOCABULARY]);
    bias[letter(letters[0]).index()][letter(letters[1]).index()] = value;
    PairBias { residues, bias }
}

#[test]
fn a_pair_bias_counts_for_the_later_of_two_residues() {
    let structure = example("5L33.pdb");
    // Far from each other: no neighbors in the graph, so that levels alone would not keep them apart.
    let ends = [0, structure.residues.len() - 1];
    let forbidden: Vec<PairBias> = Letter::all()
        .flat_map(|one| Letter::all().map(move |other| [one, other]))
        .filter(|[one, other]| (*one == letter('K')) != (*other == letter('E')))
        .map(|pair_of| pair(ends, pair_of.map(Letter::to_char), -1e4))
        .collect();
    let merged = forbidden.iter().fold(pair(ends, ['A', 'A'], 0.0), |mut sum, pair| {
        sum.bias.iter_mut().zip(&*pair.bias).for_each(|(sum, row)| {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        });
        sum
    });
    // Where one is K the other is E, and the other way round: they would not agree by chance in as many samples.
    let designer = designer(&structure, &plan(&structure, |plan| plan.pair_bias = vec![merged]), 2);
    let designs = designer.sample(0..16, 1.0).expect("designs");
    for design in &designs {
        let [first, last] = ends.map(|residue| design.sequence[residue]);
        assert_eq!(first == letter('K'), last == letter('E'), "{first} {last}");
    }
    assert_eq!(designer.clone().one_at_a_time().sample(0..16, 1.0).expect("designs"), designs);
    // A bias of zero changes nothing.
    let none = plan(&structure, |plan| plan.pair_bias = vec![pair(ends, ['A', 'A'], 0.0)]);
    let plain = self::designer(&structure, &plan(&structure, |_| ()), 2);
    assert_eq!(sample(&self::designer(&structure, &none, 2)), sample(&plain));
}

#[test]
fn a_pair_bias_with_a_fixed_residue_is_a_bias() {
    let structure = example("6MRR.pdb");
    let spec = DesignSpec { fix: vec!["A60".to_owned()], ..DesignSpec::default() };
    let native = structure.residues[59].letter.to_char();
    let resolved = |edit: &dyn Fn(&mut DesignPlan)| {
        let mut plan = spec.resolve(&structure).expect("a plan");
        edit(&mut plan);
        plan
    };
    let paired = resolved(&|plan| plan.pair_bias = vec![pair([10, 59], ['W', native], 2.5)]);
    let biased = resolved(&|plan| plan.bias[10][letter('W').index()] = 2.5);
    let designs = designer(&structure, &paired, 2).sample(0..8, 1.0).expect("designs");
    assert_eq!(designs, designer(&structure, &biased, 1).sample(0..8, 1.0).expect("designs"));
    let turned = resolved(&|plan| plan.pair_bias = vec![pair([59, 10], [native, 'W'], 2.5)]);
    assert_eq!(designs, designer(&structure, &turned, 2).sample(0..8, 1.0).expect("designs"));
}

/// Declares a pair, and records which of the two was known when the other was drawn.
struct Recorded {
    pair: [usize; 2],
    known: Mutex<Vec<bool>>,
}

impl LogitsHook for Recorded {
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure> {
        for item in level.items() {
            for [one, other] in [self.pair, [self.pair[1], self.pair[0]]] {
                if item.residues.contains(&one) {
                    self.known.lock().expect("no panic").push(item.letters.get(other).is_some());
                }
            }
        }
        Ok(())
    }

    fn pairs(&self) -> Vec<[usize; 2]> {
        vec![self.pair]
    }
}

#[test]
fn the_later_residue_of_a_pair_knows_the_earlier_one() {
    let structure = example("5L33.pdb");
    let hook = Arc::new(Recorded { pair: [0, structure.residues.len() - 1], known: Mutex::default() });
    let designer = designer(&structure, &plan(&structure, |_| ()), 2).with_hook(hook.clone());
    designer.sample(0..20, 0.5).expect("designs");
    let known = hook.known.lock().expect("no panic");
    assert_eq!((known.len(), known.iter().filter(|&&known| known).count()), (40, 20), "one of the two, each time");
}

#[test]
fn residues_have_temperatures_of_their_own() {
    let structure = example("6MRR.pdb");
    let residues = structure.residues.len();
    let with = |temperature: Vec<Option<f32>>| {
        designer(&structure, &plan(&structure, |plan| plan.temperature = temperature), 2)
    };
    let usual = designer(&structure, &plan(&structure, |_| ()), 2);
    let designs = usual.sample(0..4, 0.3).expect("designs");
    let sequences = |designs: &[Design]| designs.iter().map(|design| design.sequence.clone()).collect::<Vec<_>>();
    let own = with(vec![Some(0.3); residues]).sample(0..4, 2.0).expect("designs");
    assert_eq!(sequences(&own), sequences(&designs), "all at the same");
    assert_eq!(with(vec![None; residues]).sample(0..4, 0.3).expect("designs"), designs);
    // Drawn first, a residue at T = 0 has the same letter in all samples that begin with it, hot ones have many.
    let mut cold = vec![Some(5.0); residues];
    cold[3] = Some(0.0);
    let mixed = with(cold).sample(0..40, 0.1).expect("designs");
    let kinds = |residue: usize| {
        let mut letters: Vec<usize> = mixed.iter().map(|design| design.sequence[residue].index()).collect();
        letters.sort_unstable();
        letters.dedup();
        letters.len()
    };
    assert!(kinds(3) < kinds(4) && kinds(4) > 8, "{} and {}", kinds(3), kinds(4));
}

#[test]
fn a_profile_is_mixed_with_the_networks_probabilities() {
    let structure = example("6MRR.pdb");
    let residues = structure.residues.len();
    let mut tryptophan = [0.0; VOCABULARY];
    tryptophan[letter('W').index()] = 1.0;
    let with = |edit: &dyn Fn(&mut Pssm)| {
        let mut pssm = Pssm {
            weight: 1.0,
            coefficient: vec![1.0; residues],
            probabilities: vec![tryptophan; residues],
            ..Pssm::default()
        };
        edit(&mut pssm);
        sample(&designer(&structure, &plan(&structure, |plan| plan.pssm = Some(pssm)), 2))
    };
    let count = |designs: &[Design], code: char| {
        designs.iter().flat_map(|design| &design.sequence).filter(|&&found| found == letter(code)).count()
    };
    assert_eq!(count(&with(&|_| ()), 'W'), 4 * residues, "the profile alone");
    let plain = sample(&designer(&structure, &plan(&structure, |_| ()), 2));
    let glycines = count(&plain, 'G');
    let sequences = |designs: Vec<Design>| designs.into_iter().map(|design| design.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(with(&|pssm| pssm.weight = 0.0)), sequences(plain), "the network alone");
    let half = count(&with(&|pssm| pssm.coefficient = vec![0.5; residues]), 'W');
    assert!((residues..3 * residues).contains(&half), "half of {} residues or so: {half}", 4 * residues);
    // Log odds leave a thousandth to letters that are not above the threshold.
    let masked = with(&|pssm| {
        pssm.weight = 0.0;
        pssm.log_odds =
            vec![std::array::from_fn(|index| if index == letter('G').index() { 1.0 } else { -1.0 }); residues];
    });
    assert!(count(&masked, 'G') > 2 * glycines, "{} and {glycines}", count(&masked, 'G'));
}
