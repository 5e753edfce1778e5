//! Looks for a sequence that meets all goals.
//!
//! Depth first through the segments, so that the automaton knows what it has read, then through the variables that are
//! in no segment. A branch ends where a sum cannot be brought within its bounds any more by what is left, or where no
//! choice of letters in the rest of the segment avoids all motifs. What remains to be decided after a step depends on the
//! automaton's state, on the sums, and on the letters of variables that occur again: a step that failed once with the same
//! of these is not tried again. With that the search is complete; without a limit of nodes it ends with a sequence or
//! with the proof that there is none.
//!
//! It tries the letters of a known sequence first, and so changes it little, and late.

use std::collections::HashSet;

use super::motif::DEAD;
use super::problem::{Cell, Problem, Step};
use crate::chemistry::Letter;

/// What a search finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// A letter for each variable.
    Found(Vec<Letter>),
    /// There is none.
    Impossible,
    /// The limit of nodes is reached.
    Unknown,
}

/// A step in progress.
struct Frame {
    /// Letters that are not tried yet.
    left: u32,
    /// The automaton's state before.
    state: u16,
    letter: Letter,
}

/// The states before each step from which its segment can be completed.
struct Open {
    words: Vec<u64>,
    per_step: usize,
}

impl Open {
    fn contains(&self, step: usize, state: u16) -> bool {
        let state = usize::from(state);
        self.words[step * self.per_step + state / 64] & 1 << (state % 64) != 0
    }
}

impl Problem {
    /// A sequence in which each variable has one of its `allowed` letters, close to `hint`.
    pub(crate) fn complete(&self, allowed: &[u32], hint: &[Letter], nodes: u64) -> Completion {
        let open = self.open(allowed);
        let mut begins = self.steps.iter().enumerate().filter(|(_, step)| step.begins);
        if begins.any(|(place, _)| !open.contains(place, 0)) {
            return Completion::Impossible;
        }
        let reach = self.reach(allowed);
        let mut letters = hint.to_vec();
        for (letter, &allowed) in letters.iter_mut().zip(allowed) {
            if allowed & 1 << letter.index() == 0 {
                *letter = Letter::from_index(allowed.trailing_zeros() as usize).unwrap_or(*letter);
            }
        }
        let hint = letters.clone();
        let kinds = self.sums.len();
        let mut sums: Vec<i32> = self.sums.iter().map(|sum| sum.base).collect();
        let mut failed: HashSet<Vec<i32>> = HashSet::new();
        let mut frames: Vec<Frame> = Vec::with_capacity(self.steps.len());
        let (mut state, mut tried) = (0, 0);
        loop {
            let place = frames.len();
            let Some(&step) = self.steps.get(place) else { return Completion::Found(letters) };
            let known = step.fresh && !failed.is_empty() && failed.contains(&self.key(place, state, &sums, &letters));
            let left = match step.cell {
                _ if known => 0,
                Cell::Fixed(letter) => 1 << letter.index(),
                Cell::Variable(variable) if step.fresh => {
                    self.representatives(allowed[variable as usize], hint[variable as usize])
                }
                Cell::Variable(variable) => 1 << letters[variable as usize].index(),
            };
            frames.push(Frame { left, state, letter: Letter::X });
            loop {
                let Some(place) = frames.len().checked_sub(1) else { return Completion::Impossible };
                let step = self.steps[place];
                if let Some(letter) = next_letter(&mut frames[place], step, &hint) {
                    tried += 1;
                    if tried > nodes {
                        return Completion::Unknown;
                    }
                    let from = if step.begins { 0 } else { frames[place].state };
                    let to = if step.read { self.automaton.next(from, letter) } else { from };
                    if step.read && (to == DEAD || !step.ends && !open.contains(place + 1, to)) {
                        continue;
                    }
                    self.add(step, letter, 1, &mut sums);
                    let bounds = &reach[(place + 1) * kinds..(place + 2) * kinds];
                    let fits = self.sums.iter().zip(&sums).zip(bounds);
                    if !fits.into_iter().all(|((sum, &total), &rest)| sum.within_reach(total, rest)) {
                        self.add(step, letter, -1, &mut sums);
                        continue;
                    }
                    if let (Cell::Variable(variable), true) = (step.cell, step.fresh) {
                        letters[variable as usize] = letter;
                    }
                    frames[place].letter = letter;
                    state = to;
                    break;
                }
                let before = frames[place].state;
                if step.fresh {
                    failed.insert(self.key(place, before, &sums, &letters));
                }
                frames.pop();
                if let Some(last) = frames.last() {
                    self.add(self.steps[frames.len() - 1], last.letter, -1, &mut sums);
                }
            }
        }
    }

