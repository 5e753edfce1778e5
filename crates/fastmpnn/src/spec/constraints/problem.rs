//! The goals of a plan as a problem: which letters may still be given to which groups of residues.

use std::collections::HashSet;

use super::goals::{Constraints, Total};
use super::motif::{Automaton, DEAD};
use crate::chemistry::{Letter, VOCABULARY};

/// What is drawn as one: a designed residue, or a tied group.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// The letters it may have at all: those that no goal rules out from the start.
    pub(crate) allowed: u32,
    /// The number of residues of the protein that get its letter.
    pub(crate) residues: usize,
    /// Where it stands in segments.
    places: Vec<[u32; 2]>,
}

/// A residue of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    Fixed(Letter),
    Variable(u32),
}

/// A sum, by variable.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    /// What the letters that are not drawn contribute.
    pub(crate) base: i32,
    pub(crate) minimum: i32,
    pub(crate) maximum: i32,
    /// How many residues of each variable count.
    pub(crate) weights: Vec<i32>,
    pub(crate) values: [i32; VOCABULARY],
    /// Which of the totals of the constraints it is.
    total: usize,
}

impl Sum {
    /// What a letter of a variable adds.
    pub(crate) fn of(&self, variable: usize, letter: Letter) -> i32 {
        self.weights[variable] * self.values[letter.index()]
    }

    /// The least and the most that a variable adds with one of these letters.
    pub(super) fn range(&self, variable: usize, letters: u32) -> [i32; 2] {
        let values =
            Letter::all().filter(|letter| letters & 1 << letter.index() != 0).map(|one| self.of(variable, one));
        let reach = |[least, most]: [i32; 2], value: i32| [least.min(value), most.max(value)];
        values.fold([i32::MAX, i32::MIN], reach)
    }

    pub(super) fn holds(&self, sum: i32) -> bool {
        (self.minimum..=self.maximum).contains(&sum)
    }

    /// Whether a sum can end within the bounds if between `least` and `most` are added.
    pub(super) fn within_reach(&self, sum: i32, [least, most]: [i32; 2]) -> bool {
        sum + least <= self.maximum && sum + most >= self.minimum
    }
}

/// Why there is no sequence.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// One sum is out of reach: what the letters allow.
    Sum { total: usize, least: i32, most: i32 },
    /// The segment's motif cannot be avoided.
    Segment(usize),
}

/// A step of the search: it gives a variable its letter, or reads a letter that is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) cell: Cell,
    /// Whether the automaton begins anew.
    pub(super) begins: bool,
    /// Whether the automaton reads it.
    pub(super) read: bool,
    /// Whether nothing of its segment follows.
    pub(super) ends: bool,
    /// Whether the variable has no letter before.
    pub(super) fresh: bool,
}

/// A variable that occurs at several steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated {
    pub(super) variable: u32,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// The goals that are not met by every sequence, with what may be drawn.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The variable of each residue.
    pub(crate) variable_of: Vec<Option<u32>>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) sums: Vec<Sum>,
    pub(super) automaton: Automaton,
    pub(super) segments: Vec<Vec<Cell>>,
    /// Segment by segment, then what is in none.
    pub(super) steps: Vec<Step>,
    pub(super) repeated: Vec<Repeated>,
    /// Letters of the same class are the same to all goals.
    pub(super) class: [u8; VOCABULARY],
}

/// What a problem is made of.
pub(crate) struct Parts<'a> {
    pub(crate) constraints: &'a Constraints,
    /// The letters of residues that are not designed. `[N]`
    pub(crate) native: &'a [Letter],
    pub(crate) designed: &'a [bool],
    /// Letters that are not drawn. `[N]`
    pub(crate) omitted: &'a [u32],
    /// The members of tied groups.
    pub(crate) ties: Vec<&'a [usize]>,
}

