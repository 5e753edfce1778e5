//! The search against all sequences of small proteins.

use super::goals::{Constraints, Motif, Total};
use super::motif::Automaton;
use super::problem::{Parts, Problem};
use super::search::Completion;
use crate::chemistry::{Letter, VOCABULARY};

fn letters(text: &str) -> Vec<Letter> {
    text.chars().map(|code| Letter::from_char(code).expect("a letter")).collect()
}

fn found(patterns: &[&str], text: &str) -> Option<usize> {
    let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    Automaton::of(&patterns).unwrap_or_else(|error| panic!("{patterns:?} {error}")).find(letters(text))
}

#[test]
fn motifs_are_found_as_regular_expressions_are() {
    for (pattern, text, end) in [
        ("N[^P][ST]", "AANGSA", Some(5)),
        ("N[^P][ST]", "AANPSA", None),
        ("N[^P][ST]", "NNTS", Some(3)),
        ("n[^p][st]", "NGS", Some(3)),
        ("N[^P][ST]", "NXT", Some(3)),
        ("KK|RR|KR", "AKAKRA", Some(5)),
        ("W.{1,3}W", "WAAAAWAW", Some(8)),
        ("W.{1,3}W", "WAAAAW", None),
        ("(?:DP){2}", "DPDAPDPDP", Some(9)),
        ("C.?C", "CAAC", None),
        ("C.?C", "CC", Some(2)),
        ("[KR][KR].[^P]", "KRAP", None),
        ("[KR][KR].[^P]", "KRAG", Some(4)),
        ("AA{0,2}G", "AAAAG", Some(5)),
    ] {
        assert_eq!(found(&[pattern], text), end, "{pattern} in {text}");
    }
    assert_eq!(found(&["GG", "AC"], "GACGG"), Some(3), "several at once");
}

#[test]
fn motifs_that_are_none_are_refused() {
    for (pattern, part) in [
        ("N+", "no bounded length"),
        ("N.*S", "no bounded length"),
        ("^M", "an anchor"),
        ("N[", "not a regular expression"),
        ("", "without any letter"),
        ("A?", "without any letter"),
        ("A{0,3}|C", "without any letter"),
        ("NB", "no letter of an amino acid"),
        ("[BJ]S", "no letter of an amino acid"),
        ("A{65}", "65 letters"),
        ("W.{40}W", "is too large"),
    ] {
        let error = Automaton::of(&[pattern.to_owned()]).expect_err(pattern);
        assert!(error.contains(part), "{pattern}: {error}");
    }
}

/// A small protein: letters in capitals are fixed; others name variables, which get one of `alphabet`.
struct Small {
    /// `aBc/ab`: the chains of variables and fixed letters.
    chains: &'static str,
    alphabet: &'static str,
    /// Value of letters, minimum, maximum.
    totals: Vec<(&'static str, i32, i32)>,
    motifs: Vec<&'static str>,
}

impl Small {
    fn problem(&self) -> Option<Problem> {
        let cells: Vec<char> = self.chains.chars().filter(|&code| code != '/').collect();
        let residues = cells.len();
        let mut names: Vec<char> = cells.iter().copied().filter(char::is_ascii_lowercase).collect();
        names.sort_unstable();
        names.dedup();
        let members: Vec<Vec<usize>> =
            names.iter().map(|name| (0..residues).filter(|&residue| cells[residue] == *name).collect()).collect();
        let (tied, _): (Vec<&Vec<usize>>, Vec<_>) = members.iter().partition(|members| members.len() > 1);
        let motifs: Vec<String> = self.motifs.iter().map(|&motif| motif.to_owned()).collect();
        let automaton = Automaton::of(&motifs).expect("motifs");
        let mut next = 0;
        let segments = self.chains.split('/').map(|chain| {
            next += chain.len();
            (next - chain.len()..next).collect()
        });
        let total = |&(letters, minimum, maximum): &(&str, i32, i32)| Total {
            field: "count",
            text: letters.to_owned(),
            subject: String::new(),
            residues: (0..residues).collect(),
            values: values(letters),
            minimum,
            maximum,
        };
        let constraints = Constraints {
            residues,
            totals: self.totals.iter().map(total).collect(),
            segments: if motifs.is_empty() { Vec::new() } else { segments.collect() },
            motifs: motifs.iter().map(|text| Motif { text: text.clone(), automaton: automaton.clone() }).collect(),
            automaton,
        };
        let native: Vec<Letter> = cells.iter().map(|&code| Letter::from_char(code).unwrap_or(Letter::X)).collect();
        let designed: Vec<bool> = cells.iter().map(char::is_ascii_lowercase).collect();
        let open = letters(self.alphabet).iter().fold(0, |set, letter| set | 1 << letter.index());
        let omitted = vec![!open; residues];
        let ties = tied.iter().map(|members| &members[..]).collect();
        Problem::new(&Parts {
            constraints: &constraints,
            native: &native,
            designed: &designed,
            omitted: &omitted,
            ties,
        })
        .ok()
    }

