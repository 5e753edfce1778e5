//! Motifs: regular expressions over letters, as automata that end in [`DEAD`] where a motif is complete.

use std::collections::BTreeMap;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::chemistry::{Letter, VOCABULARY};

/// The longest motif, letters.
const LONGEST: usize = 64;

/// The most states of an automaton.
const MOST_STATES: usize = 1024;

/// The state after a motif.
pub(crate) const DEAD: u16 = u16::MAX;

/// Reads a sequence letter by letter, beginning in state 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Automaton {
    /// The state that follows each state with each letter.
    next: Vec<[u16; VOCABULARY]>,
    /// The length of the longest motif.
    pub(crate) longest: usize,
}

impl Automaton {
    pub(crate) fn next(&self, state: u16, letter: Letter) -> u16 {
        self.next[usize::from(state)][letter.index()]
    }

    pub(crate) fn states(&self) -> usize {
        self.next.len()
    }

    /// The place just after the first motif in a sequence.
    pub(crate) fn find(&self, letters: impl IntoIterator<Item = Letter>) -> Option<usize> {
        let mut state = 0;
        for (place, letter) in letters.into_iter().enumerate() {
            state = self.next(state, letter);
            if state == DEAD {
                return Some(place + 1);
            }
        }
        None
    }

    /// The automaton of several motifs; the error is the end of a sentence about the text.
    pub(crate) fn of(texts: &[String]) -> Result<Automaton, String> {
        let mut network = Network::default();
        let start = network.state();
        let accept = network.state();
        let mut longest = 0;
        for text in texts {
            let motif = parsed(text)?;
            let Ends { last, length } = network.add(&motif, start)?;
            if network.closure(&[start]).contains(&last) {
                return Err("matches without any letter".to_owned());
            }
            if length > LONGEST {
                return Err(format!("is up to {length} letters long; {LONGEST} are the most"));
            }
            network.empty[last].push(accept);
            longest = longest.max(length);
        }
        Ok(Automaton { next: network.determined(start, accept)?, longest })
    }
}

fn parsed(text: &str) -> Result<Hir, String> {
    // Both cases of letters, as everywhere.
    let mut parser = ParserBuilder::new().case_insensitive(true).nest_limit(50).build();
    parser.parse(text).map_err(|error| {
        let reason = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => "it cannot be read".to_owned(),
        };
        format!("is not a regular expression of letters, as in N[^P][ST]: {reason}")
    })
}

/// A nondeterministic automaton.
#[derive(Default)]
struct Network {
    /// Sets of letters and where they lead, by state.
    edges: Vec<Vec<(u32, usize)>>,
    /// Where a state leads without a letter.
    empty: Vec<Vec<usize>>,
}

/// Where an expression ends, and how many letters it has at most.
struct Ends {
    last: usize,
    length: usize,
}

impl Network {
    fn state(&mut self) -> usize {
        self.edges.push(Vec::new());
        self.empty.push(Vec::new());
        self.edges.len() - 1
    }

    /// A state that follows with a letter of a set.
    fn step(&mut self, from: usize, letters: u32, shown: &str) -> Result<usize, String> {
        if letters == 0 {
            return Err(format!("never matches: {shown} holds no letter of an amino acid (ACDEFGHIKLMNPQRSTVWY)"));
        }
        let to = self.state();
        self.edges[from].push((letters, to));
        Ok(to)
    }

    fn add(&mut self, expression: &Hir, from: usize) -> Result<Ends, String> {
        if self.edges.len() > LONGEST * MOST_STATES {
            return Err("is too large".to_owned());
        }
        match expression.kind() {
            HirKind::Empty => Ok(Ends { last: from, length: 0 }),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                let mut last = from;
                for code in text.chars() {
                    let letters = Letter::from_char(code).map_or(0, |letter| 1 << letter.index());
                    last = self.step(last, letters, &code.to_string())?;
                }
                Ok(Ends { last, length: text.chars().count() })
            }
            HirKind::Class(class) => {
                let letters = Letter::all().filter(|letter| contains(class, letter.to_char()));
                let letters = letters.fold(0, |set, letter| set | 1 << letter.index());
                Ok(Ends { last: self.step(from, letters, "a set")?, length: 1 })
            }
            HirKind::Look(_) => {
                Err("has an anchor or a word boundary; a motif is letters, sets, groups and repeats".to_owned())
            }
            HirKind::Capture(group) => self.add(&group.sub, from),
            HirKind::Concat(parts) => {
                let mut ends = Ends { last: from, length: 0 };
                for part in parts {
                    let Ends { last, length } = self.add(part, ends.last)?;
                    ends = Ends { last, length: ends.length + length };
                }
                Ok(ends)
            }
            HirKind::Alternation(parts) => {
                let (end, mut longest) = (self.state(), 0);
                for part in parts {
                    let begin = self.state();
                    self.empty[from].push(begin);
                    let Ends { last, length } = self.add(part, begin)?;
                    self.empty[last].push(end);
                    longest = longest.max(length);
                }
                Ok(Ends { last: end, length: longest })
            }
            HirKind::Repetition(repeat) => {
                let Some(most) = repeat.max else {
                    return Err(
                        "has no bounded length: write {0,5} instead of * or +, with the most there may be".to_owned()
                    );
                };
                let mut ends = Ends { last: from, length: 0 };
                let end = self.state();
                for count in 0..most {
                    if count >= repeat.min {
                        self.empty[ends.last].push(end);
                    }
                    let Ends { last, length } = self.add(&repeat.sub, ends.last)?;
                    ends = Ends { last, length: ends.length + length };
                    if ends.length > LONGEST {
                        break;
                    }
                }
                self.empty[ends.last].push(end);
                Ok(Ends { last: end, length: ends.length })
            }
        }
    }

    /// All states that are reached without a letter, ascending.
    fn closure(&self, states: &[usize]) -> Vec<usize> {
        let mut reached = vec![false; self.edges.len()];
        let mut next = states.to_vec();
        while let Some(state) = next.pop() {
            if !std::mem::replace(&mut reached[state], true) {
                next.extend(&self.empty[state]);
            }
        }
        (0..reached.len()).filter(|&state| reached[state]).collect()
    }

    /// The deterministic automaton that finds a motif anywhere.
    fn determined(&self, start: usize, accept: usize) -> Result<Vec<[u16; VOCABULARY]>, String> {
        let first = self.closure(&[start]);
        let mut numbers = BTreeMap::from([(first.clone(), 0)]);
        let mut sets = vec![first];
        let mut table: Vec<[u16; VOCABULARY]> = Vec::new();
        while let Some(set) = sets.get(table.len()).cloned() {
            let mut row = [DEAD; VOCABULARY];
            for letter in Letter::all().map(Letter::index) {
                let edges = set.iter().flat_map(|&state| &self.edges[state]);
                let mut next: Vec<usize> =
                    edges.filter(|(letters, _)| letters & 1 << letter != 0).map(|&(_, to)| to).collect();
                next.push(start);
                let next = self.closure(&next);
                if next.contains(&accept) {
                    continue;
                }
                let number = *numbers.entry(next.clone()).or_insert_with(|| {
                    sets.push(next);
                    sets.len() - 1
                });
                if number >= MOST_STATES {
                    let more = format!("it takes more than {MOST_STATES} states to tell how much of it is there");
                    return Err(format!("is too large, alone or with the other motifs: {more}"));
                }
                row[letter] = number as u16;
            }
            table.push(row);
        }
        Ok(table)
    }
}

fn contains(class: &Class, code: char) -> bool {
    match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&code)),
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&(code as u8))),
    }
}