impl Problem {
    /// The problem, with letters ruled out that cannot be part of any solution for one of the sums alone.
    pub(crate) fn new(parts: &Parts<'_>) -> Result<Problem, Refusal> {
        let Parts { constraints, native, designed, omitted, ties } = parts;
        let mut variable_of = vec![None; designed.len()];
        let mut variables = Vec::new();
        let everything: Vec<usize> = (0..designed.len()).collect();
        let tied: HashSet<usize> = ties.iter().flat_map(|members| members.iter().copied()).collect();
        let singles = everything.iter().filter(|&&residue| designed[residue] && !tied.contains(&residue));
        let groups = ties.iter().copied().chain(singles.map(std::slice::from_ref));
        for (number, members) in (0..).zip(groups.filter(|members| !members.is_empty())) {
            members.iter().for_each(|&member| variable_of[member] = Some(number));
            let of_protein: HashSet<usize> =
                members.iter().map(|&member| member % constraints.residues.max(1)).collect();
            let allowed = !omitted[members[0]] & ((1 << VOCABULARY) - 1);
            variables.push(Variable { allowed, residues: of_protein.len(), places: Vec::new() });
        }
        let sum = |(total, goal): (usize, &Total)| {
            let mut sum = Sum {
                base: 0,
                minimum: goal.minimum,
                maximum: goal.maximum,
                weights: vec![0; variables.len()],
                values: goal.values,
                total,
            };
            for &residue in &goal.residues {
                match variable_of[residue] {
                    Some(variable) => sum.weights[variable as usize] += 1,
                    None => sum.base += goal.values[native[residue].index()],
                }
            }
            sum
        };
        let sums = constraints.totals.iter().enumerate().map(sum).collect();
        let cell = |&residue: &usize| variable_of[residue].map_or(Cell::Fixed(native[residue]), Cell::Variable);
        let mut known = HashSet::new();
        let segments = constraints.segments.iter().map(|segment| segment.iter().map(cell).collect());
        let segments = segments.filter(|cells: &Vec<Cell>| known.insert(cells.clone())).collect();
        let mut problem = Problem {
            variable_of,
            variables,
            sums,
            automaton: constraints.automaton.clone(),
            segments,
            steps: Vec::new(),
            repeated: Vec::new(),
            class: [0; VOCABULARY],
        };
        problem.rule_out()?;
        problem.prepare();
        problem.check_segments(constraints, &variable_keys(&problem.variable_of, native))?;
        Ok(problem)
    }

    /// Removes letters with which a sum is out of reach, and sums that every sequence meets.
    fn rule_out(&mut self) -> Result<(), Refusal> {
        loop {
            let mut changed = false;
            for sum in &self.sums {
                let ranges: Vec<[i32; 2]> = (0..self.variables.len())
                    .map(|variable| sum.range(variable, self.variables[variable].allowed))
                    .collect();
                let all = ranges.iter().fold([0, 0], |[least, most], range| [least + range[0], most + range[1]]);
                if !sum.within_reach(sum.base, all) {
                    return Err(Refusal::Sum { total: sum.total, least: sum.base + all[0], most: sum.base + all[1] });
                }
                for (variable, range) in ranges.iter().enumerate().filter(|&(variable, _)| sum.weights[variable] > 0) {
                    let rest = [all[0] - range[0], all[1] - range[1]];
                    let allowed = &mut self.variables[variable].allowed;
                    for letter in Letter::all() {
                        let may = *allowed & 1 << letter.index() != 0;
                        if may && !sum.within_reach(sum.base + sum.of(variable, letter), rest) {
                            *allowed &= !(1 << letter.index());
                            changed = true;
                        }
                    }
                    if *allowed == 0 {
                        let [least, most] = all.map(|end| sum.base + end);
                        return Err(Refusal::Sum { total: sum.total, least, most });
                    }
                }
                if changed {
                    break;
                }
            }
            if !changed {
                break;
            }
        }
        let variables = &self.variables;
        self.sums.retain(|sum| {
            let ranges = (0..variables.len()).map(|variable| sum.range(variable, variables[variable].allowed));
            let all = ranges.fold([0, 0], |[least, most], range| [least + range[0], most + range[1]]);
            !(sum.holds(sum.base + all[0]) && sum.holds(sum.base + all[1]))
        });
        Ok(())
    }

    /// The steps of the search, the places of variables and the classes of letters.
    fn prepare(&mut self) {
        let mut seen = vec![false; self.variables.len()];
        let mut steps = Vec::new();
        for (number, segment) in self.segments.iter().enumerate() {
            for (place, &cell) in segment.iter().enumerate() {
                let mut fresh = false;
                if let Cell::Variable(variable) = cell {
                    fresh = !std::mem::replace(&mut seen[variable as usize], true);
                    self.variables[variable as usize].places.push([number as u32, place as u32]);
                }
                let ends = place + 1 == segment.len();
                steps.push(Step { cell, begins: place == 0, read: true, ends, fresh });
            }
        }
        for variable in (0..self.variables.len()).filter(|&variable| !seen[variable]) {
            if self.sums.iter().any(|sum| sum.weights[variable] > 0) {
                let cell = Cell::Variable(variable as u32);
                steps.push(Step { cell, begins: false, read: false, ends: true, fresh: true });
            }
        }
        let mut spans: Vec<Option<[usize; 2]>> = vec![None; self.variables.len()];
        for (place, step) in steps.iter().enumerate() {
            if let Cell::Variable(variable) = step.cell {
                spans[variable as usize] = Some([spans[variable as usize].map_or(place, |[first, _]| first), place]);
            }
        }
        let repeated = (0..).zip(spans).filter_map(|(variable, span)| {
            let [first, last] = span?;
            (first < last).then_some(Repeated { variable, first, last })
        });
        self.repeated = repeated.collect();
        self.steps = steps;
        let mut classes: Vec<(Vec<u16>, Vec<i32>)> = Vec::new();
        for letter in Letter::all() {
            let column = (0..self.automaton.states() as u16).map(|state| self.automaton.next(state, letter)).collect();
            let values = self.sums.iter().map(|sum| sum.values[letter.index()]).collect();
            let profile = (column, values);
            let class = classes.iter().position(|known| *known == profile).unwrap_or_else(|| {
                classes.push(profile);
                classes.len() - 1
            });
            self.class[letter.index()] = class as u8;
        }
    }