    /// All sequences of the variables that meet the goals, found by trying all; in the order of the problem's variables.
    fn solutions(&self, problem: &Problem) -> Vec<Vec<Letter>> {
        let alphabet = letters(self.alphabet);
        let count = problem.variables.len();
        let mut solutions = Vec::new();
        for number in 0..alphabet.len().pow(count as u32) {
            let mut rest = number;
            let chosen: Vec<Letter> = (0..count)
                .map(|_| {
                    let letter = alphabet[rest % alphabet.len()];
                    rest /= alphabet.len();
                    letter
                })
                .collect();
            let mut residue = 0;
            let mut sums = vec![0; self.totals.len()];
            let mut clean = true;
            for chain in self.chains.split('/') {
                let mut text = Vec::new();
                for code in chain.chars() {
                    let fixed = Letter::from_char(code).unwrap_or(Letter::X);
                    let letter = problem.variable_of[residue].map_or(fixed, |variable| chosen[variable as usize]);
                    text.push(letter);
                    for (sum, (of, ..)) in sums.iter_mut().zip(&self.totals) {
                        *sum += values(of)[letter.index()];
                    }
                    residue += 1;
                }
                let motifs: Vec<String> = self.motifs.iter().map(|&motif| motif.to_owned()).collect();
                clean &= motifs.is_empty() || Automaton::of(&motifs).expect("motifs").find(text).is_none();
            }
            if clean
                && sums.iter().zip(&self.totals).all(|(sum, (_, minimum, maximum))| (minimum..=maximum).contains(&sum))
            {
                solutions.push(chosen);
            }
        }
        solutions
    }
}

/// `±`: the charge; else 1 for each of the letters.
fn values(text: &str) -> [i32; VOCABULARY] {
    let mut values = [0; VOCABULARY];
    for letter in Letter::all() {
        values[letter.index()] =
            if text == "±" { letter.charge() } else { i32::from(text.contains(letter.to_char())) };
    }
    values
}

/// Sums, ties of several sizes, motifs, and all at once.
fn proteins() -> Vec<Small> {
    let small = |chains, alphabet, totals: &[(&'static str, i32, i32)], motifs: &[&'static str]| Small {
        chains,
        alphabet,
        totals: totals.to_vec(),
        motifs: motifs.to_vec(),
    };
    vec![
        small("abcdef", "AKE", &[("±", 2, 3)], &[]),
        small("abcKEdef", "KE", &[("±", -1, 1)], &[]),
        // Three copies each: sums are multiples of three, but for d.
        small("abcd/abc/abc", "AKE", &[("±", 4, 5)], &[]),
        small("aabbcccd", "AK", &[("K", 5, 5)], &[]),
        small("aaabbb", "AK", &[("K", 1, 2)], &[]),
        small("abcdef", "AKW", &[("±", 2, 9), ("K", 0, 3), ("W", 2, 3)], &[]),
        small("abcdef", "AKW", &[("K", 3, 4), ("W", 3, 3), ("A", 1, 2)], &[]),
        small("abcdef", "NGS", &[], &["N[^P][ST]"]),
        small("abNdeS", "NGSP", &[], &["N[^P][ST]", "GG"]),
        small("abcdef", "NSK", &[("±", 1, 2), ("N", 2, 2)], &["N[^P][ST]", "KK"]),
        // Ties within a chain, and across chains that differ.
        small("abcabc", "NS", &[("S", 2, 4)], &["NNS"]),
        small("abcd/Nbca", "NSG", &[], &["N.S", "GG"]),
        small("abcd/Nbca", "NSG", &[("G", 3, 3)], &["N.S"]),
        small("abcde", "KR", &[("K", 2, 3)], &["KK", "RR"]),
        small("abcde", "KR", &[("K", 4, 5)], &["KK"]),
    ]
}

#[test]
fn a_search_finds_a_sequence_where_there_is_one() {
    let mut met = 0;
    for small in proteins() {
        let name = format!("{} {:?} {:?}", small.chains, small.totals, small.motifs);
        let Some(problem) = small.problem() else {
            // What is refused at once has no solution: of all letters, since the problem is not there to try them on.
            let open = Small { totals: Vec::new(), motifs: Vec::new(), chains: small.chains, alphabet: small.alphabet };
            let free = open.problem().expect("a problem without goals");
            assert!(small.solutions(&free).is_empty(), "{name}");
            continue;
        };
        let solutions = small.solutions(&problem);
        let variables = problem.variables.len();
        // Every partial sequence of up to three letters, and every hint of one letter.
        let alphabet = letters(small.alphabet);
        let mut partial: Vec<Vec<Option<Letter>>> = vec![vec![None; variables]];
        for step in 0..3 {
            for known in partial.clone() {
                for place in (step..variables).step_by(2) {
                    for &letter in &alphabet {
                        let mut more = known.clone();
                        more[place] = Some(letter);
                        partial.push(more);
                    }
                }
            }
        }
        for known in partial {
            let fits = |solution: &&Vec<Letter>| {
                known.iter().zip(*solution).all(|(known, letter)| known.is_none_or(|known| known == *letter))
            };
            let narrow = |(known, variable): (&Option<Letter>, &super::problem::Variable)| {
                variable.allowed & known.map_or(u32::MAX, |letter| 1 << letter.index())
            };
            let allowed: Vec<u32> = known.iter().zip(&problem.variables).map(narrow).collect();
            let expected = solutions.iter().find(fits);
            for &hint in &alphabet {
                match problem.complete(&allowed, &vec![hint; variables], u64::MAX) {
                    Completion::Found(sequence) => {
                        assert!(solutions.contains(&sequence), "{name}: {sequence:?} for {known:?}");
                        assert!(fits(&&sequence), "{name}: {sequence:?} for {known:?}");
                        met += 1;
                    }
                    Completion::Impossible => assert_eq!(expected, None, "{name}: {known:?}"),
                    Completion::Unknown => panic!("{name}: {known:?}"),
                }
            }
        }
        // One letter more or less in a sequence that meets the goals.
        for solution in &solutions {
            let sums = problem.sums_of(solution);
            for variable in 0..variables {
                for &letter in &alphabet {
                    let mut other = solution.clone();
                    other[variable] = letter;
                    let expected = solutions.contains(&other);
                    assert_eq!(problem.meets_with(solution, &sums, variable, letter), expected, "{name}: {other:?}");
                }
            }
        }
    }
    assert!(met > 10_000, "{met}");
}
