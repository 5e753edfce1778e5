//! The choice among equally distant residues as neighbors, where some of them are masked.
//!
//! The published code gives a masked residue the distance of the farthest resolved one, so that all masked residues and
//! that one are equally far. Where no more than K residues are resolved, some of them fill the list, and which ones is up
//! to the selection behind `torch.topk`: quickselect for the K-th smallest, then quicksort of those before it, with the
//! pivots of the C++ standard library of GCC. Neither is stable, but both are deterministic, so that the same splits
//! choose the same residues.
//!
//! Left out are two cases in which that library goes over to a heap: a row of more than 64·K residues, and a row on which
//! quickselect makes no progress. The distances chosen are the same in them, the residues may not be.

/// A residue and its distance, Å.
pub(crate) type Candidate = (f32, u32);

/// Parts of at most this many candidates are not split but sorted by insertion: when selecting, and when sorting.
const SHORT_SELECTION: usize = 3;
const SHORT_SORT: usize = 16;

/// Puts the `count` nearest candidates first, nearest first. Distances are finite and positive.
pub(crate) fn nearest_first(candidates: &mut [Candidate], count: usize) {
    let Some(last) = count.checked_sub(1).filter(|&last| last < candidates.len()) else { return };
    let (mut begin, mut end) = (0, candidates.len());
    while end - begin > SHORT_SELECTION {
        let cut = begin + split(&mut candidates[begin..end]);
        if cut <= last {
            begin = cut;
        } else {
            end = cut;
        }
    }
    sort_by_insertion(&mut candidates[begin..end]);
    split_all(&mut candidates[..last]);
    sort_by_insertion(&mut candidates[..last]);
}

/// Sorts but for parts of [`SHORT_SORT`] candidates.
fn split_all(mut candidates: &mut [Candidate]) {
    while candidates.len() > SHORT_SORT {
        let cut = split(candidates);
        let (before, after) = candidates.split_at_mut(cut);
        split_all(after);
        candidates = before;
    }
}

/// Splits more than three candidates, none empty: no candidate before the place that is returned is farther than one from
/// there on. They are compared with the median of the second, the middle and the last, which ends up in front.
fn split(candidates: &mut [Candidate]) -> usize {
    let (second, middle, last) = (1, candidates.len() / 2, candidates.len() - 1);
    let nearer = |a: usize, b: usize| candidates[a].0 < candidates[b].0;
    let median = match (nearer(second, middle), nearer(second, last), nearer(middle, last)) {
        (true, _, true) | (false, false, false) => middle,
        (true, true, false) | (false, false, true) => last,
        (true, false, false) | (false, true, _) => second,
    };
    candidates.swap(0, median);
    let pivot = candidates[0].0;
    let (mut low, mut high) = (1, candidates.len());
    loop {
        while candidates[low].0 < pivot {
            low += 1;
        }
        high -= 1;
        while pivot < candidates[high].0 {
            high -= 1;
        }
        if low >= high {
            return low;
        }
        candidates.swap(low, high);
        low += 1;
    }
}

/// Insertion keeps equal candidates in their order, as every stable sort does.
fn sort_by_insertion(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
}
