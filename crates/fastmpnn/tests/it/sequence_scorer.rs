//! The scorer of many sequences, compared with one sequence at a time.

use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::error::EngineError;
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{self, Structure};
use fastmpnn::{Engine, EngineOptions, MemoryLimit, Precision};

fn structure() -> Structure {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/6MRR.pdb");
    structure::read_path(path.as_ref(), &Default::default()).unwrap()
}

/// The native sequence, mutants of it, and sequences that have little in common with it.
fn sequences(structure: &Structure) -> Vec<Sequence> {
    let native: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let letters: Vec<Letter> = Letter::all().collect();
    let mut sequences = vec![native.clone(), native.clone()];
    for place in [0, 11, 12, 40, native.len() - 1] {
        let mut mutant = native.clone();
        mutant[place] = letters[(mutant[place].index() + 3) % 20];
        mutant[(place + 7) % native.len()] = letters[place % 20];
        sequences.push(mutant);
    }
    for step in [1, 7, 11] {
        sequences.push((0..native.len()).map(|place| letters[(place * step) % 20]).collect());
    }
    sequences
}

fn ranks(count: usize) -> Vec<Vec<u32>> {
    let count = count as u32;
    [29, 1, 37].into_iter().map(|step| (0..count).map(|residue| (residue * step) % count).collect()).collect()
}

#[test]
fn many_sequences_have_the_numbers_of_one_at_a_time() {
    let mut structure = structure();
    // A residue without a backbone, too.
    structure.residues[20].atoms.retain(|atom| atom.name != "CA");
    let (sequences, ranks) = (sequences(&structure), ranks(structure.residues.len()));
    for (threads, precision, limit) in [
        (1, Precision::default(), None),
        (3, Precision::default(), Some(MemoryLimit(0))),
        (2, Precision::Q16, Some(MemoryLimit(40 << 20))),
    ] {
        let options = EngineOptions::default()
            .with_threads(threads.try_into().ok())
            .with_precision(precision)
            .with_memory_limit(limit);
        let engine = Engine::embedded(&options).unwrap();
        let encoding = engine.encode(&structure).unwrap();
        let alone = |sequence: &Sequence, rank: &Vec<u32>| {
            engine.autoregressive(&encoding, &structure, sequence, rank).unwrap()
        };
        let expected: Vec<Vec<_>> =
            sequences.iter().map(|sequence| ranks.iter().map(|rank| alone(sequence, rank)).collect()).collect();
        let scorer = engine.sequence_scorer(&encoding, &structure).unwrap();
        assert!(scorer.log_probabilities(&sequences, &ranks).unwrap() == expected, "together, {threads} threads");
        // The second time with kept messages, and in another company.
        for (sequences, expected) in sequences.chunks(3).zip(expected.chunks(3)) {
            assert!(scorer.log_probabilities(sequences, &ranks).unwrap() == expected, "in parts, {threads} threads");
        }
        assert_ne!(expected[0], expected[2]);
        drop(scorer);
        // Beside samples, before and after they are drawn.
        let plan = DesignSpec::default().resolve(&structure).unwrap();
        let encoding = engine.encode(&structure).unwrap();
        let designer = engine.designer(&encoding, &structure, &plan).unwrap();
        let plain = engine.designer(&encoding, &structure, &plan).unwrap();
        let scorer = designer.sequence_scorer(4);
        assert!(scorer.log_probabilities(&sequences[..1], &ranks[..1]).unwrap()[0] == expected[0][..1]);
        assert!(designer.sample(0..4, 0.1).unwrap() == plain.sample(0..4, 0.1).unwrap());
        assert!(scorer.log_probabilities(&sequences, &ranks).unwrap() == expected, "beside samples, {threads} threads");
        drop((scorer, designer, plain));
        assert!(engine.reserved_memory() <= 40 << 20, "{}", engine.reserved_memory());
    }
}

#[test]
fn sequences_and_orders_that_do_not_fit_are_refused() {
    let structure = structure();
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let encoding = engine.encode(&structure).unwrap();
    let scorer = engine.sequence_scorer(&encoding, &structure).unwrap();
    let (sequences, ranks) = (sequences(&structure), ranks(structure.residues.len()));
    let error = scorer.log_probabilities(&[sequences[0][1..].into()], &ranks).unwrap_err();
    assert!(matches!(error, EngineError::SequenceLength { .. }), "{error}");
    let error = scorer.log_probabilities(&sequences, &[vec![0; sequences[0].len()]]).unwrap_err();
    assert!(matches!(error, EngineError::Order { .. }), "{error}");
    assert!(scorer.log_probabilities(&[], &ranks).unwrap().is_empty());
    let without_orders = scorer.log_probabilities(&sequences[..2], &[]).unwrap();
    assert_eq!((without_orders.len(), without_orders[0].len()), (2, 0));
}