    /// Whether each segment alone has a sequence without a motif, ties within it left aside.
    fn check_segments(&self, constraints: &Constraints, keys: &[Option<u32>]) -> Result<(), Refusal> {
        let allowed: Vec<u32> = self.variables.iter().map(|variable| variable.allowed).collect();
        for (number, segment) in constraints.segments.iter().enumerate() {
            let mut states = vec![false; self.automaton.states()];
            if let Some(first) = states.first_mut() {
                *first = true;
            }
            for &residue in segment {
                let letters = match self.variable_of[residue] {
                    Some(variable) => allowed[variable as usize],
                    None => keys[residue].unwrap_or(0),
                };
                let mut next = vec![false; states.len()];
                for state in (0..states.len()).filter(|&state| states[state]) {
                    for letter in Letter::all().filter(|letter| letters & 1 << letter.index() != 0) {
                        let to = self.automaton.next(state as u16, letter);
                        if to != DEAD {
                            next[usize::from(to)] = true;
                        }
                    }
                }
                states = next;
            }
            if !states.contains(&true) {
                return Err(Refusal::Segment(number));
            }
        }
        Ok(())
    }

    /// The class set of a set of letters, and the first letter of each class.
    pub(super) fn representatives(&self, letters: u32, first: Letter) -> u32 {
        let mut known: u32 = 0;
        let mut chosen = 0;
        let all = std::iter::once(first).chain(Letter::all());
        for letter in all.filter(|letter| letters & 1 << letter.index() != 0) {
            let class = 1 << self.class[letter.index()];
            if known & class == 0 {
                known |= class;
                chosen |= 1 << letter.index();
            }
        }
        chosen
    }

    /// Whether nothing is asked of the letters beyond which are allowed.
    pub(crate) fn is_trivial(&self) -> bool {
        self.sums.is_empty() && self.segments.is_empty()
    }

    /// The sums of a whole sequence, by variable.
    pub(crate) fn sums_of(&self, letters: &[Letter]) -> Vec<i32> {
        let of = |sum: &Sum| {
            sum.base + letters.iter().enumerate().map(|(variable, &letter)| sum.of(variable, letter)).sum::<i32>()
        };
        self.sums.iter().map(of).collect()
    }

    /// Whether a sequence that meets all goals and has these sums still does with another letter in one place.
    pub(crate) fn meets_with(&self, letters: &[Letter], sums: &[i32], variable: usize, letter: Letter) -> bool {
        let before = letters[variable];
        if self.class[before.index()] == self.class[letter.index()] {
            return true;
        }
        let change = |sum: &Sum| sum.of(variable, letter) - sum.of(variable, before);
        if !self.sums.iter().zip(sums).all(|(sum, &total)| sum.holds(total + change(sum))) {
            return false;
        }
        let at = |cell: &Cell| match *cell {
            Cell::Fixed(fixed) => fixed,
            Cell::Variable(other) if other as usize == variable => letter,
            Cell::Variable(other) => letters[other as usize],
        };
        self.variables[variable].places.iter().all(|&[segment, place]| {
            let (segment, place) = (&self.segments[segment as usize], place as usize);
            let reach = self.automaton.longest - 1;
            let window = place.saturating_sub(reach)..(place + reach + 1).min(segment.len());
            self.automaton.find(segment[window].iter().map(at)).is_none()
        })
    }
}

/// The letter of each residue without a variable, as a set.
fn variable_keys(variable_of: &[Option<u32>], native: &[Letter]) -> Vec<Option<u32>> {
    let key = |(variable, letter): (&Option<u32>, &Letter)| variable.is_none().then_some(1 << letter.index());
    variable_of.iter().zip(native).map(key).collect()
}
