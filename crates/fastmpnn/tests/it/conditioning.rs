//! The ways of conditioning, compared with each other. The published code's results are in the goldens.

use fastmpnn::chemistry::{Sequence, VOCABULARY};
use fastmpnn::error::EngineError;
use fastmpnn::structure::{self, Structure};
use fastmpnn::{Conditioning, Engine, EngineOptions};

fn structure() -> Structure {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/6MRR.pdb");
    structure::read_path(path.as_ref(), &Default::default()).unwrap()
}

fn worst(one: &[[f32; VOCABULARY]], other: &[[f32; VOCABULARY]]) -> f32 {
    one.as_flattened().iter().zip(other.as_flattened()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_residue_that_moves_sees_what_comes_before_its_new_place() {
    let structure = structure();
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let encoding = engine.encode(&structure).unwrap();
    let count = structure.residues.len() as u32;
    let sequence: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank: Vec<u32> = (0..count).map(|residue| (residue * 29) % count).collect();
    let ask = |given: &Conditioning| engine.logits(&encoding, &structure, given).unwrap();
    let moved = |before: &[u32]| {
        ask(&Conditioning::Moved { sequence: sequence.clone(), rank: rank.clone(), before: before.to_vec() })
    };
    let earlier = ask(&Conditioning::Earlier { sequence: sequence.clone(), rank: rank.clone() });
    let backbone = ask(&Conditioning::Backbone);

    assert!(worst(&moved(&rank), &earlier) < 1e-5, "its own place");
    assert!(worst(&moved(&vec![0; rank.len()]), &backbone) < 1e-5, "the first place");
    let last = moved(&vec![count; rank.len()]);
    assert!(worst(&last, &earlier) > 0.1 && worst(&last, &backbone) > 0.1);
    // One place on, past a single residue, is the order with the two swapped.
    let (one, two) = (10, rank.iter().position(|&place| place == rank[10] + 1).unwrap());
    let mut swapped = rank.clone();
    swapped.swap(one, two);
    let expected = ask(&Conditioning::Earlier { sequence: sequence.clone(), rank: swapped });
    let before: Vec<u32> = rank.iter().map(|&place| (place + 2).min(count)).collect();
    assert!(worst(&moved(&before)[one..=one], &expected[one..=one]) < 1e-5);
}

#[test]
fn neighbors_that_are_not_visible_show_nothing() {
    let structure = structure();
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let encoding = engine.encode(&structure).unwrap();
    let count = structure.residues.len();
    let ask = |given: &Conditioning| engine.logits(&encoding, &structure, given).unwrap();
    let backbone = ask(&Conditioning::Backbone);
    let graph = encoding.graph();
    let seen = |visible: Vec<bool>| ask(&Conditioning::VisibleNeighbors { visible });
    assert!(worst(&seen(vec![true; count * graph.degree()]), &backbone) < 1e-5, "all are visible");
    // The first residue sees all of its neighbors, the last one those after it: none but itself.
    let later = |residue: usize| graph.neighbors(residue).iter().map(move |&neighbor| neighbor as usize >= residue);
    let later: Vec<bool> = (0..count).flat_map(later).collect();
    let hidden = seen(later.clone());
    assert!(worst(&hidden[..1], &backbone[..1]) < 0.5 * worst(&hidden[count - 1..], &backbone[count - 1..]));
    // Keeping the edge terms must not bring back what is hidden.
    engine.keep_edge_terms(&encoding).unwrap();
    assert!(worst(&seen(later.clone()), &hidden) < 1e-5);
    let short = Conditioning::VisibleNeighbors { visible: later[1..].to_vec() };
    let error = engine.logits(&encoding, &structure, &short).unwrap_err();
    assert!(matches!(error, EngineError::Setting { setting: "visible", .. }), "{error}");
}

#[test]
fn a_table_says_which_letters_are_known() {
    let structure = structure();
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let encoding = engine.encode(&structure).unwrap();
    let count = structure.residues.len();
    let sequence: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let ask = |given: &Conditioning| engine.logits(&encoding, &structure, given);
    let table = |knows: &dyn Fn(usize, usize) -> bool| -> Vec<[f32; VOCABULARY]> {
        let known = (0..count * count).map(|pair| knows(pair / count, pair % count)).collect();
        ask(&Conditioning::Known { sequence: sequence.clone(), known }).unwrap()
    };
    let rank: Vec<u32> = (0..count as u32).map(|residue| (residue * 29) % count as u32).collect();
    let earlier = ask(&Conditioning::Earlier { sequence: sequence.clone(), rank: rank.clone() }).unwrap();
    let backbone = ask(&Conditioning::Backbone).unwrap();

    assert_eq!(table(&|row, column| rank[column] < rank[row]), earlier, "the table of an order");
    assert_eq!(table(&|_, _| false), backbone, "the table of none");
    let all = table(&|row, column| row != column);
    assert!(worst(&all, &earlier) > 0.1 && worst(&all, &backbone) > 0.1);
    let short = Conditioning::Known { sequence: sequence.clone(), known: vec![true; count] };
    let error = ask(&short).unwrap_err();
    assert!(matches!(error, EngineError::Setting { setting: "known", .. }), "{error}");
}

#[test]
fn a_moved_residue_has_the_numbers_of_its_own_order() {
    let structure = structure();
    let engine = Engine::embedded(&EngineOptions::default()).unwrap();
    let encoding = engine.encode(&structure).unwrap();
    let count = structure.residues.len() as u32;
    let sequence: Sequence = structure.residues.iter().map(|residue| residue.letter).collect();
    let rank: Vec<u32> = (0..count).map(|residue| (residue * 29) % count).collect();
    let last = engine.conditional(&encoding, &structure, &sequence, &rank).unwrap();
    let middle: Vec<u32> = (0..count).map(|residue| (residue * 31) % (count + 1)).collect();
    let given = Conditioning::Moved { sequence: sequence.clone(), rank: rank.clone(), before: middle.clone() };
    let moved = engine.logits(&encoding, &structure, &given).unwrap();
    for residue in [0, 5, 17, 40, count as usize - 1] {
        // The order with the residue in its new place.
        let order = |before: u32| {
            let mut residues: Vec<usize> = (0..count as usize).collect();
            let place = |one: usize| if one == residue { 2 * before } else { 2 * rank[one] + 1 };
            residues.sort_by_key(|&one| place(one));
            let mut ranks = vec![0; count as usize];
            residues.iter().enumerate().for_each(|(place, &residue)| ranks[residue] = place as u32);
            ranks
        };
        let expected = engine.autoregressive(&encoding, &structure, &sequence, &order(count)).unwrap();
        assert_eq!(last[residue], expected[residue], "{residue}");
        let given = Conditioning::Earlier { sequence: sequence.clone(), rank: order(middle[residue]) };
        let expected = engine.logits(&encoding, &structure, &given).unwrap();
        assert_eq!(moved[residue], expected[residue], "{residue}");
    }
}
