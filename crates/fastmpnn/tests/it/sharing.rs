//! Engines and their results, shared between threads and callers.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use fastmpnn::chemistry::Sequence;
use fastmpnn::decode::{
    Design, Designer, MemoryLimit, PackId, Packing, PackingChoice, PackingRun, PackingSettings, PackingTask,
    StreamDraws,
};
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Conditioning, Encoding, Engine, EngineOptions, Packer, Workers};

use crate::published_checkpoint::published;

fn example(name: &str) -> Structure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    read_path(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn engine(threads: usize, memory_limit: Option<MemoryLimit>) -> Engine {
    let options = EngineOptions::default().with_threads(NonZeroUsize::new(threads)).with_memory_limit(memory_limit);
    Engine::embedded(&options).expect("an engine")
}

/// Compiles only for types that own their data and may move between threads.
fn goes_anywhere<T: Send + Sync + Clone + 'static>() {}

#[test]
fn everything_is_owned_and_may_be_shared_between_threads() {
    goes_anywhere::<Engine>();
    goes_anywhere::<Encoding>();
    goes_anywhere::<Designer>();
    goes_anywhere::<Packer>();
    goes_anywhere::<PackingTask>();
    goes_anywhere::<PackingChoice>();
    goes_anywhere::<Workers>();
    goes_anywhere::<Conditioning>();
    goes_anywhere::<DesignSpec>();
    goes_anywhere::<DesignPlan>();
    goes_anywhere::<Structure>();
    goes_anywhere::<Design>();
    goes_anywhere::<Packing>();
    fn owned<T: Send + Sync + 'static>() {}
    owned::<PackingRun>();
    owned::<fastmpnn::error::EngineError>();
    owned::<fastmpnn::error::SpecError>();
}

#[test]
fn designers_outlive_the_engine_and_the_encoding_they_are_made_of() {
    let structure = example("6MRR.pdb");
    let designer = {
        let engine = engine(2, None);
        let encoding = engine.encode(&structure).expect("an encoding");
        let plan = DesignSpec::default().resolve(&structure).expect("a plan");
        engine.designer(&encoding, &structure, &plan).expect("a designer")
    };
    let elsewhere = designer.clone();
    let theirs = thread::spawn(move || elsewhere.sample(0..2, 0.1).expect("designs")).join().expect("no panic");
    assert_eq!(theirs, designer.sample(0..2, 0.1).expect("designs"));
}

/// A caller's work with an engine, from encoding to scores.
fn everything(engine: &Engine, structure: &Structure, seed: u64) -> (Vec<Design>, Vec<[f32; 21]>) {
    let plan = DesignSpec { seed, ..DesignSpec::default() }.resolve(structure).expect("a plan");
    let encoding = engine.encode(structure).expect("an encoding");
    let designs = engine.designer(&encoding, structure, &plan).expect("a designer").sample(0..6, 0.2);
    let native: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank = engine.decoding_rank(&encoding, structure, &plan, 0).expect("an order");
    let log_p = engine.conditional(&encoding, structure, &native, &rank).expect("likelihoods");
    (designs.expect("designs"), log_p)
}

#[test]
fn callers_at_once_get_what_each_gets_alone() {
    let structures = ["6MRR.pdb", "5L33.pdb", "6MRR.pdb", "4GYT.pdb"].map(example);
    let engine = engine(2, None);
    let alone: Vec<_> =
        structures.iter().zip(0..).map(|(structure, seed)| everything(&engine, structure, seed)).collect();
    let at_once: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = structures
            .iter()
            .zip(0..)
            .map(|(structure, seed)| {
                let engine = engine.clone();
                scope.spawn(move || everything(&engine, structure, seed))
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("no panic")).collect()
    });
    assert_eq!(at_once, alone);
}

#[test]
fn one_designer_serves_several_callers() {
    let structure = example("5L33.pdb");
    let engine = engine(2, None);
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let encoding = engine.encode(&structure).expect("an encoding");
    let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
    let shares: Vec<Vec<Design>> = thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|share| {
                scope.spawn({
                    let designer = designer.clone();
                    move || designer.sample(2 * share..2 * share + 2, 0.1)
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("no panic").expect("designs")).collect()
    });
    let fresh = engine.designer(&engine.encode(&structure).expect("an encoding"), &structure, &plan);
    assert_eq!(shares.concat(), fresh.expect("a designer").sample(0..8, 0.1).expect("designs"));
}

#[test]
fn callers_together_stay_under_the_memory_limit_and_give_it_back() {
    let structure = example("5L33.pdb");
    let plan = DesignSpec::default().resolve(&structure).expect("a plan");
    let expected = {
        let engine = engine(2, None);
        let encoding = engine.encode(&structure).expect("an encoding");
        engine.designer(&encoding, &structure, &plan).expect("a designer").sample(0..8, 0.1).expect("designs")
    };
    // One caller's edge terms alone take 8 MB, two callers' 16 MB.
    for megabytes in [3, 4, 9, 17, 24, 40] {
        let limit = megabytes << 20;
        let engine = engine(2, Some(MemoryLimit(limit)));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let encoding = engine.encode(&structure).expect("an encoding");
                    let designer = engine.designer(&encoding, &structure, &plan).expect("a designer");
                    assert_eq!(designer.sample(0..8, 0.1).expect("designs"), expected, "{megabytes} MB");
                });
            }
        });
        assert_eq!(engine.reserved_memory(), 0, "{megabytes} MB: all is given back");
        assert!(engine.most_reserved_memory() <= limit, "{} of {limit} bytes", engine.most_reserved_memory());
        assert!(engine.most_reserved_memory() > limit / 20, "{megabytes} MB: what is spent is counted");
    }
}

#[test]
fn engines_and_packers_share_their_threads() {
    let workers = Workers::new(NonZeroUsize::new(2)).expect("threads");
    let options = EngineOptions::default();
    let checkpoint = fastmpnn::weights::Checkpoint::embedded().expect("the embedded checkpoint");
    let shared = Engine::with_workers(&checkpoint, &options, &workers).expect("an engine");
    assert_eq!(shared.threads(), 2);
    let structure = example("6MRR.pdb");
    assert_eq!(everything(&shared, &structure, 1), everything(&engine(3, None), &structure, 1));
    let Some(checkpoint) = published("ligandmpnn_sc_v_32_002_16") else { return };
    let packer = Packer::with_workers(&checkpoint, &options, shared.workers()).expect("a packer");
    assert_eq!(packer.threads(), 2);
    let choice = PackingChoice::default()
        .with_sequence(structure.residues.iter().map(|residue| residue.letter).collect())
        .with_packed(vec![true; structure.residues.len()]);
    let pack = |packer: &Packer| {
        let task = packer.prepare(&structure, &choice).expect("a task");
        task.pack(PackingSettings::default(), &StreamDraws::new(&structure, PackId { seed: 1, sample: 0, pack: 1 }))
            .expect("a packing")
            .atoms
    };
    // Designing and packing at once, on the same threads.
    let (designs, packed) = thread::scope(|scope| {
        let designs = scope.spawn(|| everything(&shared, &structure, 1));
        let packed = scope.spawn(|| pack(&packer));
        (designs.join().expect("no panic"), packed.join().expect("no panic"))
    });
    assert_eq!(designs, everything(&shared, &structure, 1));
    assert_eq!(packed, pack(&Packer::with_checkpoint(&checkpoint, &options).expect("a packer")));
}