    /// Adds what a step's letter contributes, or takes it off.
    fn add(&self, step: Step, letter: Letter, sign: i32, sums: &mut [i32]) {
        if let (Cell::Variable(variable), true) = (step.cell, step.fresh) {
            for (sum, total) in self.sums.iter().zip(sums) {
                *total += sign * sum.of(variable as usize, letter);
            }
        }
    }

    /// All that the rest depends on.
    fn key(&self, place: usize, state: u16, sums: &[i32], letters: &[Letter]) -> Vec<i32> {
        let state = if self.steps[place].begins { 0 } else { i32::from(state) };
        let again = self.repeated.iter().filter(|repeated| repeated.first < place && place <= repeated.last);
        let again = again.map(|repeated| i32::from(self.class[letters[repeated.variable as usize].index()]));
        let place = place as i32;
        [place, state].into_iter().chain(sums.iter().copied()).chain(again).collect()
    }

    /// For each step and sum the least and the most that it and those after it add. `[steps + 1, sums]`
    fn reach(&self, allowed: &[u32]) -> Vec<[i32; 2]> {
        let kinds = self.sums.len();
        let mut reach = vec![[0, 0]; (self.steps.len() + 1) * kinds];
        for (place, step) in self.steps.iter().enumerate().rev() {
            for (kind, sum) in self.sums.iter().enumerate() {
                let rest = reach[(place + 1) * kinds + kind];
                reach[place * kinds + kind] = match step.cell {
                    Cell::Variable(variable) if step.fresh && sum.weights[variable as usize] > 0 => {
                        let [least, most] = sum.range(variable as usize, allowed[variable as usize]);
                        [rest[0] + least, rest[1] + most]
                    }
                    _ => rest,
                };
            }
        }
        reach
    }

    /// From which states each segment can be completed. `[steps + 1]`
    fn open(&self, allowed: &[u32]) -> Open {
        let states = self.automaton.states();
        let per_step = states.div_ceil(64).max(1);
        let mut open = Open { words: vec![u64::MAX; (self.steps.len() + 1) * per_step], per_step };
        for (place, step) in self.steps.iter().enumerate().rev().filter(|(_, step)| step.read) {
            let letters = match step.cell {
                Cell::Fixed(letter) => 1 << letter.index(),
                Cell::Variable(variable) => self.representatives(allowed[variable as usize], Letter::X),
            };
            let mut words = vec![0u64; per_step];
            for state in 0..states {
                let goes_on = |letter: &Letter| {
                    let to = self.automaton.next(state as u16, *letter);
                    to != DEAD && (step.ends || open.contains(place + 1, to))
                };
                if Letter::all().filter(|letter| letters & 1 << letter.index() != 0).any(|letter| goes_on(&letter)) {
                    words[state / 64] |= 1 << (state % 64);
                }
            }
            open.words[place * per_step..(place + 1) * per_step].copy_from_slice(&words);
        }
        open
    }
}

/// Takes a letter that is not tried yet, the hint first.
fn next_letter(frame: &mut Frame, step: Step, hint: &[Letter]) -> Option<Letter> {
    let first = match step.cell {
        Cell::Variable(variable) => hint[variable as usize],
        Cell::Fixed(letter) => letter,
    };
    let letter = match frame.left {
        0 => return None,
        left if left & 1 << first.index() != 0 => first,
        left => Letter::from_index(left.trailing_zeros() as usize)?,
    };
    frame.left &= !(1 << letter.index());
    Some(letter)
}
